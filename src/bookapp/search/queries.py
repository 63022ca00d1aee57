"""Asking: what was meant, and which documents are meant by it."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import CTE, ColumnElement, Select, Subquery, case, func, literal, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.search import relevance as fit
from bookapp.search import rules
from bookapp.search.documents import folded
from bookapp.search.engine import Condition, Engine, Ids, Words, narrowed_to
from bookapp.search.engines import engine_for
from bookapp.search.models import SearchDocument, SearchWord, SearchWordKey

WINDOW = 1000
"""How many matches are ranked at a time. Bounds the work of one page, whatever the catalogue's size."""
_ID = SearchDocument.__table__.c.id
_TITLE = SearchDocument.__table__.c.title
_LAST_ID = 2**63 - 2
_FEW = 3
"""With fewer matches than this, perhaps something else was meant."""
_MOST_KNOWN = 500
_MOST_WHOLE_TITLES = 100
_MOST_LISTED = 5000
"""Up to so many ids, a filter is gone through itself; a larger one is asked for each match."""


@dataclass(frozen=True, slots=True)
class Understood:
    """A query as it is searched: for every word its alternatives, all folded, what was typed first."""

    words: tuple[tuple[str, ...], ...]
    asked: str
    searched_for: str
    did_you_mean: str | None


async def understand(db: AsyncSession, q: str) -> Understood | None:
    """Read a query; None when it is blank. Any string is legal, and at most 4 statements are sent."""
    asked = _printable(q)
    if not asked:
        return None
    words = rules.words_of(asked)
    typed = Understood(tuple((word,) for word in words), asked, asked, None)
    if not words:
        return typed
    engine = engine_for(db.get_bind().dialect.name)
    count, is_titled = await _glance(db, engine, typed)
    if count >= _FEW or is_titled:
        return typed
    known = await _known(db, words)
    if count == 0:
        return await _corrected(db, engine, typed, known) or await _respaced(db, engine, typed, known) or typed
    return await _doubted(db, engine, typed, known, count)


def _printable(q: str) -> str:
    kept = "".join(
        c for c in q[: rules.MOST_CHARACTERS] if unicodedata.category(c) != "Cs" and (c.isprintable() or c.isspace())
    )
    return " ".join(kept.split())


async def _glance(db: AsyncSession, engine: Engine, typed: Understood) -> tuple[int, bool]:
    """How many documents have what was typed, as far as that matters, and whether it is the title of one."""
    some = select(func.count()).select_from(engine.some(typed.words, _FEW).subquery())
    titled = select(_ID).where(_TITLE.in_(fit.whole_titles([folded(typed.asked)]))).exists()
    count, is_titled = (await db.execute(select(some.scalar_subquery(), titled))).one()
    return count, bool(is_titled)


async def _known(db: AsyncSession, words: Sequence[str]) -> set[str]:
    """Known words that one of `words` may be a misspelling of, or that it is made of."""
    looked_for = [
        select(SearchWordKey.word)
        .distinct()
        .where(SearchWordKey.key.in_(sorted(rules.keys_of(word))))
        .where(func.length(SearchWordKey.word).between(len(word) - 2, len(word) + 2))
        .order_by(SearchWordKey.word)
        .limit(_MOST_KNOWN)
        for word in words
        if rules.is_correctable(word)
    ]
    looked_for.append(select(SearchWord.word).where(SearchWord.word.in_(sorted(rules.respacings(words)))))
    return set(await db.scalars(union_all(*(select(part.subquery().c.word) for part in looked_for))))


async def _corrected(db: AsyncSession, engine: Engine, typed: Understood, known: set[str]) -> Understood | None:
    """What is found when misspelt words are read as known ones; nothing was found as typed."""
    words = tuple((word, *_closest(word, known)) for (word,) in typed.words)
    meant = await _best_reading(db, engine, words)
    if meant is None:
        return None
    best_first = zip(words, meant, strict=True)
    words = tuple(tuple(dict.fromkeys((either[0], word, *either[1:]))) for either, word in best_first)
    return replace(typed, words=words, searched_for=" ".join(meant))


async def _respaced(db: AsyncSession, engine: Engine, typed: Understood, known: set[str]) -> Understood | None:
    """What is found when a space was missing or too many."""
    words = rules.respaced([word for (word,) in typed.words], known)
    if words is None or not await db.scalar(engine.some([(word,) for word in words], 1)):
        return None
    return replace(typed, words=tuple((word,) for word in words), searched_for=" ".join(words))


async def _doubted(db: AsyncSession, engine: Engine, typed: Understood, known: set[str], count: int) -> Understood:
    """As typed, but with a question when words near by find more."""
    words = tuple((word, *_closest(word, known)) for (word,) in typed.words)
    meant = await _best_reading(db, engine, words, beyond=count)
    return replace(typed, did_you_mean=" ".join(meant)) if meant else typed


def _closest(word: str, known: set[str]) -> tuple[str, ...]:
    return rules.closest(word, known) if rules.is_correctable(word) else ()


