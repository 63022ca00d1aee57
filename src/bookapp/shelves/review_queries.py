"""Reading reviews: each list one statement for all its rows, and whoever may not see one is not told of it."""

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.accounts.models import Account
from bookapp.books.models import Book
from bookapp.books.queries import show_name
from bookapp.books.results import BookName
from bookapp.books.rules import book_name
from bookapp.circles.queries import person_ref
from bookapp.circles.results import PersonRef
from bookapp.circles.visibility import visible, word
from bookapp.core.actor import Actor
from bookapp.core.errors import NotFound
from bookapp.core.paging import address, read_cursor, write_cursor
from bookapp.core.sql import AnyRow, AnySelect
from bookapp.shelves.ground_queries import find_seen_by, seen
from bookapp.shelves.models import Entry, Review
from bookapp.shelves.person_queries import find_person
from bookapp.shelves.review_commands import REVIEWS_ON_A_PAGE, FindReviews
from bookapp.shelves.review_results import OwnReview, ReviewList, ReviewShown

ABSENT = "There is no such review, or it is not for you to see."


async def find_review(db: AsyncSession, actor: Actor, book_id: int) -> Review | None:
    """The row of a person's own review of a book, locked for a change."""
    own = select(Review).where(Review.account_id == actor.id, Review.book_id == book_id)
    return (await db.scalars(own.with_for_update().execution_options(populate_existing=True))).one_or_none()


async def find_own_review(db: AsyncSession, actor: Actor, book_id: int) -> ReviewShown | None:
    """What a person said about a book themselves."""
    own = _reviews(actor).where(Review.account_id == actor.id, Review.book_id == book_id)
    row = (await db.execute(own)).one_or_none()
    return None if row is None else _shown(row, actor)


async def show_own_review(db: AsyncSession, actor: Actor, book_id: int) -> ReviewShown:
    """The same. Raises NotFound when there is none."""
    review = await find_own_review(db, actor, book_id)
    if review is None:
        raise NotFound(ABSENT)
    return review


async def show_review(db: AsyncSession, actor: Actor, review_id: int) -> ReviewShown:
    """A review, for who may see it. Raises NotFound."""
    row = (await db.execute(_reviews(actor).where(Review.id == review_id, _seen(actor)))).one_or_none()
    if row is None:
        raise NotFound(ABSENT)
    return _shown(row, actor)


async def show_own(db: AsyncSession, actor: Actor, book_id: int) -> OwnReview:
    """What the form for a review shows. Raises NotFound for an unknown book."""
    book = await show_name(db, book_id)
    review = await find_own_review(db, actor, book_id)
    return OwnReview(
        book=book,
        review=review,
        seen_by=word(await find_seen_by(db, actor, book_id)),
        url=f"{book.url}/review",
        version=review.version if review else None,
    )


async def list_reviews(db: AsyncSession, actor: Actor, book_id: int, question: FindReviews) -> ReviewList:
    """What people say about a book, the newest first. Raises NotFound, and Invalid for a cursor that is not ours."""
    book = await show_name(db, book_id)
    return await _list(db, actor, Review.book_id == book_id, question, f"{book.url}/reviews", book=book)


async def list_reviews_of(db: AsyncSession, actor: Actor, username: str, question: FindReviews) -> ReviewList:
    """What a person says about books, the newest first. Raises NotFound, and Invalid for a cursor that is not ours."""
    person = await find_person(db, actor, username)
    who = person_ref(person.id, person.name)
    return await _list(db, actor, Review.account_id == person.id, question, f"{who.url}/reviews", who=who)


async def list_own(
    db: AsyncSession, actor: Actor, after: int, limit: int
) -> tuple[tuple[ReviewShown, ...], int | None]:
    """A person's reviews beyond the one with the id `after`, and where to go on; None when these are the last."""
    own = _with_deleted(actor).where(Review.account_id == actor.id, Review.id > after).order_by(Review.id).limit(limit)
    rows = (await db.execute(own)).all()
    return tuple(_shown(row, actor) for row in rows), rows[-1].id if len(rows) == limit else None


async def _list(
    db: AsyncSession,
    actor: Actor,
    wanted: ColumnElement[bool],
    question: FindReviews,
    url: str,
    book: BookName | None = None,
    who: PersonRef | None = None,
) -> ReviewList:
    found = and_(wanted, _seen(actor))
    statement = _reviews(actor).where(found).order_by(Review.id.desc()).limit(question.limit + 1)
    if question.cursor:
        statement = statement.where(Review.id < read_cursor(question.cursor, (int,))[0])
    rows = (await db.execute(statement)).all()
    following = None
    if len(rows) > question.limit:
        limit = None if question.limit == REVIEWS_ON_A_PAGE else question.limit
        following = address(url, cursor=write_cursor([rows[question.limit - 1].id]), limit=limit)
    counted = select(func.count()).select_from(Review).join(Account, Account.id == Review.account_id)
    total = await db.scalar(counted.join(Book, and_(Book.id == Review.book_id, Book.deleted_at.is_(None))).where(found))
    reviews = tuple(_shown(row, actor) for row in rows[: question.limit])
    return ReviewList(reviews=reviews, next=following, total=total or 0, book=book, who=who, url=url)


def _seen(actor: Actor) -> ColumnElement[bool]:
    return seen(actor, Review.account_id, Review.seen_by)


def _reviews(actor: Actor) -> AnySelect:
    """Reviews of books that are there."""
    return _with_deleted(actor).where(Book.deleted_at.is_(None))


def _with_deleted(actor: Actor) -> AnySelect:
    """The columns of a review; the stars are those of an entry that `actor` may see, too."""
    rated = and_(
        Entry.account_id == Review.account_id,
        Entry.book_id == Review.book_id,
        visible(actor, Entry.account_id, Entry.seen_by),
    )
    return (
        select(
            Review.id, Review.account_id, Review.book_id, Review.text, Review.html, Review.is_spoiler,
            Review.visibility, Review.seen_by, Review.created_at, Review.changed_at, Review.version,
            Account.username, Book.title, Entry.quarters,
        )
        .join(Account, Account.id == Review.account_id)
        .join(Book, Book.id == Review.book_id)
        .outerjoin(Entry, rated)
    )  # fmt: skip


def _shown(row: AnyRow, actor: Actor) -> ReviewShown:
    is_own = row.account_id == actor.id
    return ReviewShown(
        id=row.id,
        who=person_ref(row.account_id, row.username),
        book=book_name(row.book_id, row.title),
        is_own=is_own,
        text=row.text if is_own else None,
        html=row.html,
        is_spoiler=row.is_spoiler,
        stars=None if row.quarters is None else row.quarters / 4,
        visibility=word(row.visibility) if is_own and row.visibility is not None else None,
        seen_by=word(row.seen_by) if is_own else None,
        created_at=row.created_at,
        changed_at=row.changed_at,
        url=f"/reviews/{row.id}",
        version=row.version,
    )
