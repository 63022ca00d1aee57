"""What a person may say about how a book felt, and about their copy."""

import re
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, WithJsonSchema
from typing_extensions import TypedDict  # pydantic needs this one before Python 3.12

from bookapp.core.fields import Flag, Whole, is_json
from bookapp.core.text import typed
from bookapp.shelves import told_rules
from bookapp.shelves.bulk_rules import MOST_MOODS, MOST_WARNINGS
from bookapp.shelves.commands import distinct, one_tag, parts
from bookapp.shelves.detail_results import Drive, Pace, Verdict
from bookapp.shelves.detail_rules import warning_of, warning_words


def _lines(value: object, info: ValidationInfo) -> object:
    """A form sends warnings as lines; JSON sends a list."""
    if is_json(info):
        return value
    if value is None:
        return []
    return [p.strip() for p in re.split(r"\n", value) if p.strip()] if isinstance(value, str) else value


_NO_COMMA = r"^[^\x00-\x1f\x7f-\x9f,]*[^\s\x00-\x1f\x7f-\x9f,][^\x00-\x1f\x7f-\x9f,]*$"
Mood = Annotated[
    str,
    *typed(1, told_rules.LONGEST_MOOD),
    AfterValidator(one_tag),
    WithJsonSchema(
        {"type": "string", "minLength": 1, "maxLength": told_rules.LONGEST_MOOD, "pattern": _NO_COMMA},
        mode="validation",
    ),
]
Moods = Annotated[list[Mood], Field(max_length=MOST_MOODS), BeforeValidator(parts), AfterValidator(distinct)]


def _warning(value: str) -> str:
    if "\n" in value:
        raise ValueError("must be one line")
    return warning_words(*warning_of(value))


Warning_ = Annotated[
    str,
    *typed(1, told_rules.LONGEST_WARNING),
    AfterValidator(_warning),
    WithJsonSchema(
        {
            "type": "string",
            "minLength": 1,
            "maxLength": told_rules.LONGEST_WARNING,
            "pattern": r"^[^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*$",
        },
        mode="validation",
    ),
]
Warnings = Annotated[list[Warning_], Field(max_length=MOST_WARNINGS), BeforeValidator(_lines), AfterValidator(distinct)]


class EditDetail(TypedDict, total=False):
    """Change what is given, leave the rest."""

    moods: Moods
    """How it felt. In a form, one line with commas, to which the ticked words are added."""
    mood_adventurous: Flag
    """True adds that word to the moods. So for the next thirteen."""
    mood_challenging: Flag
    mood_dark: Flag
    mood_emotional: Flag
    mood_funny: Flag
    mood_hopeful: Flag
    mood_informative: Flag
    mood_inspiring: Flag
    mood_lighthearted: Flag
    mood_mysterious: Flag
    mood_reflective: Flag
    mood_relaxing: Flag
    mood_sad: Flag
    mood_tense: Flag
    pace: Pace | None
    drive: Drive | None
    """By what it is driven."""
    development: Verdict | None
    """Whether its characters grow."""
    loveable: Verdict | None
    """Whether they are loveable. So for the next two."""
    diverse: Verdict | None
    flawed: Verdict | None
    warnings: Warnings
    """What others may want to be warned of: "graphic: Death", or "Death". In a form, one on a line."""
    warning_note: Annotated[str, *typed(1, told_rules.LONGEST_PASSAGE)] | None
    format: Annotated[str, *typed(1, told_rules.LONGEST_FORMAT)] | None
    """Paperback, hardcover, digital, audio, or in your words."""
    copies: Annotated[int, Field(ge=1, le=told_rules.MOST_COPIES), Whole] | None
    """How many are yours."""
    is_favorite: Flag
