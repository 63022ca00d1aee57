"""A link as a picture for phones."""

import segno
from markupsafe import Markup


def qr_code(link: str) -> Markup:
    """`link` as an inline SVG without styles: black on white in every theme, with the border that scanners need."""
    picture = segno.make(link, error="m", micro=False)
    return Markup(  # noqa: S704  # drawn from the bits of the link, not from its text
        picture.svg_inline(scale=5, border=4, dark="#000", light="#fff", svgclass="qr", lineclass="", title="QR code")
    )
