"""What a file tells of a task, as clean values."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskTold:
    """A task as it was written down elsewhere; moments are in UTC."""

    name: str
    note: str | None = None
    created_at: datetime
    due: datetime | None = None
    completed_at: datetime | None = None
    is_completed: bool = False
    book_id: int | None = None
