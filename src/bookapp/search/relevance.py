"""How well a document fits, as one SQL expression over its folded text.

The steps are coarse on purpose: among books that fit equally well the better known come first, and that is decided
by whoever knows what a document is. The questions are nested, so that most documents are asked few of them.
"""

from collections.abc import Callable, Iterable, Sequence

from sqlalchemy import ColumnElement, Float, and_, case, cast, func, literal, or_

from bookapp.search.engine import Engine, Words
from bookapp.search.models import SearchDocument

_ARTICLES = ("", "the ", "a ", "an ")
_MOST_DETOURS = 9
"""Less than one step of the ladder, so that detours decide only between documents on the same step."""

_COLUMNS = SearchDocument.__table__.c
TITLE = (_COLUMNS.title,)
MAIN = (_COLUMNS.title, _COLUMNS.names)
ALL = (_COLUMNS.title, _COLUMNS.names, _COLUMNS.more)

Texts = Sequence[ColumnElement[str]]
Has = Callable[[Texts, str], ColumnElement[bool]]
"""Whether one of the texts has a word."""


def whole_titles(phrases: Iterable[str]) -> list[str]:
    """The titles, as stored, that say exactly what was asked, with or without an article that people leave out."""
    return [f" {article}{phrase} " for phrase in sorted(set(phrases)) if phrase for article in _ARTICLES]


def begins_word(engine: Engine) -> Has:
    """A test for a word that begins with the given one."""
    return lambda texts, word: or_(*(engine.position(text, f" {word}") > 0 for text in texts))


def is_word(engine: Engine) -> Has:
    """A test for exactly the given word."""
    return lambda texts, word: or_(*(engine.position(text, f" {word} ") > 0 for text in texts))


def has_all(texts: Texts, words: Words, has: Has) -> ColumnElement[bool]:
    """That one of the texts has one of the alternatives, for every word."""
    return and_(*(or_(*(has(texts, word) for word in either)) for either in words))


def relevance(engine: Engine, words: Words, phrases: Sequence[str]) -> ColumnElement[float]:
    """The step that a document stands on (whole title 60, more than title and names 10), less its detours."""
    whole, begun = is_word(engine), begins_word(engine)
    titles = whole_titles(phrases)
    title = SearchDocument.title
    in_title = case(
        (title.in_([f" {phrase} " for phrase in phrases]), 60),
        (title.in_(titles), 55),
        (or_(*(_starts(start) for start in titles)), 50),
        (has_all(TITLE, words, whole), 40),
        (has_all(MAIN, words, whole), 30),
        (or_(*(_starts(start.rstrip()) for start in titles)), 28),
        else_=26,
    )
    step = case(
        (has_all(TITLE, words, begun), in_title),
        (has_all(MAIN, words, begun), case((has_all(MAIN, words, whole), 30), else_=22)),
        (has_all(ALL, words, whole), 15),
        else_=10,
    )
    return cast(step - _detours(words, begun), Float)


def _starts(start: str) -> ColumnElement[bool]:
    return func.substr(SearchDocument.title, 1, len(start)) == start


def _detours(words: Words, has: Has) -> ColumnElement[int]:
    """How far from what was typed the words lie that a document has."""
    total: ColumnElement[int] = literal(0)
    for either in words:
        if len(either) > 1:
            total = total + case(*((has(ALL, word), n) for n, word in enumerate(either)), else_=len(either))
    return case((total > _MOST_DETOURS, _MOST_DETOURS), else_=total) if len(words) > 1 else total
