"""The fields of a row of JSON that anybody may have written: of the right kind and length, or not there."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeVar

from bookapp.circles.visibility import WORDS, stored
from bookapp.imports.formats import values
from bookapp.shelves.reading_rules import When

S = TypeVar("S", bound=str)
_MOST = 1000
"""So many items of a list are looked at."""


class Fields:
    """A row, field by field. What is wrong becomes a remark, and the rest counts."""

    def __init__(self, row: Mapping[str, Any], remarks: list[str] | None = None) -> None:
        """`remarks` are those of the whole record."""
        self.row = row
        self.remarks = [] if remarks is None else remarks

    def text(self, name: str, most: int) -> str:
        """A text of several lines; empty when there is none."""
        value = self.row.get(name)
        return values.clipped(values.tidy(value), most) if isinstance(value, str) else ""

    def line(self, name: str, most: int) -> str:
        """A text in one line; empty when there is none."""
        value = self.row.get(name)
        return values.clipped(values.line(value), most) if isinstance(value, str) else ""

    def texts(self, name: str) -> list[str]:
        """A list of texts in one line each."""
        value = self.row.get(name)
        found = value[:_MOST] if isinstance(value, list) else ()
        return [text for one in found if isinstance(one, str) and (text := values.line(one))]

    def rows(self, name: str) -> list["Fields"]:
        """A list of rows."""
        value = self.row.get(name)
        found = value if isinstance(value, list) else ()
        return [Fields(one, self.remarks) for one in found if isinstance(one, dict)]

    def inner(self, name: str) -> "Fields":
        """A row in the row; an empty one when there is none."""
        value = self.row.get(name)
        return Fields(value if isinstance(value, dict) else {}, self.remarks)

    def integer(self, name: str, least: int, most: int) -> int | None:
        """A whole number within its limits."""
        value = self.row.get(name)
        if isinstance(value, int) and not isinstance(value, bool) and least <= value <= most:
            return value
        self._odd(name)
        return None

    def quarters(self, name: str) -> int | None:
        """Stars, as quarters of them."""
        value = self.row.get(name)
        if isinstance(value, int | float) and not isinstance(value, bool) and 0.25 <= value <= 5:
            return round(4 * value)
        self._odd(name)
        return None

    def one_of(self, name: str, words: tuple[S, ...]) -> S | None:
        """One of several words."""
        value = self.row.get(name)
        found = next((word for word in words if word == value), None)
        if found is None:
            self._odd(name)
        return found

    def visibility(self) -> int | None:
        """Who sees it, as it is stored; None for what holds for everything."""
        word = self.one_of("visibility", WORDS)
        return None if word is None else stored(word)

    def moment(self, name: str) -> datetime | None:
        """A moment."""
        value = self.row.get(name)
        found = values.moment(value) if isinstance(value, str) else None
        if found is None:
            self._odd(name)
        return found

    def when(self, name: str) -> When | None:
        """A day, a month or a year."""
        value = self.row.get(name)
        found = values.when(value) if isinstance(value, str) else None
        if found is None:
            self._odd(name)
        return found

    def mapping(self, name: str) -> dict[str, str]:
        """Texts by names."""
        value = self.row.get(name)
        pairs = list(value.items())[:_MOST] if isinstance(value, dict) else ()
        return {values.line(key): values.tidy(text) for key, text in pairs if isinstance(text, str) and text.strip()}

    def pairs(self, name: str) -> tuple[tuple[str, str], ...]:
        """A list of pairs of texts."""
        value = self.row.get(name)
        found = value[:_MOST] if isinstance(value, list) else ()
        return tuple(
            (values.line(one[0]), values.line(one[1]))
            for one in found
            if isinstance(one, list) and len(one) == 2 and all(isinstance(part, str) for part in one)
        )

    def _odd(self, name: str) -> None:
        """Remark on a field that says something which cannot be."""
        value = self.row.get(name)
        if value not in (None, ""):
            self.remarks.append(f"{name}: “{str(value)[:40]}” cannot be understood and was left out.")
