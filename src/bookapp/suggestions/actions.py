"""What a person does with a recommendation that they got or sent. The sender hears what became of it."""

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.accounts.queries import hold
from bookapp.accounts.rules import digest
from bookapp.books.models import Book
from bookapp.circles.visibility import blocks
from bookapp.core import clock
from bookapp.core.actor import Actor
from bookapp.core.errors import Conflict, Invalid, NotFound
from bookapp.core.events import Changed, announce
from bookapp.lists.actions import add_task
from bookapp.lists.commands import AddTask
from bookapp.lists.models import Task
from bookapp.shelves.entry_actions import put_on_shelf
from bookapp.shelves.models import Entry
from bookapp.suggestions import rules
from bookapp.suggestions.commands import AcceptSuggestion, ChooseWelcome, SeeSuggestions
from bookapp.suggestions.lines_queries import ABSENT, mine
from bookapp.suggestions.models import Suggestion, SuggestionChoice
from bookapp.suggestions.outcome_actions import follow
from bookapp.suggestions.queries import find_received, find_suggestion, show_suggestion

LINK_ENDED = "This link has ended, or never was one"
_LONGEST_NAME = 200


async def accept(db: AsyncSession, actor: Actor, suggestion_id: int, command: AcceptSuggestion) -> None:
    """Put the book onto the person's shelf `want` or `reading`, or write down a task to read it. Raises NotFound."""
    line = await show_suggestion(db, actor, suggestion_id)
    if line.box != "inbox":
        raise NotFound(ABSENT)
    wanted = command.get("as", "want")
    # The book first and the recommendation after it: so do changes of a shelf, which then look for recommendations.
    if wanted == "task":
        name = f"Read {line.book.title}"[:_LONGEST_NAME]
        await _write_down(db, actor, AddTask(name=name, book_id=line.book.id, due_date=command.get("due_date")))
    elif wanted == "reading" or not await _is_begun(db, actor, line.book.id):
        await put_on_shelf(db, actor, line.book.id, wanted)
    row = await find_received(db, actor, suggestion_id)
    # That they begin to read it the sender learns like everything else that becomes of it: if they tell that.
    _move(db, row, rules.accepted(row.state))  # type: ignore[arg-type]  # the table checks it
    await db.flush()
    await follow(db, {actor.id or 0}, {line.book.id})


async def _write_down(db: AsyncSession, actor: Actor, command: AddTask) -> None:
    """Write down a task, unless the same one is open already: somebody clicked twice."""
    await hold(db, actor)
    same = (Task.account_id == actor.id, Task.book_id == command.book_id, Task.name == command.name)
    still_open = select(Task.id).where(*same, Task.completed.is_(False), Task.deleted_at.is_(None)).limit(1)
    if await db.scalar(still_open) is None:
        await add_task(db, actor, command)


async def _is_begun(db: AsyncSession, actor: Actor, book_id: int) -> bool:
    """Whether the person reads the book or has read it: then it is not put back among those they want to read."""
    have = select(Entry.state).where(Entry.account_id == actor.id, Entry.book_id == book_id)
    return await db.scalar(have) in ("reading", "read")


async def decline(db: AsyncSession, actor: Actor, suggestion_id: int, answer: str | None) -> None:
    """Decline one, with a word to its sender if wanted. Raises NotFound, and Conflict when the book is read."""
    row = await find_received(db, actor, suggestion_id)
    if row.state == "finished":
        raise Conflict("You have read this book. Say thanks, or take it out of your inbox.")
    row.answer = answer or row.answer
    _move(db, row, "declined")
    await db.flush()


async def thank(db: AsyncSession, actor: Actor, suggestion_id: int, answer: str) -> None:
    """Say something to its sender. Raises NotFound."""
    row = await find_received(db, actor, suggestion_id)
    row.answer = answer
    _move(db, row, "seen" if row.state == "sent" else row.state)
    await db.flush()


