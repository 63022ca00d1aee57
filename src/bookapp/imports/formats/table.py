"""Lines put together to rows: a quoted cell may go over several, and a quote that never ends costs its line only."""

import csv
import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Final

from bookapp.imports.formats.lines import LONGEST_LINE, Line, text_of
from bookapp.imports.formats.plain import holds_control, without_control

MOST_LINES: Final = 5000
"""So many lines one cell may have; whatever goes on longer is a quote that was forgotten."""
TOO_LONG: Final = f"The line is too long: no row may have more than {LONGEST_LINE // 2**20} MB."
UNCLOSED: Final = "A quotation mark opens here and is never closed; only this line was left out."
CLEANED: Final = "Characters that no text holds (control characters) were left out."


@dataclass(frozen=True, slots=True)
class Cut:
    """One row: where it begins, its cells, and what is wrong with it; None for cells that nobody asked for."""

    line: int
    cells: list[str] | None
    reason: str = ""
    was_cleaned: bool = False


@cache
def _closed(delimiter: bytes) -> re.Pattern[bytes]:
    """A line in which every quoted cell is closed. Nothing in it is ever tried twice."""
    sign = re.escape(delimiter)
    cell = rb'(?:"[^"]*+(?:""[^"]*+)*+"[^%b]*+|[^"%b][^%b]*+|)' % (sign, sign, sign)
    return re.compile(rb"%b(?:%b%b)*+" % (cell, sign, cell))


def ends_open(line: bytes, is_open: bool, delimiter: bytes) -> bool:
    """Whether a quoted cell is still open at the end of a line that begins within one, or not."""
    place = 0
    while True:
        if is_open:
            place = line.find(b'"', place)
            if place < 0:
                return True
            if line.startswith(b'""', place):
                place += 2
                continue
            place += 1
        elif line.startswith(b'"', place):
            is_open, place = True, place + 1
            continue
        # Outside, quotation marks in the middle of a cell are only that.
        place = line.find(delimiter, place) + 1
        if place == 0:
            return False
        is_open = False


class Cutter:
    """Cuts lines into rows. `parsed=False` finds where rows end without making cells: that is how rows are skipped."""

    def __init__(self, lines: Iterator[Line], delimiter: str, *, quoted: bool = True) -> None:
        self._lines = lines
        self._delimiter = delimiter
        self._sign = delimiter.encode()
        self._blank = self._sign + b" \t\"'\x00"
        self._quoted = quoted
        self._closed = _closed(self._sign)
        self._again: deque[Line] = deque()
        self.width: int | None = None
        """How many cells a row has, once that is known."""

    def next(self, *, parsed: bool = True) -> Cut | None:
        """The next row that holds anything; None at the end."""
        while (line := self._next_line()) is not None:
            number, data = line
            if data is None:
                return Cut(number, None, TOO_LONG)
            if not data.strip(self._blank):
                continue
            if not self._quoted or b'"' not in data:
                return self._split(number, data) if parsed else Cut(number, None)
            if not self._closed.fullmatch(data) and ends_open(data, False, self._sign):
                return self._over_lines(number, data)
            return self._parse(number, data) if parsed else Cut(number, None)
        return None

    def _next_line(self) -> Line | None:
        return self._again.popleft() if self._again else next(self._lines, None)

    def _split(self, number: int, data: bytes) -> Cut:
        text = text_of(data)
        was_cleaned = holds_control(text)
        if was_cleaned:
            text = without_control(text)
        return Cut(number, text.split(self._delimiter), "", was_cleaned)

    def _parse(self, number: int, data: bytes, *, strict: bool = False) -> Cut:
        text = text_of(data)
        was_cleaned = holds_control(text)
        if was_cleaned:
            text = without_control(text)
        try:
            cells = next(csv.reader((text,), delimiter=self._delimiter, strict=strict), [])
        except csv.Error as error:
            return Cut(number, None, TOO_LONG if "limit" in str(error) else UNCLOSED)
        return Cut(number, cells, "", was_cleaned)

    def _over_lines(self, number: int, data: bytes) -> Cut:
        """A row of several lines. If it never ends, or ends in disorder, the quote was forgotten in its first line."""
        further: list[Line] = []
        size, is_open = len(data), True
        while is_open:
            line = self._next_line()
            if line is None:
                break
            further.append(line)
            size += len(line[1] or b"")
            if line[1] is None or len(further) >= MOST_LINES or size > LONGEST_LINE:
                break
            is_open = ends_open(line[1], True, self._sign)
        if not is_open:
            # Each line in its own encoding: whoever joins files joins their encodings.
            texts = [text_of(part or b"") for part in (data, *(line[1] for line in further))]
            cut = self._parse(number, "\n".join(texts).encode(), strict=True)
            if cut.cells is not None and (self.width is None or len(cut.cells) <= self.width):
                return cut
        self._again.extendleft(reversed(further))
        return Cut(number, self._parse(number, data).cells, UNCLOSED)
