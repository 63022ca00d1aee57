"""Decisions of scanning that need no database."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode

from bookapp.books.rules import book_url, isbn13
from bookapp.scanning.results import Came, ScanLine
from bookapp.shelves.rules import STATES, TITLES

MOST = 100
"""So many ISBNs are taken at once."""
LONGEST = 60
"""Characters of one of them, with all that may stand around its digits."""
PAGE, FETCHING = "/scan", "/admin/covers"
_LABEL = re.compile(r"^\s*(?:isbn|ean)(?:[-\s]?1[03])?\s*[:=]?\s*(?=[0-9])", re.IGNORECASE)
_KEPT_WRONG = 20
_MARKS = {"s": (True, False), "o": (False, True), "b": (True, True)}
"""What was done with a book, as one letter of an address: put on the shelf, marked as owned, both."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One thing that was sent: an ISBN of thirteen digits, or what is wrong with it."""

    sent: str
    isbn: str | None
    problem: str | None = None
    is_again: bool = False
    """Whether the same ISBN stands further up."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be done with the books: onto which shelf, by slug and name, and whether they are one's own."""

    shelf: str | None = None
    name: str = ""
    is_owned: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a book stands with a person already."""

    state: str | None = None
    is_owned: bool = False
    shelves: Mapping[str, str] = field(default_factory=dict)
    """Own shelves, name by slug."""


@dataclass(frozen=True, slots=True)
class Deed:
    """What is done with a book, or was."""

    put: bool = False
    own: bool = False


def parts(text: str) -> list[str]:
    """What was typed or pasted, one ISBN each: they stand on lines of their own, or with commas or blanks between."""
    found: list[str] = []
    for piece in re.split(r"[\n\r,;\t|]+", text):
        words = piece.split()
        # An ISBN may be written in groups with blanks; when each word is one by itself, there are several.
        are_several = len(words) > 1 and all(len(re.sub(r"\D", "", word)) >= 9 for word in words)
        found += words if are_several else [piece.strip()]
    return [piece for piece in found if piece]


def read(sent: Iterable[str]) -> list[Piece]:
    """The ISBN of each thing that was sent, and which come a second time."""
    pieces: list[Piece] = []
    seen: set[str] = set()
    for text in sent:
        try:
            isbn = isbn13(_LABEL.sub("", text))
        except ValueError as error:
            pieces.append(Piece(text, None, f"{text} {_problem(text, str(error))}."))
            continue
        pieces.append(Piece(text, isbn, is_again=isbn in seen))
        seen.add(isbn)
    return pieces


def _problem(text: str, found: str) -> str:
    digits = re.sub(r"[\s-]", "", text)
    if re.fullmatch(r"[0-9]{13}", digits, re.ASCII) and digits[:3] not in ("978", "979"):
        return "is the barcode of something else: those of books begin with 978 or 979"
    return "is no ISBN: those have 10 or 13 digits" if found.startswith("must") else found


def to_do(wish: Wish, standing: Standing) -> Deed:
    """What a wish asks for that is not so yet. A book on one of the four shelves is never moved to another by this."""
    if wish.shelf in STATES:
        put = standing.state is None
    else:
        put = wish.shelf is not None and wish.shelf not in standing.shelves
    return Deed(put, wish.is_owned and not standing.is_owned)


def came_of(deed: Deed, standing: Standing) -> Came:
    """What came of a book that is in the catalogue."""
    if deed.put or deed.own:
        return "added"
    return "known" if standing.state or standing.shelves or standing.is_owned else "found"


def says(title: str, deed: Deed, wish: Wish, standing: Standing) -> str:
    """What came of it, as a sentence."""
    name = title if len(title) <= 80 else f"{title[:79]}…"
    if deed.put:
        return f"{name} is on {wish.name} now{', and marked as yours' if deed.own else ''}."
    place = TITLES[standing.state] if standing.state else next(iter(standing.shelves.values()), None)
    if deed.own:
        return f"{name} is marked as yours now{f'; it is on {place} already' if place else ''}."
    if place:
        return f"{name} is on your shelf {place} already."
    return f"{name} is marked as yours already." if standing.is_owned else f"{name} is here, and on no shelf of yours."


def isbn_url(isbn: str) -> str:
    """Where an ISBN is looked up alone."""
    return f"/isbn/{quote(isbn)}"


def search_url(book_id: int) -> str:
    """Where the cover of a book is asked for outside."""
    return f"{book_url(book_id)}/cover/search"


def page_url(items: Sequence[ScanLine], shelf: str | None, is_owned: bool) -> str:
    """The page that shows again what came of a list: what was sent, and what was done with which of it."""
    letters = {done: letter for letter, done in _MARKS.items()}
    done = [
        f"{place}{letters[line.shelf is not None, line.is_owned]}"
        for place, line in enumerate(items)
        if line.state == "added"
    ]
    sent = [line.isbn or re.sub(r"[^0-9A-Za-z-]", "", line.sent)[:_KEPT_WRONG] for line in items]
    told = {"isbns": ".".join(sent), "done": ".".join(done), "shelf": shelf or "", "is_owned": "on" if is_owned else ""}
    return f"{PAGE}?{urlencode({name: value for name, value in told.items() if value})}"


def deeds(text: str) -> dict[int, Deed]:
    """What was done with which line, out of the address that `page_url` made; what is not of it is left out."""
    marks = re.findall(r"(?:^|\.)([0-9]{1,2})([sob])(?=\.|$)", text, re.ASCII)
    return {int(place): Deed(*_MARKS[letter]) for place, letter in marks}