async def remove(db: AsyncSession, actor: Actor, suggestion_id: int) -> bool:
    """Take one out of the person's own box, and say whether that can be undone.

    It stays in the other one's. A link that nobody has taken ends for good. Raises NotFound.
    """
    row = await find_suggestion(db, actor, suggestion_id)
    _announce(db, actor.id)
    if row.to_id is None:
        await db.delete(row)
        await db.flush()
        return False
    if row.to_id == actor.id:
        row.to_hid = True
        _note_seen(row)
    else:
        row.from_hid = True
    row.version += 1
    await db.flush()
    return True


async def restore(db: AsyncSession, actor: Actor, suggestion_id: int) -> None:
    """Put one back into the person's own box. Raises NotFound."""
    row = await find_suggestion(db, actor, suggestion_id, or_hidden=True)
    if row.to_id == actor.id:
        row.to_hid = False
    else:
        row.from_hid = False
    row.version += 1
    await db.flush()
    _announce(db, actor.id)


async def see(db: AsyncSession, actor: Actor, command: SeeSuggestions) -> None:
    """Note that a person has looked at what is in a box, or at one thing in it."""
    box = command.get("box", "inbox")
    is_new = Suggestion.state == "sent" if box == "inbox" else Suggestion.is_news.is_(True)
    wanted = select(Suggestion).where(mine(actor, box), is_new).order_by(Suggestion.id).with_for_update(of=Suggestion)
    if "until" in command:
        wanted = wanted.where(Suggestion.changed_at <= command["until"])
    if "id" in command:
        wanted = wanted.where(Suggestion.id == command["id"])
    rows = list(await db.scalars(wanted))
    for row in rows:
        if box == "inbox":
            _note_seen(row)
        else:
            row.is_news = False
        row.version += 1
    await db.flush()
    if rows:
        senders = {row.from_id for row in rows if box == "inbox"}
        _announce(db, *senders)
        # By another name: the page that has just shown what is new goes on showing it as new.
        assert actor.id is not None
        announce(db, Changed("inbox-changed", frozenset({actor.id})))


async def take_link(db: AsyncSession, actor: Actor, token: str) -> int:
    """Put what a link recommends into the person's own inbox, and return its id.

    Raises Invalid when the link has ended, Conflict for one's own and for one that somebody took already.
    """
    here = exists().where(Book.id == Suggestion.book_id, Book.deleted_at.is_(None))
    named = select(Suggestion).where(Suggestion.link_hash == digest(token), here).with_for_update()
    row = await db.scalar(named.execution_options(populate_existing=True))
    if row is None or not rules.is_alive(row.link_until, clock.now()):
        raise Invalid({"token": [LINK_ENDED]})
    if row.from_id == actor.id:
        raise Conflict("This link is your own: send it to somebody.")
    if row.to_id not in (None, actor.id):
        raise Conflict("Somebody else has taken it already.")
    if await db.scalar(select(blocks(actor.id, row.from_id))):
        raise Conflict("You block who sent this link. End that first.")
    if row.to_id is None:
        row.to_id = actor.id
        _move(db, row, "seen")
    row.to_hid = False
    await db.flush()
    return row.id


async def choose(db: AsyncSession, actor: Actor, command: ChooseWelcome) -> None:
    """Choose from whom a person takes recommendations, and what they tell."""
    await hold(db, actor, absent=ABSENT)
    choice = await db.scalar(select(SuggestionChoice).where(SuggestionChoice.account_id == actor.id))
    if choice is None:
        choice = SuggestionChoice(account_id=actor.id, welcome="members", tells_outcome=True)
        db.add(choice)
    for name, value in command.items():
        setattr(choice, name, value)
    await db.flush()


def _note_seen(row: Suggestion) -> None:
    if row.state == "sent":
        row.state = "seen"
    row.seen_at = row.seen_at or clock.now()


def _move(db: AsyncSession, row: Suggestion, state: str) -> None:
    """Let the receiver's word count, and tell the sender."""
    _note_seen(row)
    row.state = state
    row.changed_at, row.is_news = clock.now(), row.from_id is not None
    row.version += 1
    _announce(db, row.from_id, row.to_id)


def _announce(db: AsyncSession, *people: int | None) -> None:
    if told := frozenset(person for person in people if person is not None):
        announce(db, Changed("suggestions-changed", told))
