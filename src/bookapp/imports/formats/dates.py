"""Days as files write them. What could be two days is none: 03/04/2020 is April here and March there."""

import re
from calendar import monthrange
from datetime import UTC, date, datetime, time
from functools import lru_cache
from typing import Final

from bookapp.imports.formats.plain import tidy
from bookapp.shelves.reading_rules import FIRST_YEAR, When

LAST_YEAR: Final = 2200
_NOON = time(12, tzinfo=UTC)
_MONTHS = {
    "jan": 1, "january": 1, "feb": 2, "february": 2, "mar": 3, "march": 3, "apr": 4, "april": 4, "may": 5, "jun": 6,
    "june": 6, "jul": 7, "july": 7, "aug": 8, "august": 8, "sep": 9, "sept": 9, "september": 9, "oct": 10,
    "october": 10, "nov": 11, "november": 11, "dec": 12, "december": 12,
}  # fmt: skip
_CLOCK = r"(?:[T ]\s*[0-9]{1,2}:[0-9]{2}.*)?"
_YEAR_FIRST = re.compile(rf"([0-9]{{4}})(?:([-/.])([0-9]{{1,2}})(?:\2([0-9]{{1,2}}))?)?{_CLOCK}", re.ASCII)
_SOLID = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})", re.ASCII)
_YEAR_LAST = re.compile(rf"([0-9]{{1,2}})[-/.]([0-9]{{1,2}})[-/.]([0-9]{{4}}){_CLOCK}", re.ASCII)
_NAMED = re.compile(
    r"(?:[a-z]{3,9}, )?(?:(?P<before>[0-9]{1,2})(?:st|nd|rd|th)?\.? )?(?P<month>[a-z]{3,9})\.?"
    rf"(?: (?P<after>[0-9]{{1,2}})(?:st|nd|rd|th)?)?,? (?P<year>[0-9]{{4}}){_CLOCK}",
    re.ASCII | re.IGNORECASE,
)
_EPOCH = re.compile(r"[0-9]{10}(?:[0-9]{3})?", re.ASCII)
_ERA = re.compile(r"(-?[0-9]{1,4})(?:\.0+)? *(b\.? ?c\.?(?: ?e\.?)?|c\.? ?e\.?|a\.? ?d\.?)?", re.ASCII | re.IGNORECASE)
_LONGEST = 60


def when(text: str) -> When | None:
    """A day, a month or a year, as exactly as it is written; None for what is none, or could be two.

    Takes 2020/08/23, 2020-08, 2020, `[2007-04-16]`, `Jan 5, 2021`, `5 January 2021`, `May 2020`, 12/31/2020, with or
    without the time of day. A month or day of 00 is not known. Years before 1900 are none in which somebody read.
    """
    return _when(text) if len(text) <= _LONGEST else None


@lru_cache(maxsize=2048)
def _when(text: str) -> When | None:
    text = _bare(text)
    found = _YEAR_FIRST.fullmatch(text)
    if found:
        return _made(found[1], found[3], found[4])
    found = _SOLID.fullmatch(text)
    if found:
        return _made(*found.groups())
    found = _YEAR_LAST.fullmatch(text)
    if found:
        return _either(int(found[1]), int(found[2]), found[3])
    found = _NAMED.fullmatch(text)
    if found and found["month"].lower() in _MONTHS and not (found["before"] and found["after"]):
        return _made(found["year"], str(_MONTHS[found["month"].lower()]), found["before"] or found["after"])
    return None


def moment(text: str) -> datetime | None:
    """A moment in UTC: ISO 8601 in its spellings, seconds or milliseconds since 1970, or a day as `when` takes it.

    A time without a zone is in UTC. A day is its noon, so that it is the same day for almost everybody.
    """
    return _moment(text) if len(text) <= _LONGEST else None


@lru_cache(maxsize=2048)
def _moment(text: str) -> datetime | None:
    text = _bare(text)
    if _EPOCH.fullmatch(text):
        return datetime.fromtimestamp(int(text[:10]), UTC)
    if ":" in text:
        try:
            found = datetime.fromisoformat(text.removesuffix(" UTC"))
            found = found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
        except (ValueError, OverflowError):
            pass
        else:
            return found if FIRST_YEAR <= found.year <= LAST_YEAR else None
    day = when(text)
    return None if day is None else datetime.combine(day.first, _NOON)


def year(text: str) -> int | None:
    """A year of publication: 1994, 1994.0, -800, `800 BC`, or that of a date. None for what is none, and for 0."""
    return _year(text) if len(text) <= _LONGEST else None


@lru_cache(maxsize=2048)
def _year(text: str) -> int | None:
    text = _bare(text)
    found = _ERA.fullmatch(text)
    if found:
        number = int(found[1])
        return (-abs(number) if (found[2] or "").lower().startswith("b") else number) or None
    day = when(text)
    if day is not None:
        return day.first.year
    early = re.match(r"(-?[0-9]{4})[-/][0-9]{1,2}(?:[-/]|$)", text, re.ASCII)
    return (int(early[1]) or None) if early else None


def _bare(text: str) -> str:
    return " ".join(tidy(text).strip("[](){}\"'= ").split())


def _made(year: str, month: str | None, day: str | None) -> When | None:
    """The date of written numbers; a month or a day of zero is not known."""
    numbers = int(year), int(month or 0), int(day or 0)
    if not FIRST_YEAR <= numbers[0] <= LAST_YEAR or numbers[1] > 12:
        return None
    if not numbers[1]:
        return None if numbers[2] else When(date(numbers[0], 1, 1), "year")
    if numbers[2] > monthrange(numbers[0], numbers[1])[1]:
        return None
    return When(date(numbers[0], numbers[1], numbers[2] or 1), "day" if numbers[2] else "month")


def _either(one: int, other: int, year: str) -> When | None:
    """The day of 12/31/2020 or 31/12/2020: only one of the two can be a month, or both are the same."""
    if one > 12 or one == other:
        one, other = other, one
    elif other <= 12:
        return None
    return _made(year, str(one), str(other)) if one and other else None
