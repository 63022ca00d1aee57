"""Which of the three answers a request wants. Pure, so that the guard can ask before Quart is entered."""

from collections.abc import Callable
from functools import lru_cache
from typing import Literal

Wanted = Literal["page", "fragment", "json"]
API_DOOR = "/api/v1"


def wanted(header: Callable[[str], str | None], api_door: bool) -> Wanted:
    """Choose the answer from the request's headers; the first rule that fits wins.

    `header` looks a lower-case name up; `api_door` says that the path began with `/api/v1`.
    """
    if header("hx-request") == "true":
        whole = (
            header("hx-request-type") == "full"
            or header("hx-boosted") == "true"
            or header("hx-history-restore-request") == "true"
        )
        # htmx sends `Accept: */*`; a boosted link or the Back button still wants the document.
        return "page" if whole else "fragment"
    if api_door or (header("authorization") or "")[:7].lower() == "bearer ":
        return "json"
    return _by_accept(header("accept") or "")


@lru_cache(maxsize=512)
def _by_accept(accept: str) -> Wanted:
    html = _quality(accept, "text/html")
    return "page" if html > 0 and html >= _quality(accept, "application/json") else "json"


def _quality(accept: str, kind: str) -> float:
    """The q of the entry that names `kind`, a little less for each place further back; 0 when none names it."""
    for place, entry in enumerate(accept.split(",")[:40]):
        name, *parameters = (part.strip().lower() for part in entry.split(";"))
        if name == kind:
            q = next((p[2:] for p in parameters if p.startswith("q=")), "1")
            try:
                return max(0.0, min(1.0, float(q)) - place * 1e-6)
            except ValueError:
                return 0.0
    return 0.0
