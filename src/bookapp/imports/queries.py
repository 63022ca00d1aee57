"""Reading imports: always one person's own."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.core import clock
from bookapp.core.actor import Actor
from bookapp.core.errors import NotFound
from bookapp.core.paging import address, read_cursor, write_cursor
from bookapp.imports import rules
from bookapp.imports.commands import IMPORTS_ON_A_PAGE, FindImports, Options
from bookapp.imports.formats.records import title_of_format
from bookapp.imports.models import Import, ImportRow
from bookapp.imports.results import Counts, FailedLine, ImportLine, ImportList, ImportShown
from bookapp.jobs import queries as jobs
from bookapp.jobs.models import Job
from bookapp.jobs.results import JobShown

ABSENT = "There is no such import, or it is not for you to see."
_OPEN = ("queued", "running")
_SHOWN = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportKnown:
    """An import as the work that does it knows it."""

    id: int
    account_id: int
    file_name: str
    token: str | None
    options: Options
    format: str | None
    job_id: int | None
    """The work that was begun last."""


async def find_import(db: AsyncSession, actor: Actor, import_id: int) -> Import:
    """The row of a person's import, locked for a change. Raises NotFound."""
    row = await db.scalar(select(Import).where(Import.id == import_id, Import.account_id == actor.id).with_for_update())
    if row is None:
        raise NotFound(ABSENT)
    return row


async def lock_job(db: AsyncSession, actor: Actor, import_id: int) -> None:
    """Lock the job of a person's import, where it has one."""
    its = select(Job.id).join(Import, Import.job_id == Job.id)
    await db.execute(its.where(Import.id == import_id, Import.account_id == actor.id).with_for_update(of=Job))


async def find_work(db: AsyncSession, import_id: int) -> ImportKnown | None:
    """What a job needs to know of its import; None when it is gone."""
    row = await db.scalar(select(Import).where(Import.id == import_id))
    if row is None:
        return None
    return ImportKnown(
        id=row.id,
        account_id=row.account_id,
        file_name=row.file_name,
        token=row.token,
        options=Options(**row.options),
        format=row.format,
        job_id=row.job_id,
    )


async def find_locked(db: AsyncSession, import_id: int) -> Import | None:
    """The row of an import, locked, for the job that does it."""
    return await db.scalar(select(Import).where(Import.id == import_id).with_for_update())


async def find_tokens(db: AsyncSession) -> frozenset[str]:
    """The names of all files that an import knows."""
    return frozenset(
        token for token in await db.scalars(select(Import.token).where(Import.token.is_not(None))) if token
    )


async def count_open(db: AsyncSession, actor: Actor) -> int:
    """How many of a person's imports are on the way, or wait for them: all whose file is kept, however they ended."""
    mine = select(func.count()).select_from(Import).outerjoin(Job, Job.id == Import.job_id)
    is_one = or_(Import.token.is_not(None), Job.state.in_(_OPEN))
    return await db.scalar(mine.where(Import.account_id == actor.id, is_one)) or 0


async def is_open(db: AsyncSession, job_id: int | None) -> bool:
    """Whether a job is still to come to its end."""
    if job_id is None:
        return False
    return await db.scalar(select(Job.id).where(Job.id == job_id, Job.state.in_(_OPEN))) is not None


async def list_imports(db: AsyncSession, actor: Actor, question: FindImports) -> ImportList:
    """One page of a person's imports, the newest first. Raises Invalid for a cursor that belongs to another list."""
    found = (
        select(Import, Job.state)
        .outerjoin(Job, Job.id == Import.job_id)
        .where(Import.account_id == actor.id)
        .order_by(Import.id.desc())
        .limit(question.limit + 1)
    )
    if question.cursor:
        found = found.where(Import.id < read_cursor(question.cursor, (int,))[0])
    rows = (await db.execute(found)).all()
    following = None
    if len(rows) > question.limit:
        many = None if question.limit == IMPORTS_ON_A_PAGE else question.limit
        following = address("/imports", limit=many, cursor=write_cursor([rows[question.limit - 1][0].id]))
    lines = tuple(ImportLine(**_line(row, state, actor)) for row, state in rows[: question.limit])
    return ImportList(items=lines, next=following)


