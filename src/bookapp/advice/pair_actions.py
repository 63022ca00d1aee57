"""Saying which book to try after another one. A pair lives as long as somebody says so."""

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.accounts.actions import record
from bookapp.accounts.models import Account
from bookapp.accounts.queries import ACTIVE
from bookapp.advice import rules
from bookapp.advice.actions import tell
from bookapp.advice.commands import ProposePair, VoteForPair
from bookapp.advice.models import Pair, PairVoice
from bookapp.advice.pair_queries import find_pair
from bookapp.books.commands import FindBooks
from bookapp.books.lines import line_of, lines
from bookapp.books.models import Book
from bookapp.books.queries import find_book, list_books
from bookapp.books.results import BookLine
from bookapp.core import clock
from bookapp.core.actor import Actor
from bookapp.core.errors import Invalid
from bookapp.core.text import fold, sort_key


async def propose_pair(db: AsyncSession, actor: Actor, book_id: int, command: ProposePair) -> tuple[int, bool]:
    """Add a voice for a pair; returns its id and whether the pair is new.

    Raises NotFound for the first book; Invalid for the second when it is the same, unknown, or one of several.
    """
    await find_book(db, book_id)  # locked: of two who propose the same at once, one finds the other's pair
    other_id = await _find_other(db, book_id, command)
    pair = await db.scalar(select(Pair).where(Pair.book_id == book_id, Pair.other_id == other_id).with_for_update())
    is_new = pair is None
    if pair is None:
        pair = Pair(book_id=book_id, other_id=other_id, vote_count=0, created_at=clock.now())
        db.add(pair)
        await db.flush()
    await _say(db, actor, pair, command.reason)
    return pair.id, is_new


async def vote_for_pair(db: AsyncSession, actor: Actor, pair_id: int, command: VoteForPair) -> int:
    """Say so, too, and return the id of the pair's first book. Raises NotFound."""
    pair = await find_pair(db, pair_id)
    await _say(db, actor, pair, command.reason)
    return pair.book_id


async def take_vote_back(db: AsyncSession, actor: Actor, pair_id: int) -> int:
    """Say so no longer, if one did, and return the id of the pair's first book. Raises NotFound."""
    pair = await find_pair(db, pair_id)
    voice = await db.get(PairVoice, (pair_id, actor.id))
    if voice is not None:
        await db.delete(voice)
        await db.flush()
        pair.vote_count -= 1
        # Of those who are not here now some may come back, and still say so.
        if await db.scalar(select(PairVoice.account_id).where(PairVoice.pair_id == pair_id).limit(1)) is None:
            await db.delete(pair)
        await db.flush()
        tell(db, actor, pair.book_id)
    return pair.book_id


async def remove_pair(db: AsyncSession, actor: Actor, pair_id: int) -> int:
    """Take a pair away whoever says so, for an administrator, and return its first book's id. Raises NotFound."""
    pair = await find_pair(db, pair_id)
    titles = {row.id: row.title for row in await db.execute(
        select(Book.id, Book.title).where(Book.id.in_((pair.book_id, pair.other_id)))
    )}  # fmt: skip
    await record(db, actor, "pair removed", titles[pair.book_id], other=titles[pair.other_id], votes=pair.vote_count)
    await db.execute(delete(PairVoice).where(PairVoice.pair_id == pair_id))
    await db.delete(pair)
    await db.flush()
    tell(db, actor, pair.book_id)
    return pair.book_id


async def count_votes(db: AsyncSession, pair_ids: list[int]) -> None:
    """Count the voices of these pairs anew, of people who are here; whoever calls holds the pairs' rows."""
    voices = select(func.count()).join(Account, Account.id == PairVoice.account_id)
    votes = voices.select_from(PairVoice).where(PairVoice.pair_id == Pair.id, ACTIVE).scalar_subquery()
    for start in range(0, len(pair_ids), 1000):  # a statement takes some ten thousand values at most
        some = Pair.id.in_(pair_ids[start : start + 1000])
        recount = update(Pair).where(some).values(vote_count=votes)
        await db.execute(recount.execution_options(synchronize_session=False))


async def _say(db: AsyncSession, actor: Actor, pair: Pair, reason: str | None) -> None:
    """Add a person's voice to a pair whose row is held; a reason that they give replaces the one before."""
    voice = await db.get(PairVoice, (pair.id, actor.id))
    if voice is None:
        db.add(PairVoice(pair_id=pair.id, account_id=actor.id, reason=reason, at=clock.now()))
        pair.vote_count += 1
    elif reason is not None:
        voice.reason = reason
    await db.flush()
    tell(db, actor, pair.book_id)


async def _find_other(db: AsyncSession, book_id: int, command: ProposePair) -> int:
    """The book that is meant. Raises Invalid."""
    if command.other_id is not None:
        return await _by_number(db, book_id, command.other_id, "other_id")
    if command.other is None:
        raise Invalid({"other": ["Say which book"]})
    titled = await _by_title(db, command.other)
    if not titled and command.other.isascii() and command.other.isdigit() and len(command.other) < 19:
        return await _by_number(db, book_id, int(command.other), "other")
    found = titled or await _by_search(db, command.other)
    others = [book for book in found if book.id != book_id]
    if found and not others:
        raise Invalid({"other": ["That is the book itself"]})
    if not others:
        raise Invalid({"other": ["No book here has that title. Add it to the catalogue first"]})
    if len(others) > 1:
        named = [(book.id, book.title, book.author.name) for book in others[: rules.CANDIDATES]]
        raise Invalid({"other": [rules.which_one(named)]})
    return others[0].id


async def _by_number(db: AsyncSession, book_id: int, other_id: int, field: str) -> int:
    if other_id == book_id:
        raise Invalid({field: ["That is the book itself"]})
    if await db.scalar(select(Book.id).where(Book.id == other_id, Book.deleted_at.is_(None))) is None:
        raise Invalid({field: ["There is no such book"]})
    return other_id


async def _by_title(db: AsyncSession, title: str) -> list[BookLine]:
    """The books of exactly that title, but for case, accents and an article in front."""
    same = lines().where(Book.title_sort == sort_key(title)).order_by(Book.rating_count.desc(), Book.id)
    books = [line_of(row) for row in await db.execute(same.limit(rules.CANDIDATES + 1))]
    return [book for book in books if fold(book.title) == fold(title)] or books


async def _by_search(db: AsyncSession, title: str) -> list[BookLine]:
    return list((await list_books(db, FindBooks(q=title, limit=rules.CANDIDATES + 1))).books)
