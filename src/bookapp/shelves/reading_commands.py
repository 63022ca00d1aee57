"""What a person may ask about their readings."""

from dataclasses import dataclass
from typing import Annotated

from pydantic import PlainValidator, ValidationInfo, WithJsonSchema
from typing_extensions import TypedDict  # pydantic needs this one before Python 3.12

from bookapp.core.fields import Version, is_json
from bookapp.core.text import typed
from bookapp.shelves import reading_rules as rules
from bookapp.shelves.reading_results import Outcome


def _when(value: object, info: ValidationInfo) -> rules.When:
    if not isinstance(value, str):
        raise ValueError(rules.WRONG_DATE)
    return rules.typed_when(value)


def _progress(value: object, info: ValidationInfo) -> rules.Progress:
    if is_json(info) and isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or len(value) > 40:
        raise ValueError(rules.WRONG_PROGRESS)
    return rules.typed_progress(value)


PartialDate = Annotated[
    rules.When,
    PlainValidator(_when, json_schema_input_type=str),
    WithJsonSchema({"type": "string", "minLength": 4, "maxLength": 10, "pattern": "^[0-9]{4}(-[0-9]{2}){0,2}$"},
                   mode="validation"),
]  # fmt: skip
"""2024, 2024-05 or 2024-05-12."""
HowFar = Annotated[
    rules.Progress,
    PlainValidator(_progress, json_schema_input_type=str),
    WithJsonSchema(
        {"type": "string", "minLength": 1, "maxLength": 7, "pattern": "^[0-9]{1,3} ?%?$"}, mode="validation"
    ),
]
"""A page, or a percentage with its sign."""
ReadingNote = Annotated[str, *typed(1, 5000)]


@dataclass(frozen=True, slots=True, kw_only=True)
class AddReading:
    """Write down that you read a book, or began to."""

    started: PartialDate | None = None
    """2024, 2024-05 or 2024-05-12, as exactly as you know it."""
    finished: PartialDate | None = None
    """The same; for a book that you stopped, when that was."""
    outcome: Outcome | None = None
    """Left out, it is finished when it has an end, and goes on when it has none."""
    progress: HowFar | None = None
    """How far you are: a page, or a percentage with its sign."""
    note: ReadingNote | None = None
    """For yourself alone."""


class EditReading(TypedDict, total=False):
    """Change what is given, leave the rest. `version` says which version was read."""

    started: PartialDate | None
    """2024, 2024-05 or 2024-05-12, as exactly as you know it."""
    finished: PartialDate | None
    """The same. Left out while the outcome becomes another than `reading`, it is today."""
    outcome: Outcome
    progress: HowFar | None
    """How far you are: a page, or a percentage with its sign."""
    note: ReadingNote | None
    """For yourself alone."""
    version: Version
    """The version that you read; when it is no longer current, nothing is overwritten."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteProgress:
    """Say how far you are in the book that you are reading."""

    progress: HowFar
    """A page, or a percentage with its sign."""
