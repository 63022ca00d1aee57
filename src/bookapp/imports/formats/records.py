"""The records of a file, one after the other in little memory, whatever its format is."""

import itertools
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from bookapp.core.text import plain_cell
from bookapp.imports.formats import bookapp, isbns, librarything, librarything_json
from bookapp.imports.formats.detect import Format, UnknownFormat, folded, header_of, titles, unknown
from bookapp.imports.formats.detect import title_of as title_of_format
from bookapp.imports.formats.lines import CHUNK, Line, as_utf8, encoding_of, lines, text_of
from bookapp.imports.formats.members import members
from bookapp.imports.formats.plain import Unreadable, without_control
from bookapp.imports.formats.table import CLEANED, Cut, Cutter
from bookapp.imports.formats.wrapping import (
    Broken,
    Unpacked,
    is_zip,
    kind_refused,
    opened_zip,
    part_of,
    tables_in,
    unpacked,
)
from bookapp.imports.told import REASON_COLUMN, Record, RowTold

__all__ = ["Source", "UnknownFormat", "open_records", "title_of_format"]

FURTHER: Final = "…"
"""The column of cells that stand behind the last one that has a name."""
_SEEN_LINES = 50
log = logging.getLogger(__name__)
Read = Callable[[Mapping[str, str]], RowTold]


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a file before its records are read."""

    format: str
    columns: tuple[str, ...]
    encoding: str
    approximate_total: int | None
    """How many records there are; exact for a small file, a guess by its first rows else."""


class Source:
    """A file that was recognised. It is read once, from the front; `skip` first to go on where it ended."""

    def __init__(self, facts: Facts, records: "Iterator[Record] | _Table") -> None:
        self.format = facts.format
        self.columns = facts.columns
        self.encoding = facts.encoding
        self.approximate_total = facts.approximate_total
        self._records = records
        self._stack = ExitStack()

    def keep(self, stack: ExitStack) -> None:
        """Take over what is open, to close it with this."""
        self._stack = stack

    def __iter__(self) -> Iterator[Record]:
        """The records from here on. What damages the file ends it with a record that says so."""
        return iter(self._records)

    def skip(self, count: int) -> None:
        """Pass over so many records, much faster than by reading them."""
        if isinstance(self._records, _Table):
            self._records.skip(count)
        else:
            next(itertools.islice(self._records, count, count), None)

    def close(self) -> None:
        """Let go of the file."""
        self._stack.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def open_records(path: Path, file_name: str) -> Source:
    """Look at a file and say what it is. `file_name` is what its person calls it: only words of an error need it.

    Raises UnknownFormat, or another AppError for a ZIP file that is not to be trusted; OSError if it is not there.
    """
    try:
        # What is raised passes what is open, so that each says its own trouble in its own words.
        with ExitStack() as stack:
            source = _from_zip(path, file_name, stack) if is_zip(path) else _from_bytes(unpacked(path, stack))
            source.keep(stack.pop_all())
            return source
    except Broken as error:
        raise UnknownFormat(str(error)) from error


def _from_zip(path: Path, file_name: str, stack: ExitStack) -> Source:
    """The one table in a ZIP file, or our own archive."""
    archive = opened_zip(path, stack)
    if bookapp.fits_zip(archive):
        facts = Facts(bookapp.NAME, bookapp.SAMPLE_COLUMNS, "utf-8", bookapp.count(path))
        return Source(facts, bookapp.records(path))
    found: list[str] = []
    for name in tables_in(archive):
        with ExitStack() as trial:
            try:
                _from_bytes(part_of(archive, name, trial))
            except (UnknownFormat, Broken):
                continue
            found.append(name)
    said = "" if file_name.lower().endswith(".zip") else f"“{file_name[:80]}” is a ZIP file in truth. "
    if not found:
        raise UnknownFormat(f"{said}There is no table of books in this ZIP file. Known are files of {titles()}.")
    if len(found) > 1:
        shown = ", ".join(name[:80] for name in found[:5])
        raise UnknownFormat(
            f"{said}There are several tables in this ZIP file ({shown}). Bring them one after the other."
        )
    return _from_bytes(part_of(archive, found[0], stack))


def _from_bytes(packed: Unpacked) -> Source:
    first = next(packed.chunks, b"")
    encoding = encoding_of(first)
    refused = kind_refused(first) if not encoding.startswith(("utf-16", "utf-32")) else None
    if refused:
        raise UnknownFormat(refused)
    size = packed.size if packed.size is not None or len(first) >= CHUNK else len(first)
    stream = as_utf8(itertools.chain([first], packed.chunks), encoding)
    head = next(stream, b"")
    if head.lstrip()[:1] in (b"{", b"["):
        return _from_json(head, stream, encoding, len(first) / size if size else None)
    seen = [(number, text_of(data)) for number, data in itertools.islice(lines([head]), 500) if data and data.strip()]
    texts = [(number, without_control(text)) for number, text in seen[:_SEEN_LINES]]
    whole = itertools.chain([head], stream)
    at, delimiter, columns, found = header_of(texts)
    if found is None and REASON_COLUMN in columns and isbns.fits(folded(set(columns) - {REASON_COLUMN})):
        found = isbns
    share = len(first) / size if size else None
    if found is None:
        if isbns.is_list([text for _, text in texts]):
            total = _total(sum(1 for _ in isbns.rows(lines([head]))), share)
            facts = Facts(isbns.NAME, isbns.SAMPLE_COLUMNS, encoding, total)
            return Source(facts, _read_isbns(lines(whole)))
        raise unknown(columns)
    # Who opens such a file with a spreadsheet and saves it again has commas, or at least quotation marks.
    quoted = (
        getattr(found, "QUOTED", True)
        or delimiter != "\t"
        or any('"' in text for number, text in texts if number == at)
    )
    table = _Table(found, columns, Cutter(_behind(lines(whole), at), delimiter, quoted=quoted))
    trial = Cutter(_behind(lines([head]), at), delimiter, quoted=quoted)
    total = _total(sum(1 for _ in iter(lambda: trial.next(parsed=False), None)), share)
    told = tuple(name for name in columns if name != REASON_COLUMN)
    return Source(Facts(found.NAME, told, encoding, total), table)


def _behind(all_lines: Iterable[Line], header: int) -> Iterator[Line]:
    return itertools.dropwhile(lambda line: line[0] <= header, all_lines)


def _total(count: int, share: float | None) -> int | None:
    return None if share is None else count if share >= 1 else round(count / share)


def _from_json(head: bytes, rest: Iterator[bytes], encoding: str, share: float | None) -> Source:
    """LibraryThing's other export, the only one in JSON."""
    if head.lstrip()[:1] == b"[":
        raise UnknownFormat(f"No format in JSON that is known here looks like this. Known are files of {titles()}.")
    books = members(itertools.chain([head], rest))
    try:
        first = list(itertools.islice(books, 1))
    except Broken:
        raise UnknownFormat("This looks like JSON, but it is damaged or ends too early.") from None
    if not librarything_json.is_books(dict(first)):
        raise UnknownFormat(f"No format in JSON that is known here looks like this. Known are files of {titles()}.")
    total = _total(_count(members([head])), share)
    facts = Facts(librarything.NAME, librarything.SAMPLE_COLUMNS, encoding, total)
    return Source(facts, _read_books(itertools.chain(first, books)))


