"""Taking tasks in that were written down elsewhere, in a handful of statements for all of them."""

from collections.abc import Sequence
from typing import Any, cast

from sqlalchemy import Table, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.accounts.queries import hold
from bookapp.core import clock
from bookapp.core.actor import Actor
from bookapp.core.events import Changed, announce
from bookapp.core.text import fold
from bookapp.lists import rules
from bookapp.lists.models import Task
from bookapp.lists.queries import ABSENT
from bookapp.lists.told import TaskTold


async def put_tasks(db: AsyncSession, actor: Actor, tasks: Sequence[TaskTold]) -> int:
    """Write down the tasks that are not here yet, as many as fit, and return how many that were.

    A task of the same name that was written down at the same moment is the same, also when it was changed or deleted
    since. Raises NotFound when the person is gone.
    """
    await hold(db, actor, absent=ABSENT)
    rows = (
        await db.execute(
            select(Task.name, Task.creation_date, Task.deleted_at.is_(None).label("is_here")).where(
                Task.account_id == actor.id
            )
        )
    ).all()
    known = {(row.name, row.creation_date) for row in rows}
    room = max(0, rules.MOST - sum(row.is_here for row in rows))
    new = [task for key, task in {(task.name, task.created_at): task for task in tasks}.items() if key not in known]
    if new[:room]:
        await db.execute(insert(cast(Table, Task.__table__)), [_row(actor, task) for task in new[:room]])
        assert actor.id is not None
        announce(db, Changed("tasks-changed", frozenset({actor.id})))
    return len(new[:room])


def _row(actor: Actor, task: TaskTold) -> dict[str, Any]:
    return {
        "account_id": actor.id,
        "name": task.name,
        "note": task.note,
        "book_id": task.book_id,
        "creation_date": task.created_at,
        "due_date": task.due,
        "due_sort": task.due or rules.NEVER,
        "completed": task.is_completed,
        "completed_at": (task.completed_at or clock.now()) if task.is_completed else None,
        "folded": fold(f"{task.name} {task.note or ''}"),
        "version": 1,
    }