async def _best_reading(db: AsyncSession, engine: Engine, words: Words, *, beyond: int = 0) -> tuple[str, ...] | None:
    """One alternative for each word, not all as typed, that more than `beyond` documents have.

    It is the most likely combination, and of equally likely ones the most frequent.
    """
    if all(len(either) == 1 for either in words):
        return None
    hits = engine.matches(words, WINDOW).subquery()
    chosen = [_choice(engine, either).label(f"choice{n}") for n, either in enumerate(words)]
    read = select(*chosen).join(hits, hits.c.id == SearchDocument.id).subquery()
    rows = await db.execute(select(*read.c, func.count()).group_by(*read.c))
    readings = []
    for *choices, count in rows:
        if min(choices) >= 0 and any(choices) and count > beyond:
            meant = tuple(either[choice] for either, choice in zip(words, choices, strict=True))
            unlikeness = sum(rules.unlikeness(either[0], word) for either, word in zip(words, meant, strict=True))
            readings.append((unlikeness, -count, meant))
    return min(readings)[2] if readings else None


def _choice(engine: Engine, either: Sequence[str]) -> ColumnElement[int]:
    """Which alternative a document has: what was typed as a beginning, what was not as a whole word; -1 for none."""
    if len(either) == 1:
        return literal(0)
    begun, whole = fit.begins_word(engine), fit.is_word(engine)
    others = ((whole(fit.ALL, word), n) for n, word in enumerate(either[1:], start=1))
    return case((begun(fit.ALL, either[0]), 0), *others, else_=-1)


def window(dialect: str, understood: Understood, *, after: int = 0, only: Ids | None = None) -> Subquery:
    """The first WINDOW matches with an id above `after`: columns `id`, `relevance` and `place`.

    `only` is a plain SELECT of one id column, without LIMIT, to which the matches are narrowed.
    The first window (`after=0`) also has documents whose whole title is what was asked, even if their id comes later;
    they have `place` 0, all others have `place` = id. Later windows leave them out.
    """
    engine = engine_for(dialect)
    after = min(after, _LAST_ID)
    if not understood.words:
        nothing = select(SearchDocument.id, literal(0.0).label("relevance"), SearchDocument.id.label("place"))
        return nothing.where(literal(False)).subquery("found")
    phrases = sorted({folded(understood.asked), folded(understood.searched_for)})
    titled = _whole_titles(phrases, only).cte("titled")
    hits = _hits(engine, understood.words, after, only, titled).cte("hit")
    found = select(hits.c.id, hits.c.id.label("place"))
    if after == 0:
        early = select(titled.c.id, literal(0)).where(titled.c.id.not_in(select(hits.c.id)))
        found = found.union_all(early)  # type: ignore[assignment]
    places = found.subquery("places")
    score = fit.relevance(engine, understood.words, phrases).label("relevance")
    return (
        select(SearchDocument.id, score, places.c.place)
        .join(places, places.c.id == SearchDocument.id)
        .subquery("found")
    )


def next_window(found: Subquery) -> Select[int | None]:
    """One row: the `after` of the window that follows `found`, or NULL when nothing follows."""
    place: ColumnElement[int] = found.c.place
    full = func.sum(case((place > 0, 1), else_=0)) == WINDOW
    return select(case((full, func.max(place)), else_=None))


def _whole_titles(phrases: Sequence[str], only: Ids | None) -> Ids:
    titled: Ids = select(SearchDocument.id).where(SearchDocument.title.in_(fit.whole_titles(phrases)))
    if only is not None:
        titled = titled.where(narrowed_to(only, _ID))
    return titled.order_by(SearchDocument.id).limit(_MOST_WHOLE_TITLES)


def _hits(engine: Engine, words: Words, after: int, only: Ids | None, titled: CTE) -> Ids:
    conditions: list[Condition] = []
    if after:
        conditions.append(lambda id_: id_.not_in(select(titled.c.id)))
    if only is None:
        return engine.matches(words, WINDOW, after=after, conditions=conditions)
    # A narrow filter is gone through itself: else "the" by one author would be asked for in every book with "the".
    listed = only.limit(_MOST_LISTED + 1).cte("listed")
    is_short = select(func.count()).select_from(listed).scalar_subquery() <= _MOST_LISTED
    among = (
        select(SearchDocument.id)
        .where(is_short, SearchDocument.id.in_(select(listed.c.id)), SearchDocument.id > after)
        .where(fit.has_all(fit.ALL, words, fit.begins_word(engine)), *(one(_ID) for one in conditions))
        .order_by(SearchDocument.id)
        .limit(WINDOW)
        .subquery("among")
    )
    conditions += [lambda id_: narrowed_to(only, id_), lambda _: ~is_short]
    streamed = engine.matches(words, WINDOW, after=after, conditions=conditions).subquery("streamed")
    return select(select(among.c.id).union_all(select(streamed.c.id)).subquery("hits").c.id)
