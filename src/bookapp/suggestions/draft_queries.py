"""What stands around a recommendation before it is sent, and what a link shows."""

from sqlalchemy import and_, func, literal, or_, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.accounts.models import Account
from bookapp.accounts.rules import digest, username_key
from bookapp.books.commands import FindBooks
from bookapp.books.lines import line_of, lines
from bookapp.books.models import Book
from bookapp.books.queries import list_books
from bookapp.books.results import BookLine, BookName
from bookapp.books.rules import book_name
from bookapp.circles.models import Tie
from bookapp.circles.visibility import blocks, is_here, visible
from bookapp.core import clock
from bookapp.core.actor import WHO_LEFT, Actor
from bookapp.core.paging import address
from bookapp.shelves.models import Entry
from bookapp.suggestions import rules
from bookapp.suggestions.commands import BeginSuggestion
from bookapp.suggestions.lines_queries import Because, Sender, is_active, is_said
from bookapp.suggestions.models import Ask, Suggestion
from bookapp.suggestions.results import AskName, LinkShown, SuggestionDraft

LIKELY, THEIRS, FOUND = 30, 40, 8


async def show_draft(db: AsyncSession, actor: Actor, question: BeginSuggestion) -> SuggestionDraft:
    """The form for a recommendation; what is not there is left open."""
    ask, asker = await _ask(db, actor, question.ask)
    to = asker or question.to.strip()
    return SuggestionDraft(
        book=await _book(db, question.book),
        to=to,
        people=await list_likely(db, actor, LIKELY),
        theirs=await _theirs(db, actor, to, question.book),
        ask=ask,
        q=question.q,
        found=await _found(db, question),
        url=address("/suggestions/new", book=question.book, to=to, ask=question.ask),
    )


async def list_likely(db: AsyncSession, actor: Actor, limit: int) -> tuple[str, ...]:
    """The names of the people whom a person is likely to mean: those they trust, then those of late."""
    trusted = select(Tie.other_id.label("id"), literal(2**62).label("at")).where(
        Tie.account_id == actor.id, Tie.kind == "trust"
    )
    to = select(Suggestion.to_id, Suggestion.id).where(Suggestion.from_id == actor.id)
    by = select(Suggestion.from_id, Suggestion.id).where(Suggestion.to_id == actor.id)
    late = [sent.order_by(Suggestion.id.desc()).limit(100).subquery() for sent in (to, by)]
    near = union_all(trusted, *(select(*part.c) for part in late)).subquery()
    rows = await db.scalars(
        select(Account.username)
        .join(near, near.c.id == Account.id)
        .where(is_here(), ~blocks(actor.id, Account.id))
        .group_by(Account.id, Account.username)
        .order_by(func.max(near.c.at).desc(), Account.username)
        .limit(limit)
    )
    return tuple(rows)


async def show_link(db: AsyncSession, actor: Actor, token: str) -> LinkShown:
    """What a link recommends, for whoever holds it."""
    statement = (
        lines()
        .join(Suggestion, Suggestion.book_id == Book.id)
        .outerjoin(Sender, and_(Sender.id == Suggestion.from_id, is_active(Sender)))
        .outerjoin(Because, and_(Because.id == Suggestion.because_id, Because.deleted_at.is_(None)))
        .where(Suggestion.link_hash == digest(token), Suggestion.link_until > clock.now())
        .add_columns(
            Suggestion.id.label("suggestion_id"),
            Suggestion.from_id,
            Suggestion.to_id,
            Suggestion.link_until,
            Suggestion.reason,
            Suggestion.because_id,
            Sender.username.label("sender_name"),
            Because.title.label("because_title"),
        )
    )
    row = (await db.execute(statement)).one_or_none()
    if row is None:
        return LinkShown(is_alive=False)
    known = actor.id is not None
    is_mine, is_yours = known and row.from_id == actor.id, known and row.to_id == actor.id
    return LinkShown(
        is_alive=True,
        token=token,
        book=line_of(row),
        by=row.sender_name or WHO_LEFT,
        reason=row.reason,
        because=book_name(row.because_id, row.because_title) if row.because_title else None,
        until=row.link_until,
        whose="mine" if is_mine else "yours" if is_yours else "taken" if row.to_id else "open",
        url=rules.link_url(token),
    )


async def _book(db: AsyncSession, book_id: int | None) -> BookLine | None:
    if book_id is None:
        return None
    row = (await db.execute(lines().where(Book.id == book_id))).one_or_none()
    return None if row is None else line_of(row)


async def _found(db: AsyncSession, question: BeginSuggestion) -> tuple[BookLine, ...]:
    if question.book is not None or not question.q.strip():
        return ()
    return (await list_books(db, FindBooks(q=question.q, limit=FOUND))).books


async def _theirs(db: AsyncSession, actor: Actor, username: str, book_id: int | None) -> tuple[BookName, ...]:
    """What somebody liked best, as far as `actor` may see it."""
    if not username:
        return ()
    rows = await db.execute(
        select(Book.id, Book.title)
        .join(Entry, Entry.book_id == Book.id)
        .join(Account, Account.id == Entry.account_id)
        .where(
            Account.username_key == username_key(username),
            Account.id != actor.id,
            is_here(),
            visible(actor, Entry.account_id, Entry.seen_by),
            is_said(),
            Book.deleted_at.is_(None),
            Book.id != (book_id or 0),
        )
        .order_by(func.coalesce(Entry.quarters, 0).desc(), Entry.state_at.desc(), Book.id)
        .limit(THEIRS)
    )
    return tuple(book_name(row.id, row.title) for row in rows)


async def _ask(db: AsyncSession, actor: Actor, ask_id: int | None) -> tuple[AskName | None, str]:
    """The wish that is to be answered, and who asked."""
    if ask_id is None:
        return None, ""
    apart = or_(blocks(Ask.account_id, actor.id), blocks(actor.id, Ask.account_id))
    row = (
        await db.execute(
            select(Ask.id, Ask.text, Account.username)
            .join(Account, Account.id == Ask.account_id)
            .where(Ask.id == ask_id, Ask.closed_at.is_(None), Ask.account_id != actor.id, is_here(), ~apart)
        )
    ).one_or_none()
    return (None, "") if row is None else (AskName(row.id, row.text, rules.ask_url(row.id)), row.username)
