"""Reading the catalogue: every sort, filter, facet and search, page by page, the same on both databases."""

from collections import Counter
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bookapp.books import author_queries, queries, rules
from bookapp.books.commands import FindAuthors, FindBooks
from bookapp.books.results import AuthorLine, FacetValue
from bookapp.core.db import Database
from bookapp.core.errors import Invalid, NotFound
from bookapp.core.text import name_key
from bookapp.search import queries as search
from tests.books.addresses import parameters
from tests.books.conftest import Shelf
from tests.books.shelf import SIZE, all_pages, ids, listed
from tests.factories import a_book

SORTS = ("newest", "popular", "rating", "title", "author", "year")
FILTERS: tuple[dict[str, object], ...] = (
    {},
    {"author": "Stephen King"},
    {"subject": "classics"},
    {"decade": 1990},
    {"language": "en"},
    {"subject": "fantasy", "language": "en"},
)


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("limit", [7, 59, 60])
async def test_going_through_all_pages_shows_every_book_once(shelf: Shelf, sort: str, limit: int) -> None:
    db, books = shelf
    seen = [book.id for book in await all_pages(db, sort=sort, limit=limit)]
    assert len(seen) == SIZE
    assert set(seen) == {book.id for book in books}


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("narrow", FILTERS, ids=str)
async def test_both_databases_sort_alike(
    sqlite_shelf: Shelf, postgres_shelf: Shelf, sort: str, narrow: dict[str, object]
) -> None:
    one, other = [
        [b.id for b in await all_pages(db, sort=sort, limit=9, **narrow)] for db, _ in (sqlite_shelf, postgres_shelf)
    ]
    assert one == other
    assert one


async def test_the_sorts_are_what_they_say(shelf: Shelf) -> None:
    db, _ = shelf
    by = {sort: (await listed(db, sort=sort, limit=100)).books for sort in SORTS}
    assert [b.id for b in by["newest"]] == sorted((b.id for b in by["newest"]), reverse=True)
    counts = [b.rating.count for b in by["popular"]]
    assert counts == sorted(counts, reverse=True)
    scores = [rules.score(b.rating.average, b.rating.count) for b in by["rating"]]
    assert scores == sorted(scores, reverse=True)
    years = [-99999 if b.year is None else b.year for b in by["year"]]
    assert years == sorted(years, reverse=True)
    titles = list(dict.fromkeys(b.title for b in by["title"]))
    assert titles[:4] == ["Cien años de soledad", "Émile", "emma", "Harry Potter and the Chamber of Secrets"]
    surnames = list(dict.fromkeys(b.author.name for b in by["author"]))
    assert surnames[:3] == ["Anonymous", "Jane Austen", "Fyodor Dostoyevsky"]


async def test_a_book_added_meanwhile_neither_doubles_nor_hides_another(db: Database) -> None:
    first = [await a_book(db, title=f"Book {n}") for n in range(6)]
    page = await listed(db, sort="title", limit=3)
    await a_book(db, title="Book 0a")
    rest = await listed(db, **parameters(page.next or ""))
    assert [b.id for b in (*page.books, *rest.books)] == first


async def test_an_author_is_meant_by_id_and_by_name(shelf: Shelf) -> None:
    db, books = shelf
    kings = {b.id for b in books if b.author == "Stephen King"}
    async with db.reading() as session:
        book = await queries.show_book(session, min(kings))
    for given_ in (str(book.author.id), "Stephen King", "stephen  KING "):
        assert await ids(db, author=given_) == kings


@pytest.mark.parametrize(
    "narrow",
    [
        {"author": "Nobody"},
        {"author": "999999"},
        {"author": "9" * 30},
        {"subject": "nothing"},
        {"language": "xx"},
        {"decade": 1410},
        {"year": 1411},
        {"author": "%"},
        {"author": "' OR 1=1 --"},
    ],
    ids=str,
)
async def test_a_filter_that_fits_nothing_finds_nothing(shelf: Shelf, narrow: dict[str, object]) -> None:
    page = await listed(shelf[0], **narrow)
    assert (page.books, page.total, page.next) == ((), 0, None)


