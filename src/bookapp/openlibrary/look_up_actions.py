"""Looking an ISBN up outside, at most once in a long while."""

from dataclasses import dataclass

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.core import clock
from bookapp.core.db import Database
from bookapp.core.sql import upsert
from bookapp.openlibrary.client import NoAnswer, OpenLibrary
from bookapp.openlibrary.drafts import Draft, kept_of
from bookapp.openlibrary.look_up_queries import HIT, find_kept
from bookapp.openlibrary.models import LookUp


@dataclass(frozen=True, slots=True)
class Found:
    """What came of a look-up; `remark` says, in a sentence, why nothing could be found out."""

    draft: Draft | None
    remark: str | None = None


async def look_up(database: Database, library: OpenLibrary, isbn: str) -> Found:
    """The book of an ISBN (thirteen digits): from an earlier answer, else from Open Library.

    Opens its own doors to the database: while somebody far away takes their time, no transaction may be open.
    """
    async with database.reading() as db:
        kept = await find_kept(db, isbn)
    if kept is not None:
        return Found(kept.draft)
    try:
        draft = await library.ask(isbn)
    except NoAnswer as trouble:
        return Found(None, str(trouble))
    async with database.writing() as db:
        await keep_answer(db, isbn, draft)
    return Found(draft)


async def keep_answer(db: AsyncSession, isbn: str, draft: Draft | None) -> None:
    """Keep what was answered to an ISBN, None for a book that is not known; let go of what has grown old."""
    row = {"isbn": int(isbn), "at": clock.now(), "answer": None if draft is None else kept_of(draft)}
    add = upsert(db, LookUp).values(**row)
    new = {"at": add.excluded.at, "answer": add.excluded.answer}
    await db.execute(add.on_conflict_do_update(index_elements=[LookUp.isbn], set_=new))
    await db.execute(delete(LookUp).where(LookUp.at < clock.now() - HIT))