async def show_import(db: AsyncSession, actor: Actor, import_id: int) -> ImportShown:
    """One of a person's imports. Raises NotFound."""
    row = await db.scalar(select(Import).where(Import.id == import_id, Import.account_id == actor.id))
    if row is None:
        raise NotFound(ABSENT)
    job = None if row.job_id is None else await jobs.show_job(db, actor, row.job_id)
    return ImportShown(
        **_line(row, job.state if job else None, actor),
        **_progress(job),
        **_doors(row, job),
        reason=job.reason if job else None,
        remarks=tuple(row.facts.get("remarks", ())),
        remark_count=row.facts.get("remarked", 0),
        first_failed=await _first_failed(db, row) if row.counts.get("failed") else (),
        options=row.options,
    )


def _line(row: Import, state: str | None, actor: Actor) -> dict[str, Any]:
    return {
        "id": row.id,
        "state": state or "done",
        "step": row.step,
        "step_words": rules.step_words(state or "done", row.step),
        "format": row.format,
        "format_title": title_of_format(row.format) if row.format else None,
        "file_name": row.file_name,
        "size": row.size,
        "counts": counts_of(row.counts),
        "created_at": row.created_at.astimezone(clock.zone_of(actor.zone)),
        "url": rules.import_url(row.id),
        "version": row.version,
    }


def counts_of(stored: Mapping[str, int]) -> Counts:
    """The counts of an import as they are stored."""
    return Counts(**{name: max(0, stored.get(name, 0)) for name in asdict(Counts())})


def _progress(job: JobShown | None) -> dict[str, Any]:
    if job is None:
        return {"state_words": "done", "saying": "", "done": 0, "total": None, "percent": None}
    return {name: getattr(job, name) for name in ("state_words", "saying", "done", "total", "percent")}


def _doors(row: Import, job: JobShown | None) -> dict[str, Any]:
    url, counts = rules.import_url(row.id), counts_of(row.counts)
    is_over = job is None or job.state not in _OPEN
    has_rows = counts.read > 0 or row.format == rules.OURS
    may_put = row.step == "look" and row.token is not None and is_over and has_rows
    return {
        "job_url": job.url if job else None,
        "errors_url": f"{url}/errors.csv" if counts.failed else None,
        "matches_url": f"{url}/matches" if counts.doubtful else None,
        "confirmation_url": f"{url}/confirmation" if may_put else None,
        "cancellation_url": f"{url}/delete" if not is_over else None,
        "retry_url": job.retry_url if job and row.token is not None and job.state in ("failed", "cancelled") else None,
    }


async def _first_failed(db: AsyncSession, row: Import) -> tuple[FailedLine, ...]:
    failed = (
        select(ImportRow.number, ImportRow.line, ImportRow.title, ImportRow.reason)
        .where(ImportRow.import_id == row.id, ImportRow.state == "failed")
        .order_by(ImportRow.number)
        .limit(_SHOWN)
    )
    return tuple(FailedLine(**one._mapping) for one in await db.execute(failed))


async def find_columns(db: AsyncSession, actor: Actor, import_id: int) -> tuple[str, ...]:
    """The columns of an import's file. Raises NotFound."""
    row = await db.scalar(select(Import).where(Import.id == import_id, Import.account_id == actor.id))
    if row is None:
        raise NotFound(ABSENT)
    return tuple(row.facts.get("columns", ()))


async def list_failed(
    db: AsyncSession, actor: Actor, import_id: int, after: int, limit: int
) -> list[tuple[int, Mapping[str, str], str]]:
    """The rows that failed beyond that number: number, cells and reason."""
    rows = await db.execute(
        select(ImportRow.number, ImportRow.cells, ImportRow.reason)
        .join(Import, and_(Import.id == ImportRow.import_id, Import.account_id == actor.id))
        .where(ImportRow.import_id == import_id, ImportRow.state == "failed", ImportRow.number > after)
        .order_by(ImportRow.number)
        .limit(limit)
    )
    return [(row.number, row.cells, row.reason) for row in rows]
