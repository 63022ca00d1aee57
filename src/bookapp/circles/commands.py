"""What a person may ask about ties."""

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeTie:
    """Nothing has to be said: the address says whom it is about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FindPerson:
    """Whom to look for among the people here."""

    name: Annotated[str, Field(max_length=100)] = ""
    """The username, in full."""
