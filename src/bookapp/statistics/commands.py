"""What a person may ask of statistics."""

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from bookapp.core.fields import Whole
from bookapp.statistics import rules


@dataclass(frozen=True, slots=True, kw_only=True)
class SetGoal:
    """Mean to finish so many books in a year."""

    books: Annotated[int, Field(ge=1, le=rules.MOST_BOOKS), Whole]
    """How many."""