async def test_filters_narrow_as_they_say(shelf: Shelf) -> None:
    db, books = shelf
    for subject in ("fantasy", "TRÄUME"):
        assert await ids(db, subject=subject) == {b.id for b in books if name_key(subject) in map(name_key, b.subjects)}
    for decade in (1990, 1994):
        assert await ids(db, decade=decade) == {b.id for b in books if b.year in range(1990, 2000)}
    assert await ids(db, decade=-50) == {b.id for b in books if b.year == -44}
    assert await ids(db, year=1925) == {b.id for b in books if b.year == 1925}
    for language in ("de", "German", "ger", "de-AT"):
        assert await ids(db, language=language) == {b.id for b in books if b.language == "de"}
    assert await ids(db, language="de", year=1925) == {b.id for b in books if (b.language, b.year) == ("de", 1925)}


@pytest.mark.parametrize("extreme", [-9999, 9999, 0])
async def test_the_ends_of_time_can_be_asked_for(shelf: Shelf, extreme: int) -> None:
    assert await ids(shelf[0], decade=extreme) == await ids(shelf[0], year=extreme) == set()


async def test_totals_are_counted(shelf: Shelf) -> None:
    db, books = shelf
    assert (await listed(db, limit=1)).total == SIZE
    assert (await listed(db, language="en", limit=1)).total == sum(b.language == "en" for b in books)


async def test_a_series_is_meant_by_id_and_by_name(db: Database) -> None:
    first = await a_book(db, title="A Wizard of Earthsea", series="Earthsea")
    await a_book(db, title="Dune", series="Dune")
    await a_book(db, title="Emma")
    page = await listed(db, series="earthsea")
    assert [book.id for book in page.books] == [first]
    assert [(value.label, value.url) for value in page.chosen] == [("Earthsea", "/books")]
    assert page.books[0].series is not None
    assert await ids(db, series=str(page.books[0].series.id)) == {first}
    assert await ids(db, series="Nowhere") == set()
    assert await ids(db, series="Earthsea", q="wizard") == {first}


def counted(values: tuple[FacetValue, ...]) -> dict[str, int]:
    return {value.label: value.count for value in values}


@pytest.mark.parametrize("narrow", [{}, {"language": "en"}, {"subject": "horror"}, {"q": "the"}], ids=str)
async def test_facets_are_counted_right(shelf: Shelf, narrow: dict[str, object]) -> None:
    db, books = shelf
    page = await listed(db, limit=100, **narrow)
    here = {book.id for book in page.books}
    among = [book for book in books if book.id in here]
    subjects = Counter(subject for book in among for subject in book.subjects)
    decades = Counter(rules.decade_label(rules.decade_of(b.year)) for b in among if b.year is not None)
    languages = Counter({"en": "English", "de": "German", "es": "Spanish"}[b.language] for b in among if b.language)
    assert counted(page.facets.subject) == subjects
    assert counted(page.facets.decade) == decades
    assert counted(page.facets.language) == languages
    authors = Counter(book.author for book in among)
    shown = counted(page.facets.author)
    assert shown == {name: authors[name] for name in shown}
    assert sorted(shown.values()) == sorted(authors.values())[-8:]
    assert page.facets.complete
    assert page.total == len(among)


async def test_the_address_of_a_facet_leads_to_as_many_books_as_it_says(shelf: Shelf) -> None:
    db, _ = shelf
    facets = (await listed(db)).facets
    for value in (*facets.author, *facets.subject, *facets.decade, *facets.language):
        page = await listed(db, **parameters(value.url))
        assert page.total == value.count, value.url
        chosen = (*page.facets.author, *page.facets.subject, *page.facets.decade, *page.facets.language)
        assert any(v.chosen and (v.value, v.label) == (value.value, value.label) for v in chosen), value.url


