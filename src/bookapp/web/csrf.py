"""Cross-site request forgery, refused without tokens.

Source: Go's net/http.CrossOriginProtection. A browser says where a request comes from (Sec-Fetch-Site, else Origin);
a client that says neither is no browser, so nobody's cookies or place in the network are being abused.
"""

from collections.abc import Callable
from urllib.parse import urlsplit

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def is_forged(method: str, header: Callable[[str], str | None], own_origin: str) -> bool:
    """Whether another site made a browser send this.

    `own_origin` is the configured base URL, or empty; a proxy may change Host, but not that.
    """
    if method in SAFE or (header("authorization") or "")[:7].lower() == "bearer ":
        return False
    site = header("sec-fetch-site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = header("origin")
    if origin is None or (own_origin and origin == own_origin):
        return False
    try:
        return urlsplit(origin).netloc.lower() != (header("host") or "").lower() or not urlsplit(origin).netloc
    except ValueError:
        return True
