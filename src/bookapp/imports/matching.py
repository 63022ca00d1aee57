"""Which book a row of a file is about: certain, doubtful, or none that is here."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import fuzz

from bookapp.books import rules
from bookapp.core.text import fold, name_key, sort_key
from bookapp.imports.told import BookTold

CERTAIN, LIKELY = 97.0, 85.0
"""How alike two titles of one author are, of 100, to be the same for sure, or perhaps."""
CANDIDATES = 6
"""As many as a person likes to compare."""
_AGREES = 60.0
_AUTHORS = 3
_BRACKETS = re.compile(r"\s*[(\[][^()\[\]]*[)\]]\s*$")
_NUMBERS = re.compile(r"\d+|\b[ivx]{2,}\b")


@dataclass(frozen=True, slots=True)
class Title:
    """A title as it is compared: folded, without what stands in brackets at its end."""

    whole: str
    short: str | None
    """Without the subtitle, where there is one."""

    @property
    def keys(self) -> tuple[str, ...]:
        """Both, to be looked up."""
        return (self.whole,) if self.short is None else (self.whole, self.short)


@lru_cache(maxsize=10_000)
def title_of(text: str) -> Title:
    """Prepare a title."""
    bare = _BRACKETS.sub("", text) or text
    head, colon, _tail = bare.partition(":")
    short = sort_key(head) if colon and len(fold(head)) > 2 else None
    return Title(sort_key(bare), short)


@dataclass(frozen=True, slots=True)
class Known:
    """A book that is here, as it is compared."""

    id: int
    title: Title
    authors: tuple[str, ...]
    year: int | None


def known(book_id: int, title: str, authors: Iterable[str], year: int | None) -> Known:
    """Prepare a book."""
    return Known(book_id, title_of(title), tuple(authors), year)


@dataclass(frozen=True, slots=True)
class Match:
    """What was found: the book, or candidates of which nobody knows yet, or neither."""

    book_id: int | None = None
    candidates: tuple[int, ...] = ()
    is_doubtful: bool = False
    reason: str = ""


NEW = Match()
DELETED = Match(is_doubtful=True, reason="This book was here, and was deleted from the catalogue.")
ALIKE = "A book here looks like it."
OTHER = "The number is that of a book here that has another title and another author."


@lru_cache(maxsize=10_000)
def author_prefix(name: str) -> str:
    """How an author's place in the alphabet begins: the surname and the first letter of what else there is."""
    return beginning(rules.author_sort(name))


def beginning(author_sort: str) -> str:
    """The same of a place in the alphabet."""
    surname, _, rest = author_sort.partition(" ")
    return f"{surname} {rest[:1]}" if rest else surname


def decide(told: BookTold, candidates: Sequence[Known]) -> Match:
    """Find the book that `told` is about, by title and author, among those that come into question."""
    title = title_of(told.title)
    sure: dict[int, list[int]] = {}
    maybe: list[tuple[float, int]] = []
    for book in candidates:
        alike = _alike(title, book.title)
        same, near = _same_author(told.authors, book.authors)
        if same and alike >= CERTAIN:
            rank = 0 if alike > 100 else 1
            if rank and not _same_year(told, book):
                maybe.append((alike, book.id))
            else:
                sure.setdefault(rank, []).append(book.id)
        elif (same and alike >= LIKELY) or (near and alike >= CERTAIN):
            maybe.append((alike + (1 if same else 0), book.id))
    best = sure[min(sure)] if sure else []
    if len(best) == 1:
        return Match(book_id=best[0])
    likeliest = sorted(best) + [book_id for _alike, book_id in sorted(maybe, key=lambda one: (-one[0], one[1]))]
    return Match(candidates=tuple(likeliest[:CANDIDATES]), is_doubtful=True, reason=ALIKE) if likeliest else NEW


def agrees(told: BookTold, book: Known) -> bool:
    """Whether a row whose number leads to a book can be about it: numbers are mistyped, and files can lie."""
    if not told.title:
        return True
    if _same_author(told.authors, book.authors)[0]:
        return True
    return fuzz.token_set_ratio(title_of(told.title).whole, book.title.whole) >= _AGREES


def _alike(one: Title, other: Title) -> float:
    """How alike two titles are, to 100; 101 when they are the same."""
    if one.whole == other.whole:
        return 101.0
    # One of the two may lack the subtitle; two subtitles that differ tell two volumes apart.
    if one.whole == other.short or other.whole == one.short:
        return 100.0
    if sorted(_NUMBERS.findall(one.whole)) != sorted(_NUMBERS.findall(other.whole)):
        return 0.0
    return fuzz.ratio(one.whole, other.whole)


def _same_year(told: BookTold, book: Known) -> bool:
    years = [year for year in (told.year, told.edition_year) if year is not None]
    return book.year is None or not years or any(abs(year - book.year) <= 1 for year in years)


def _same_author(told: Sequence[str], here: Sequence[str]) -> tuple[bool, bool]:
    """Whether one of the authors is the same for sure, and whether it may be. A row without one may be by anybody."""
    if not told:
        return False, True
    near = False
    for one in told[:_AUTHORS]:
        for other in here:
            if name_key(one) == name_key(other) or _same_name(fold(one).split(), fold(other).split()):
                return True, True
            near = near or fuzz.token_sort_ratio(fold(one), fold(other)) >= LIKELY
    return False, near


def _same_name(one: list[str], other: list[str]) -> bool:
    """Whether two names are the same but for their order, initials, or given names that one of them leaves out."""
    if not one or not other:
        return False
    if sorted(one) == sorted(other):
        return True
    if one[-1] != other[-1] or min(len(one), len(other)) < 2:
        return False
    return all(_same_word(a, b) for a, b in zip(one[:-1], other[:-1], strict=False))


def _same_word(one: str, other: str) -> bool:
    return one == other or (min(len(one), len(other)) == 1 and one[0] == other[0])
