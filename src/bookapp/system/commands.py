"""What a person may ask of the instance."""

from typing import Literal

from typing_extensions import TypedDict  # pydantic needs this one before Python 3.12


class ChooseLook(TypedDict, total=False):
    """Choose how pages look on this device."""

    theme: Literal["auto", "light", "dark"]
    view: Literal["wall", "table"]
