"""Bringing a file along, putting it in after a look, stopping it, throwing it away."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import Select, delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.accounts.queries import hold
from bookapp.books.models import Book
from bookapp.core import clock
from bookapp.core.actor import Actor
from bookapp.core.errors import Conflict, Invalid, NotFound
from bookapp.core.sql import rows_of
from bookapp.imports import rules
from bookapp.imports.commands import NewImport
from bookapp.imports.models import Import, ImportRow
from bookapp.imports.queries import ABSENT, count_open, find_import, is_open, lock_job
from bookapp.imports.results import Counts
from bookapp.jobs.actions import add_job, cancel_job
from bookapp.jobs.claim_actions import announce_job
from bookapp.jobs.models import Job

KIND = "import"


async def check_room(db: AsyncSession, actor: Actor) -> None:
    """Raises Conflict when a person has as many imports open as one may have."""
    if await count_open(db, actor) >= rules.MOST_OPEN:
        raise Conflict(
            f"{rules.MOST_OPEN} files of yours are not put in yet. Put them in, or delete them; then there is room."
        )


async def add_import(db: AsyncSession, actor: Actor, new: NewImport) -> int:
    """Write an import down, with the job that does it, and return its id.

    Raises Conflict when a person has too many open, NotFound when they are gone.
    """
    await hold(db, actor, absent=ABSENT)
    await check_room(db, actor)
    row = Import(
        account_id=actor.id,
        file_name=new.file_name,
        token=new.token,
        size=new.size,
        format=new.format,
        step="look" if new.dry_run else "put",
        options=asdict(new.options),
        counts=asdict(Counts()),
        facts={},
        created_at=clock.now(),
        version=1,
    )
    db.add(row)
    await db.flush()
    row.job_id = await _begin(db, row, row.step, new.total)
    await db.flush()
    return row.id


async def _begin(db: AsyncSession, row: Import, what: str, total: int | None = None) -> int:
    titles = {"look": "Looking at", "put": "Putting in", "chosen": "Putting in what you chose of"}
    payload = {"import_id": row.id, "what": what, "url": rules.import_url(row.id)}
    return await add_job(db, row.account_id, KIND, f"{titles[what]} {row.file_name}"[:200], payload, total=total)


async def confirm(db: AsyncSession, actor: Actor, import_id: int) -> None:
    """Put in what was only looked at. Raises NotFound, Conflict when there is nothing to be put in."""
    row = await find_import(db, actor, import_id)
    if row.step != "look":
        raise Conflict("That is put in, or on its way, already.")
    if row.token is None:
        raise Conflict(f"The file was thrown away after {rules.KEPT.days} days. Please send it again.")
    if await is_open(db, row.job_id):
        raise Conflict("The file is still being looked at. Wait until that is done.")
    total = row.counts.get("read") or None
    row.step, row.counts, row.version = "put", asdict(Counts()), row.version + 1
    row.facts = {name: value for name, value in row.facts.items() if name not in ("remarks", "remarked")}
    row.job_id = await _begin(db, row, "put", total)
    await db.flush()


async def remove_import(db: AsyncSession, actor: Actor, import_id: int) -> tuple[bool, str | None]:
    """Stop an import that is on its way, or delete one that has ended; what is in stays in.

    Returns whether it is deleted, and the name of a file that is to be thrown away then. Raises NotFound.
    """
    # In the order in which a step of the job takes them, or each of the two could hold what the other waits for.
    await lock_job(db, actor, import_id)
    row = await find_import(db, actor, import_id)
    if await is_open(db, row.job_id):
        assert row.job_id is not None
        await cancel_job(db, actor, row.job_id)
        return False, None
    token = row.token
    await db.execute(delete(Import).where(Import.id == row.id).execution_options(synchronize_session=False))
    announce_job(db, row.account_id)
    return True, token


def add_counts(row: Import, counts: Counts, remarks: Sequence[str]) -> None:
    """Add what became of some rows to what is known of their import."""
    row.counts = {name: row.counts.get(name, 0) + more for name, more in asdict(counts).items()}
    if remarks:
        said = list(row.facts.get("remarks", ()))[: rules.REMARKS]
        said += [text[:300] for text in remarks[: rules.REMARKS - len(said)]]
        row.facts = dict(row.facts) | {"remarks": said, "remarked": row.facts.get("remarked", 0) + len(remarks)}
    row.version += 1


def tell_facts(row: Import, **facts: Any) -> None:
    """Write down what else is known of a file."""
    row.facts = dict(row.facts) | facts


async def choose(db: AsyncSession, actor: Actor, import_id: int, number: int, choice: int | str) -> str:
    """Say which book a doubtful row is about: its id, `new` or `leave`. Returns what to say of it.

    What is put in already goes on at once, by a job. Raises NotFound, Conflict, and Invalid for an unknown book.
    """
    row = await find_import(db, actor, import_id)
    here = (ImportRow.import_id == row.id, ImportRow.number == number, ImportRow.state != "failed")
    found = await db.scalar(select(ImportRow).where(*here).with_for_update())
    if found is None:
        raise NotFound("There is no such row, or it is settled.")
    if found.state == "put":
        raise Conflict("That row is in already.")
    if isinstance(choice, int) and not await db.scalar(_is_here(choice)):
        raise Invalid({"book": ["There is no such book"]})
    settled = int(found.state == "doubtful")
    found.state = "left" if choice == "leave" else "chosen"
    found.book_id, found.is_new = (choice if isinstance(choice, int) else None), choice == "new"
    await _go_on(db, row, settled)
    return f"{found.title[:60]} is left out." if choice == "leave" else f"{found.title[:60]} is settled."


def _is_here(book_id: int) -> Select[int]:
    return select(Book.id).where(Book.id == book_id, Book.deleted_at.is_(None))


async def choose_all(db: AsyncSession, actor: Actor, import_id: int, how: str) -> int:
    """Settle all doubtful rows of an import at once: likeliest, new or leave. Returns how many. Raises NotFound."""
    row = await find_import(db, actor, import_id)
    open_rows = (ImportRow.import_id == row.id, ImportRow.state == "doubtful")
    settled = 0
    # A likeliest book is another one for each row: in batches, since there may be many thousand.
    while how == "likeliest":
        found = select(ImportRow.number, ImportRow.candidates).where(*open_rows).order_by(ImportRow.number).limit(500)
        rows = (await db.execute(found)).all()
        if not rows:
            break
        settled += len(rows)
        told: list[Mapping[str, Any]] = [
            {
                "import_id": row.id,
                "number": one.number,
                "state": "chosen",
                "book_id": one.candidates[0] if one.candidates else None,
                "is_new": not one.candidates,
            }
            for one in rows
        ]
        await db.execute(update(ImportRow), told)
    if how != "likeliest":
        state = {"state": "left"} if how == "leave" else {"state": "chosen", "is_new": True}
        change = update(ImportRow).where(*open_rows).values(**state).execution_options(synchronize_session=False)
        settled = rows_of(await db.execute(change))
    if settled:
        await _go_on(db, row, settled)
    return settled


async def _go_on(db: AsyncSession, row: Import, settled: int) -> None:
    """Count rows that are settled; where nobody is going to put them in, a job is begun that does."""
    row.counts = dict(row.counts) | {"doubtful": max(0, row.counts.get("doubtful", 0) - settled)}
    row.version += 1
    announce_job(db, row.account_id)
    await db.flush()
    if row.step != "put":
        return
    chosen = select(ImportRow.number).where(ImportRow.import_id == row.id, ImportRow.state == "chosen").limit(1)
    if await db.scalar(chosen) is None:
        return
    comes = not row.facts.get("is_over") and await is_open(db, row.job_id)
    if not comes and not await is_open(db, row.facts.get("follow_up")):
        tell_facts(row, follow_up=await _begin(db, row, "chosen"))
        await db.flush()


async def sweep(db: AsyncSession) -> int:
    """Let files go that nobody put in, and forget imports of long ago. Returns how many."""
    now = clock.now()
    busy = select(Job.id).where(Job.id == Import.job_id, Job.state.in_(("queued", "running"))).exists()
    files = update(Import).where(Import.token.is_not(None), Import.created_at < now - rules.KEPT, ~busy)
    let_go = await db.execute(files.values(token=None).execution_options(synchronize_session=False))
    old = delete(Import).where(Import.created_at < now - rules.REMEMBERED, ~busy)
    gone = await db.execute(old.execution_options(synchronize_session=False))
    return rows_of(let_go) + rows_of(gone)
