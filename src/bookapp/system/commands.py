"""What a person may ask of the instance."""

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field
from typing_extensions import TypedDict  # pydantic needs this one before Python 3.12

from bookapp.core.fields import Blank, Whole


class ChooseLook(TypedDict, total=False):
    """Choose how pages look on this device."""

    theme: Literal["auto", "light", "dark"]
    view: Literal["wall", "table"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListenFrom:
    """Hear what changed."""

    last: Annotated[Annotated[int, Field(ge=0, le=2**63 - 1), Whole] | None, Blank] = None
    """The number of the last event that you have heard; without it you begin now."""
