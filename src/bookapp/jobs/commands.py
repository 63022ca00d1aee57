"""What a person may ask of their jobs."""

from dataclasses import dataclass
from typing import Annotated

from bookapp.core.fields import Blank, Cursor, Limit, limit_or
from bookapp.jobs.rules import ON_A_PAGE


@dataclass(frozen=True, slots=True, kw_only=True)
class FindJobs:
    """From where on to list jobs, the newest first."""

    cursor: Annotated[Cursor | None, Blank] = None
    """Where the list goes on: from `next` of the page before."""
    limit: Annotated[Limit, limit_or(ON_A_PAGE)] = ON_A_PAGE
    """How many to answer at once."""
