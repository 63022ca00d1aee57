"""What feeds tell: what a guest may see, whoever asks. A feed is read by programs, and kept by others on the way."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import and_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.accounts.models import Account
from bookapp.accounts.queries import ABSENT as NOBODY
from bookapp.accounts.queries import ACTIVE
from bookapp.advice.models import Praise
from bookapp.advice.queries import RECOMMENDED_URL
from bookapp.books.lines import line_of, lines
from bookapp.books.models import Book
from bookapp.books.results import BookLine
from bookapp.books.rules import book_url
from bookapp.circles.visibility import EVERYONE
from bookapp.core.actor import GUEST
from bookapp.core.errors import NotFound
from bookapp.core.sql import AnyRow
from bookapp.feeds.results import Feed, FeedEntry
from bookapp.shelves import rules
from bookapp.shelves.commands import FindOnShelf
from bookapp.shelves.models import Entry
from bookapp.shelves.person_queries import Person, find_person
from bookapp.shelves.review_commands import FindReviews
from bookapp.shelves.review_queries import list_reviews_of
from bookapp.shelves.review_results import ReviewShown
from bookapp.shelves.shelf_book_queries import list_shelf
from bookapp.shelves.shelf_queries import seen

MOST = 50
"""Entries of a feed."""
_DID = {
    "want": "wants to read",
    "reading": "is reading",
    "read": "has read",
    "stopped": "stopped reading",
}


def person_feed_url(username: str) -> str:
    """The address of a person's feed."""
    return f"/accounts/{username}/feed.atom"


def shelf_feed_url(username: str, shelf: str) -> str:
    """The address of a shelf's feed."""
    return f"{rules.shelf_url(username, shelf)}.atom"


async def show_recommended(db: AsyncSession) -> Feed:
    """What readers recommend to everybody, and what is new in the catalogue."""
    praise = (
        select(Praise.id, Praise.book_id, Praise.reason, Praise.at, Account.username, Book.title)
        .join(Account, and_(Account.id == Praise.account_id, ACTIVE))
        .join(Book, and_(Book.id == Praise.book_id, Book.deleted_at.is_(None)))
        .order_by(Praise.id.desc())
        .limit(MOST // 2)
    )
    # Half of the places each: a single import brings more books than a feed has places.
    newest = lines().add_columns(Book.created_at).order_by(Book.id.desc()).limit(MOST // 2)
    found = [_praised(row) for row in await db.execute(praise)]
    found += [_added(line_of(row), row.created_at) for row in await db.execute(newest)]
    return Feed(
        key="recommended",
        title="Recommended and new at bookapp",
        url=RECOMMENDED_URL,
        feed_url="/feeds/recommended.atom",
        entries=_latest(found),
    )


async def show_person(db: AsyncSession, username: str) -> Feed:
    """What a person tells everybody about their reading. Raises NotFound when that is nothing."""
    person = await find_person(db, GUEST, username)
    kept = (
        select(Entry.book_id, Entry.state, Entry.state_at, Entry.quarters, Entry.rated_at, Book.title)
        .join(Book, and_(Book.id == Entry.book_id, Book.deleted_at.is_(None)))
        .where(seen(GUEST, person))
        .limit(MOST)
    )
    found = [
        _moved(row, person)
        for row in await db.execute(kept.where(Entry.state.is_not(None)).order_by(Entry.state_at.desc(), Book.id))
    ]
    found += [
        _rated(row, person)
        for row in await db.execute(kept.where(Entry.quarters.is_not(None)).order_by(Entry.rated_at.desc(), Book.id))
    ]
    reviews = await list_reviews_of(db, GUEST, username, FindReviews(limit=MOST))
    found += [_reviewed(review) for review in reviews.reviews]
    if not found and person.choices.default < EVERYONE:
        raise NotFound(NOBODY)
    return Feed(
        key=f"accounts/{person.id}",
        title=f"What {person.name} reads",
        url=rules.shelves_url(person.name),
        feed_url=person_feed_url(person.name),
        entries=_latest(found),
    )


async def show_shelf(db: AsyncSession, username: str, shelf: str) -> Feed:
    """The books that came onto a shelf last. Raises NotFound for a shelf that is not for everybody to see."""
    person = await find_person(db, GUEST, username)
    found = await list_shelf(db, GUEST, username, shelf, FindOnShelf(limit=MOST))
    entries = [
        FeedEntry(
            key=f"accounts/{person.id}/shelves/{shelf}/books/{book.id}",
            title=f"{book.title} by {_names(book)}",
            url=book.url,
            who=found.username,
            at=book.placed_at,
            changed_at=book.placed_at,
            text=book.stars_words or None,
        )
        for book in found.books
    ]
    return Feed(
        key=f"accounts/{person.id}/shelves/{shelf}",
        title=f"{found.name}: a shelf of {found.username}",
        url=found.url,
        feed_url=shelf_feed_url(found.username, shelf),
        entries=_latest(entries),
    )


def _praised(row: AnyRow) -> FeedEntry:
    return FeedEntry(
        key=f"praise/{row.id}",
        title=f"{row.username} recommends {row.title}",
        url=book_url(row.book_id),
        who=row.username,
        at=row.at,
        changed_at=row.at,
        text=row.reason,
    )


def _added(book: BookLine, at: datetime) -> FeedEntry:
    return FeedEntry(
        key=f"books/{book.id}",
        title=f"New: {book.title} by {_names(book)}",
        url=book.url,
        who=book.author.name,
        at=at,
        changed_at=at,
        text=", ".join(book.subjects) or None,
    )


def _moved(row: AnyRow, person: Person) -> FeedEntry:
    return FeedEntry(
        # Put on another shelf it is news, and an entry of its own.
        key=f"accounts/{person.id}/books/{row.book_id}/{row.state}/{int(row.state_at.timestamp())}",
        title=f"{person.name} {_DID[row.state]} {row.title}",
        url=book_url(row.book_id),
        who=person.name,
        at=row.state_at,
        changed_at=row.state_at,
    )


def _rated(row: AnyRow, person: Person) -> FeedEntry:
    return FeedEntry(
        key=f"accounts/{person.id}/books/{row.book_id}/rating",
        title=f"{person.name} gave {row.title} {rules.stars_words(row.quarters)}",
        url=book_url(row.book_id),
        who=person.name,
        at=row.rated_at,
        changed_at=row.rated_at,
    )


def _reviewed(review: ReviewShown) -> FeedEntry:
    return FeedEntry(
        key=f"reviews/{review.id}",
        title=f"{review.who.name} on {review.book.title}",
        url=review.url,
        who=review.who.name,
        at=review.created_at,
        changed_at=review.changed_at,
        html=None if review.is_spoiler else review.html,
        text="This review tells how the story goes." if review.is_spoiler else None,
    )


def _names(book: BookLine) -> str:
    return ", ".join(author.name for author in book.authors)


def _latest(entries: Iterable[FeedEntry]) -> tuple[FeedEntry, ...]:
    return tuple(sorted(entries, key=lambda entry: (entry.changed_at, entry.key), reverse=True)[:MOST])