async def test_a_chosen_filter_can_be_taken_away(shelf: Shelf) -> None:
    db, _ = shelf
    page = await listed(db, subject="fantasy", language="en", decade=1990, year=1999, author="Stephen King")
    assert [value.label for value in page.chosen] == ["Stephen King", "fantasy", "1990s", "1999", "English"]
    for value in page.chosen:
        assert len((await listed(db, **parameters(value.url))).chosen) == 4


async def test_a_cursor_of_another_list_is_refused(shelf: Shelf) -> None:
    db, _ = shelf
    cursor = parameters((await listed(db, sort="title", limit=1)).next or "")["cursor"]
    with pytest.raises(Invalid, match="cursor"):
        await listed(db, sort="year", cursor=cursor)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    cursor=st.text(max_size=80) | st.from_regex(r"[A-Za-z0-9_-]{1,60}", fullmatch=True), q=st.sampled_from(["", "the"])
)
async def test_any_cursor_is_followed_or_refused(shelf: Shelf, cursor: str, q: str) -> None:
    with suppress(Invalid):
        await listed(shelf[0], cursor=cursor, q=q)


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("tolkein", "The Hobbit"),
        ("harry poter", "Harry Potter and the Chamber of Secrets"),
        ("garcia marquez", "Cien años de soledad"),
        ("prozess", "Der Prozeß"),
        ("карамазовы", "Братья Карамазовы"),
        ("森", "ノルウェイの森"),
        ("stephen king it", "It"),
        ("hobb", "The Hobbit"),
        ("thehobbit", "The Hobbit"),
    ],
)
async def test_a_search_finds_what_was_meant(shelf: Shelf, typed: str, found: str) -> None:
    page = await listed(shelf[0], q=typed)
    assert {book.title for book in page.books} == {found}
    assert page.sort == "relevance"


async def test_a_mended_search_says_so(shelf: Shelf) -> None:
    page = await listed(shelf[0], q="tolkein")
    assert (page.q, page.searched_for) == ("tolkein", "tolkien")


async def test_a_search_stays_inside_its_filters_and_sorts(shelf: Shelf) -> None:
    db, books = shelf
    found = await all_pages(db, q="the", language="en", sort="year", limit=2)
    assert {b.id for b in found} == {b.id for b in books if b.title.startswith("The ") and b.language == "en"} | {
        b.id for b in books if " the " in b.title and b.language == "en"
    }
    years = [-99999 if b.year is None else b.year for b in found]
    assert years == sorted(years, reverse=True)


@pytest.mark.parametrize("sort", [None, "title", "rating", "newest"])
@pytest.mark.parametrize("limit", [1, 4, 5, 100])
async def test_a_search_goes_on_beyond_its_window(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch, sort: str | None, limit: int
) -> None:
    monkeypatch.setattr(search, "WINDOW", 5)
    db, books = shelf
    found = [book.id for book in await all_pages(db, q="the", sort=sort, limit=limit)]
    wanted = {b.id for b in books if "the" in b.title.casefold().split()}
    assert len(wanted) > 15
    assert sorted(found) == sorted(wanted)


OPERATORS = (
    '"',
    "'",
    "*",
    "(",
    ")",
    "^",
    "-",
    "+",
    ":",
    "AND",
    "OR",
    "NOT",
    "NEAR(",
    "NEAR/3",
    "{",
    "}",
    "\\",
    "%",
    "_",
    "title:",
    "the",
    "king",
    "\x00",
    "😀",
    "森",
    "&",
    "|",
    "!",
    "<->",
    ":*",
    "''",
    ";--",
    "$1",
    "?",
)
QUERIES = (
    st.text(max_size=60)
    | st.lists(st.sampled_from(OPERATORS), max_size=14).map(" ".join)
    | st.lists(st.sampled_from(OPERATORS), max_size=14).map("".join)
)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(q=QUERIES)
async def test_any_text_is_a_legal_search(shelf: Shelf, q: str) -> None:
    page = await listed(shelf[0], q=q, limit=3)
    assert len(page.books) <= 3


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(q=QUERIES)
async def test_both_databases_find_the_same(sqlite_shelf: Shelf, postgres_shelf: Shelf, q: str) -> None:
    one, other = [await listed(db, q=q, limit=100) for db, _ in (sqlite_shelf, postgres_shelf)]
    assert {b.id for b in one.books} == {b.id for b in other.books}
    assert (one.searched_for, one.did_you_mean, one.total) == (other.searched_for, other.did_you_mean, other.total)


