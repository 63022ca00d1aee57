"""How well a document fits, as one SQL expression over its folded text.

The steps are coarse on purpose: among books that fit equally well the better known come first, and that is decided
by whoever knows what a document is.
"""

from collections.abc import Callable, Iterable, Sequence

from sqlalchemy import ColumnElement, Float, and_, case, cast, func, literal, or_

from bookapp.search.engine import Engine, Words
from bookapp.search.models import SearchDocument

_ARTICLES = ("the ", "a ", "an ")
_MOST_DETOURS = 9
"""Less than one step, so that detours only decide within it."""

# Words stand between spaces: " war" begins a word and " war " is one.
TITLE: ColumnElement[str] = literal(" ") + SearchDocument.title + literal(" ")
MAIN: ColumnElement[str] = TITLE + literal("  ") + SearchDocument.names + literal(" ")
ALL: ColumnElement[str] = MAIN + literal(" ") + SearchDocument.more + literal(" ")

Has = Callable[[ColumnElement[str], str], ColumnElement[bool]]


def whole_titles(phrases: Iterable[str]) -> list[str]:
    """The titles that say exactly what was asked, with or without the article that people leave out."""
    return [article + phrase for phrase in sorted(set(phrases)) if phrase for article in ("", *_ARTICLES)]


def begins_word(engine: Engine) -> Has:
    """A test whether a text has a word that begins with the given one."""
    return lambda text, word: engine.position(text, f" {word}") > 0


def is_word(engine: Engine) -> Has:
    """A test whether a text has exactly the given word."""
    return lambda text, word: engine.position(text, f" {word} ") > 0


def has_all(text: ColumnElement[str], words: Words, has: Has) -> ColumnElement[bool]:
    """That `text` has one of the alternatives of every word."""
    return and_(*(or_(*(has(text, word) for word in either)) for either in words))


def relevance(engine: Engine, words: Words, phrases: Sequence[str]) -> ColumnElement[float]:
    """The step that a document stands on (whole title 60, more than title and names 10), less its detours."""
    whole, begun = is_word(engine), begins_word(engine)
    titles = whole_titles(phrases)
    step = case(
        (SearchDocument.title.in_([phrase for phrase in phrases if phrase]), 60),
        (SearchDocument.title.in_(titles), 55),
        (or_(*(_starts(TITLE, f" {title} ") for title in titles)), 50),
        (has_all(TITLE, words, whole), 40),
        (has_all(MAIN, words, whole), 30),
        (or_(*(_starts(TITLE, f" {title}") for title in titles)), 28),
        (has_all(TITLE, words, begun), 26),
        (has_all(MAIN, words, begun), 22),
        (has_all(ALL, words, whole), 15),
        else_=10,
    )
    return cast(step - _detours(words, begun), Float)


def _starts(text: ColumnElement[str], start: str) -> ColumnElement[bool]:
    return func.substr(text, 1, len(start)) == start


def _detours(words: Words, has: Has) -> ColumnElement[int]:
    """How far from what was typed the words lie that a document has."""
    total: ColumnElement[int] = literal(0)
    for either in words:
        if len(either) > 1:
            total = total + case(*((has(ALL, word), n) for n, word in enumerate(either)), else_=len(either))
    return case((total > _MOST_DETOURS, _MOST_DETOURS), else_=total) if len(words) > 1 else total
