"""A shelf that is hard to sort: equal titles, equal years, no years, equal ratings, several scripts."""

import random
from dataclasses import dataclass

from bookapp.books.commands import FindBooks
from bookapp.books.queries import list_books
from bookapp.books.results import BookLine, BookList
from bookapp.core.db import Database
from tests.books.addresses import parameters
from tests.factories import a_book, a_rating

TITLES = (
    ("The Hobbit", "J. R. R. Tolkien"),
    ("Harry Potter and the Chamber of Secrets", "J. K. Rowling"),
    ("Cien años de soledad", "Gabriel García Márquez"),
    ("The Stand", "Stephen King"),
    ("It", "Stephen King"),
    ("Der Prozeß", "Franz Kafka"),
    ("Братья Карамазовы", "Fyodor Dostoyevsky"),
    ("ノルウェイの森", "Haruki Murakami"),
    ("emma", "Jane Austen"),
    ("Émile", "Jean-Jacques Rousseau"),
    ("¿?", "Anonymous"),
    ("The Iliad", "Homer"),
)
YEARS = (None, -720, 1925, 1925, 1990, 1999, 2001, None, 2009, -44)
SUBJECTS = ("fantasy", "classics", "horror", "Träume", "1984")
LANGUAGES = ("en", None, "de", "es")
SIZE = 60


@dataclass(frozen=True)
class Facts:
    """What was put on the shelf, for counting by hand."""

    id: int
    title: str
    author: str
    year: int | None
    language: str | None
    subjects: tuple[str, ...]


async def fill(db: Database) -> list[Facts]:
    """Put the same SIZE books on a shelf, in the same order with the same ids, whatever the database."""
    chance = random.Random(7)
    shelf = []
    for number in range(SIZE):
        title, author = TITLES[number % len(TITLES)]
        year, language = chance.choice(YEARS), chance.choice(LANGUAGES)
        subjects = tuple(sorted(chance.sample(SUBJECTS, chance.randrange(4))))
        id_ = await a_book(db, title=title, author=author, year=year, language=language, subjects=list(subjects))
        if number % 3:
            await a_rating(db, id_, chance.choice((3.0, 4.0, 4.5)), chance.choice((1, 10, 500)))
        shelf.append(Facts(id_, title, author, year, language, subjects))
    return shelf


async def listed(db: Database, **asked: object) -> BookList:
    """One page."""
    async with db.reading() as session:
        return await list_books(session, FindBooks(**asked))  # type: ignore[arg-type]  # tests ask freely


async def ids(db: Database, **asked: object) -> set[int]:
    """The ids on the first page of up to 100."""
    return {book.id for book in (await listed(db, limit=100, **asked)).books}


async def all_pages(db: Database, **asked: object) -> list[BookLine]:
    """Every book of a list, page by page, as `next` leads."""
    books: list[BookLine] = []
    page = await listed(db, **asked)
    for _ in range(1000):
        books += page.books
        if page.next is None:
            return books
        page = await listed(db, **parameters(page.next))
    raise AssertionError("the pages never end")
