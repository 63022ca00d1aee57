"""Both engines give the same documents for the same query, and neither minds what is typed."""

import random
from collections.abc import AsyncIterator
from dataclasses import astuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bookapp.core.db import Database
from bookapp.search.documents import Document
from bookapp.search.queries import understand
from tests.databases import PostgresCopies, SqliteCopies
from tests.search.finding import fill, ids_of, meant, ranked
from tests.search.shelf import SHELF

_WORDS = [word for d in SHELF for word in f"{d.title} {d.names} {d.more}".split()]
_ODD = [
    "1e5",
    "5e3x",
    "-7",
    "1.2.3",
    "v1.0",
    "a@b.org",
    "http://x.org/y",
    "㎆",
    "ﬁn",
    "İz",
    "ß",
    "𞤀𞤁",
    "𐓏",
    "คำ",
    "שלום",
]
_PIECES = [*"\"'*():^-{}\\%_&|!#", "NEAR(", " AND ", " OR ", " NOT ", "<->", "'; DROP TABLE book; --", "\0", "\ud800"]
_PIECES += ["🐉", "é", "שלום", "\u202e", "森", "ha", "harry", "1e5", "x" * 60, "\n", " ", "ﷺ"]
_TYPED = st.one_of(st.text(), st.lists(st.sampled_from(_PIECES), max_size=12).map("".join))


@pytest.fixture(scope="module")
async def both(sqlite_copies: SqliteCopies, postgres_copies: PostgresCopies) -> AsyncIterator[list[Database]]:
    chance = random.Random(11)
    vocabulary = sorted({*_WORDS, *_ODD})
    made = [
        Document(id_, *(" ".join(chance.choices(vocabulary, k=chance.randint(0, most))) for most in (6, 3, 4)))
        for id_ in sorted(chance.sample(range(100, 60_000), 3000))
    ]
    databases = [Database(await sqlite_copies.fresh()), Database(await postgres_copies.fresh())]
    for db in databases:
        await fill(db, [*SHELF, *made])
    yield databases
    await databases[0].close()
    await databases[1].close()
    await sqlite_copies.drop(databases[0].url)
    await postgres_copies.drop(databases[1].url)


def _slip(word: str, chance: random.Random) -> str:
    at = chance.randrange(len(word))
    return chance.choice(
        (word, word[: at + 1], word[:at] + word[at + 1 :], word[:at] + word[at : at + 2][::-1] + word[at + 2 :])
    )


async def test_both_engines_answer_alike(both: list[Database]) -> None:
    chance = random.Random(5)
    for _ in range(200):
        q = " ".join(_slip(word, chance) for word in chance.choices([*_WORDS, *_ODD], k=chance.randint(1, 3)))
        answers = []
        after = chance.choice((0, 0, 20_000))
        for db in both:
            async with db.reading() as session:
                understood = await understand(session, q)
                assert understood is not None, q
                rows = await ranked(session, understood, after=after)
            answers.append((astuple(understood), [tuple(row) for row in rows]))
        assert answers[0] == answers[1], q


@pytest.mark.parametrize("odd", _ODD)
async def test_odd_words_are_found_by_both(both: list[Database], odd: str) -> None:
    found = [await ids_of(db, odd) for db in both]
    assert found[0] == found[1]
    assert found[0]


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(typed=_TYPED)
async def test_any_string_may_be_typed(both: list[Database], typed: str) -> None:
    found = []
    for db in both:
        async with db.reading() as session:
            understood = await understand(session, typed)
            rows = await ranked(session, understood) if understood else ()
        if understood:
            understood.asked.encode()
        found.append((understood, [tuple(row) for row in rows]))
    assert found[0] == found[1]


@pytest.mark.parametrize(
    "typed", ["x" * 10_000, "\0" * 10_000, "🐉" * 10_000, "harry " * 2000, '"' * 10_000, "森" * 10_000]
)
async def test_long_strings_may_be_typed(both: list[Database], typed: str) -> None:
    for db in both:
        if typed.strip("\0"):
            assert len((await meant(db, typed)).words) <= 12
            await ids_of(db, typed)