@pytest.mark.parametrize(
    "narrow",
    [{}, {"language": "de"}, {"subject": "horror"}, {"author": "Homer"}, {"q": "king"}, {"q": "king", "year": 1925}],
    ids=str,
)
async def test_a_random_book_is_one_that_fits(shelf: Shelf, narrow: dict[str, object]) -> None:
    db, _ = shelf
    fitting = await ids(db, **narrow)
    drawn = set()
    for _ in range(12):
        async with db.reading() as session:
            drawn.add(await queries.pick_random(session, FindBooks(**narrow)))  # type: ignore[arg-type]
    assert drawn <= fitting
    assert len(drawn) > 1 or len(fitting) < 3


async def test_no_random_book_is_not_found(shelf: Shelf) -> None:
    async with shelf[0].reading() as session:
        for question in (FindBooks(language="la"), FindBooks(q="zzzzqqqq"), FindBooks(q="!!!")):
            with pytest.raises(NotFound):
                await queries.pick_random(session, question)


async def test_a_book_shows_its_series_in_order_and_more_by_its_author(db: Database) -> None:
    series = {"series": "Earthsea", "author": "Ursula K. Le Guin"}
    third = await a_book(db, title="The Farthest Shore", series_position="3", **series)
    first = await a_book(db, title="A Wizard of Earthsea", series_position="1", **series)
    tenth = await a_book(db, title="Tenth", series_position="10", **series)
    other = await a_book(db, title="The Dispossessed", author="Ursula K. Le Guin")
    await a_book(db, title="Emma")
    async with db.reading() as session:
        book = await queries.show_book(session, first)
    assert [line.id for line in book.in_series] == [third, tenth]
    assert [line.id for line in book.more_by_author] == [other]
    assert book.series is not None
    assert (book.series.name, book.series.position) == ("Earthsea", "1")


@pytest.mark.parametrize("sort", ["name", "books"])
async def test_going_through_the_authors_shows_each_once(shelf: Shelf, sort: str) -> None:
    db, books = shelf
    seen: list[AuthorLine] = []
    question = FindAuthors(sort=sort, limit=2)  # type: ignore[arg-type]  # one of the known sorts
    while True:
        async with db.reading() as session:
            page = await author_queries.list_authors(session, question)
        seen += page.authors
        if page.next is None:
            break
        question = FindAuthors(**parameters(page.next))  # type: ignore[arg-type]
    assert {line.name: line.book_count for line in seen} == Counter(book.author for book in books)
    assert len(seen) == page.total
    if sort == "name":
        assert [line.name for line in seen][:3] == ["Anonymous", "Jane Austen", "Fyodor Dostoyevsky"]
    else:
        assert seen[0].name == "Stephen King"


async def test_authors_are_found_by_the_beginning_of_a_surname(shelf: Shelf) -> None:
    for typed, names in (("ki", ["Stephen King"]), ("MÁRQ", ["Gabriel García Márquez"]), ("%", 11), ("zz", [])):
        async with shelf[0].reading() as session:
            page = await author_queries.list_authors(session, FindAuthors(q=str(typed)))
        found = [line.name for line in page.authors]
        assert found == names or len(found) == names


async def test_a_page_costs_the_same_number_of_statements_however_long_it_is(shelf: Shelf) -> None:
    from sqlalchemy import event

    db, _ = shelf
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        statements.append(statement)

    engine = db._reader.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        costs = []
        for limit in (10, 50):
            statements.clear()
            await listed(db, limit=limit)
            costs.append(len(statements))
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert costs[0] == costs[1] > 0
