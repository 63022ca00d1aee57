"""How a recommendation is read: one statement brings it with its book, its people and what it is about."""

from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_
from sqlalchemy.orm import aliased

from bookapp.accounts.models import Account
from bookapp.books.lines import line_of as book_line
from bookapp.books.lines import lines
from bookapp.books.models import Book
from bookapp.books.rules import book_name
from bookapp.circles.queries import person_of
from bookapp.circles.visibility import blocks, visible
from bookapp.core.actor import WHO_LEFT, Actor
from bookapp.core.sql import AnyRow, AnySelect
from bookapp.shelves.models import Entry
from bookapp.shelves.rules import stars, stars_words
from bookapp.suggestions import rules
from bookapp.suggestions.models import Ask, Suggestion
from bookapp.suggestions.results import AskName, Box, HitRate, SuggestionLine

ABSENT = "There is no such recommendation, or it is not for you to see."
BY_LINK = "somebody by a link"
Sender, Receiver, Because = aliased(Account), aliased(Account), aliased(Book)


def mine(actor: Actor, box: Box) -> ColumnElement[bool]:
    """What stands in that box of a person. Of people whom they block nothing does."""
    if box == "sent":
        return and_(Suggestion.from_id == actor.id, Suggestion.from_hid.is_(False))
    delivered = and_(Suggestion.to_id == actor.id, Suggestion.to_hid.is_(False))
    return and_(delivered, or_(Suggestion.from_id.is_(None), ~blocks(actor.id, Suggestion.from_id)))


def suggestion_lines(actor: Actor) -> AnySelect:
    """The columns of a line, for books that are not deleted. A row is chosen by the caller, who asks `mine`."""
    entry = and_(
        Entry.account_id == Suggestion.to_id,
        Entry.book_id == Suggestion.book_id,
        visible(actor, Entry.account_id, Entry.seen_by),
    )
    return (
        lines()
        .join(Suggestion, Suggestion.book_id == Book.id)
        .outerjoin(Sender, and_(Sender.id == Suggestion.from_id, is_active(Sender)))
        .outerjoin(Receiver, and_(Receiver.id == Suggestion.to_id, is_active(Receiver)))
        .outerjoin(Because, and_(Because.id == Suggestion.because_id, Because.deleted_at.is_(None)))
        .outerjoin(Ask, Ask.id == Suggestion.ask_id)
        .outerjoin(Entry, entry)
        .add_columns(
            Suggestion.id.label("suggestion_id"),
            Suggestion.from_id,
            Suggestion.to_id,
            Suggestion.link_hash,
            Suggestion.link_until,
            Suggestion.reason,
            Suggestion.because_id,
            Suggestion.ask_id,
            Suggestion.state,
            Suggestion.answer,
            Suggestion.quarters,
            Suggestion.sent_at,
            Suggestion.seen_at,
            Suggestion.changed_at,
            Suggestion.is_news,
            Suggestion.version.label("suggestion_version"),
            Sender.username.label("sender_name"),
            Receiver.username.label("receiver_name"),
            Because.title.label("because_title"),
            Ask.text.label("ask_text"),
            Entry.state.label("shelf"),
        )
    )


def is_said() -> ColumnElement[bool]:
    """Whether an entry tells more than that it is there: it was read or rated. A note for oneself tells nothing."""
    return or_(Entry.quarters.is_not(None), Entry.state.in_(("reading", "read")))


def is_active(person: type[Account]) -> ColumnElement[bool]:
    """Whether the account of that alias is neither shut out nor leaving."""
    return and_(person.disabled_at.is_(None), person.delete_at.is_(None))


def line_of(row: AnyRow, actor: Actor, now: datetime, hits: HitRate | None) -> SuggestionLine:
    """A line out of a row of `suggestion_lines()`, for the one who got or sent it."""
    is_got = row.to_id == actor.id
    other = row.sender_name if is_got else row.receiver_name
    untaken = row.to_id is None
    return SuggestionLine(
        id=row.suggestion_id,
        box="inbox" if is_got else "sent",
        book=book_line(row),
        sender=person_of(row.from_id, row.sender_name),
        receiver=person_of(row.to_id, row.receiver_name),
        other=BY_LINK if untaken else other or WHO_LEFT,
        is_link=row.link_hash is not None,
        link_until=row.link_until if untaken and rules.is_alive(row.link_until, now) else None,
        reason=row.reason,
        because=book_name(row.because_id, row.because_title) if row.because_title else None,
        ask=AskName(row.ask_id, row.ask_text, rules.ask_url(row.ask_id)) if row.ask_text else None,
        state=row.state,
        answer=row.answer,
        stars=stars(row.quarters),
        stars_words=stars_words(row.quarters),
        shelf=row.shelf,
        hits=hits,
        is_new=row.state == "sent" if is_got else row.is_news,
        sent_at=row.sent_at,
        seen_at=row.seen_at,
        changed_at=row.changed_at,
        url=rules.suggestion_url(row.suggestion_id),
        version=row.suggestion_version,
    )
