"""Reviews of places that write them in HTML: there, text without a tag is no Markdown either."""

from datetime import datetime

from bookapp.imports.formats import values
from bookapp.imports.formats.row import LONGEST_TEXT, Row
from bookapp.shelves.told import ReviewTold


def html_review(
    row: Row, name: str, *, is_spoiler: bool = False, written_at: datetime | None = None
) -> ReviewTold | None:
    """The review in a cell; one that is too long is cut, and kept as it is besides."""
    text = row.text(name)
    made = values.markdown_of(text) if text else ""
    if not made:
        return None
    if len(made) > LONGEST_TEXT:
        row.remark(f"{name}: only the first {LONGEST_TEXT:,} characters became your review.")
        row.keep(name)
    return ReviewTold(text=values.clipped_markdown(made, LONGEST_TEXT), is_spoiler=is_spoiler, written_at=written_at)
