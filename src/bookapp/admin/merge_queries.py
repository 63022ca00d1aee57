"""Reading what was merged."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.admin.commands import FindPlace
from bookapp.admin.queries import following, newest_first
from bookapp.admin.results import MergeLine, MergeList
from bookapp.admin.rules import merge_url
from bookapp.books.models import Merge
from bookapp.books.rules import author_url, book_url
from bookapp.core.errors import NotFound
from bookapp.core.sql import AnyRow, AnySelect


async def list_merges(db: AsyncSession, question: FindPlace) -> MergeList:
    """One page of the merges, the newest first. Raises Invalid for a wrong cursor."""
    rows = (await db.execute(newest_first(_merges(), Merge.id, question.cursor, question.limit))).all()
    return MergeList(
        items=tuple(map(_line, rows[: question.limit])), next=following("/admin/merges", rows, question.limit)
    )


async def show_merge(db: AsyncSession, merge_id: int) -> MergeLine:
    """One merge. Raises NotFound."""
    row = (await db.execute(_merges().where(Merge.id == merge_id))).one_or_none()
    if row is None:
        raise NotFound("There is no such merge.")
    return _line(row)


def _merges() -> AnySelect:
    # Without `kept`, which may name a hundred thousand books.
    return select(
        Merge.id,
        Merge.at,
        Merge.actor_name,
        Merge.kind,
        Merge.from_id,
        Merge.from_name,
        Merge.into_id,
        Merge.into_name,
        Merge.undone_at,
        Merge.undone_by,
        Merge.remarks,
    )


def _line(row: AnyRow) -> MergeLine:
    return MergeLine(
        id=row.id,
        at=row.at,
        who=row.actor_name,
        kind=row.kind,
        from_id=row.from_id,
        from_name=row.from_name,
        into_id=row.into_id,
        into_name=row.into_name,
        into_url=author_url(row.into_id) if row.kind == "author" else book_url(row.into_id),
        url=merge_url(row.id),
        undone_at=row.undone_at,
        undone_by=row.undone_by,
        remarks=tuple(row.remarks),
        undo_url=None if row.undone_at else f"{merge_url(row.id)}/separation",
    )