def _count(found: Iterator[object]) -> int:
    """How many there are as far as it can be read."""
    count = 0
    with suppress(Broken):
        for _one in found:
            count += 1
    return count


def _read_books(books: Iterator[tuple[str, Any]]) -> Iterator[Record]:
    number = 0
    try:
        for number, cells in enumerate(librarything_json.json_rows(books), start=1):
            bare = {name: without_control(text) for name, text in cells.items()}
            yield _record(number, number, bare, librarything.read)
    except Broken as error:
        yield Record(number=number + 1, line=number + 1, cells={}, reason=str(error))


def _read_isbns(all_lines: Iterator[Line]) -> Iterator[Record]:
    number = at = 0
    try:
        for number, (at, text) in enumerate(isbns.rows(all_lines), start=1):
            yield _record(number, at, {isbns.COLUMN: without_control(text)}, isbns.read)
    except Broken as error:
        yield Record(number=number + 1, line=at, cells={}, reason=str(error))


class _Table:
    """The rows of a table as records."""

    def __init__(self, found: Format, columns: tuple[str, ...], cutter: Cutter) -> None:
        self._read: Read = found.read
        self._columns = columns
        self._is_again = REASON_COLUMN in columns
        self._cutter = cutter
        self._number = 0
        cutter.width = len(columns)

    def skip(self, count: int) -> None:
        """Pass over so many rows without reading what they hold."""
        try:
            while self._number < count and self._cutter.next(parsed=False) is not None:
                self._number += 1
        except Broken:
            self._number = count

    def __iter__(self) -> Iterator[Record]:
        line = 0
        try:
            while (cut := self._cutter.next()) is not None:
                line = cut.line
                self._number += 1
                yield self._made(cut)
        except Broken as error:
            self._number += 1
            yield Record(number=self._number, line=line, cells={}, reason=str(error))

    def _made(self, cut: Cut) -> Record:
        given = cut.cells or []
        cells = dict(itertools.zip_longest(self._columns, given[: len(self._columns)], fillvalue=""))
        if self._is_again:
            # Our own file of rows that failed, corrected by now: only its cells are of the file from elsewhere.
            cells = {name: plain_cell(text) for name, text in cells.items() if name != REASON_COLUMN}
        further = [text for text in given[len(self._columns) :] if text.strip()]
        reason = cut.reason
        if further:
            cells[FURTHER] = " | ".join(further)
            reason = reason or (
                f"The row has {len(given)} cells, but the file only {len(self._columns)} columns: "
                "perhaps a cell with a comma lacks its quotation marks."
            )
        if reason:
            return Record(number=self._number, line=cut.line, cells=cells, reason=reason)
        record = _record(self._number, cut.line, cells, self._read)
        if cut.was_cleaned and record.told is not None:
            return replace(record, told=replace(record.told, remarks=(*record.told.remarks, CLEANED)))
        return record


def _record(number: int, line: int, cells: Mapping[str, str], read: Read) -> Record:
    try:
        return Record(number=number, line=line, cells=cells, told=read(cells))
    except Unreadable as error:
        return Record(number=number, line=line, cells=cells, reason=str(error))
    except Exception:
        # One row that nobody thought of must not cost a person the other ten thousand.
        log.exception("a row could not be read")
        return Record(number=number, line=line, cells=cells, reason="This row could not be understood.")
