"""Reading dumps into the work file, in steps that are kept: what was read before is passed over."""

import json
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bookapp.openlibrary import dump_facts as facts
from bookapp.openlibrary.cover_rules import LARGEST_ID, is_good
from bookapp.openlibrary.dump_lines import DumpFile, Line, number_of
from bookapp.openlibrary.workfile import Place, WorkFile

STEP = 20_000
"""Lines in one step."""
_keep = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
Rows = dict[str, list[tuple[Any, ...]]]


def read_dump(path: Path, into: WorkFile, told: Callable[[int], None]) -> int:
    """Read what is left of a file, telling after each step how many bytes of it more; returns how many lines it has."""
    name = str(path)
    place, file = into.place_in(name), DumpFile(path)
    if place.is_read:
        told(file.size)
        return place.line
    file = DumpFile(path, place.byte, place.line)
    rows: Rows = defaultdict(list)
    kept, passed = place.line, 0
    for line in file:
        _take(line, path.name, rows)
        place = Place(line.end, line.number)
        if line.number - kept >= STEP:
            into.keep(name, place, rows)
            told(file.passed - passed)
            rows, kept, passed = defaultdict(list), line.number, file.passed
    into.keep(name, Place(place.byte, place.line, is_read=True), rows)
    told(file.size - passed)
    return place.line


def _take(line: Line, file: str, rows: Rows) -> None:
    if line.kind == "other":
        return
    try:
        if line.kind == "damaged":
            raise facts.Damaged(line.told.decode())
        _TAKERS[line.kind](line, rows)
    except facts.Damaged as problem:
        rows["problem"].append((file, line.number, line.key[:60].decode(errors="replace"), str(problem)))


def _numbered(line: Line, folder: bytes) -> int:
    number = number_of(line.key)
    if number is None or not line.key.startswith(folder):
        raise facts.Damaged("The key is none.")
    return number


def _take_author(line: Line, rows: Rows) -> None:
    number = _numbered(line, b"/a")
    rows["author"].append((number, line.revision, facts.author_name(facts.loaded(line.told)), None))


def _take_work(line: Line, rows: Rows) -> None:
    number = _numbered(line, b"/w")
    work = facts.work_of(facts.loaded(line.told))
    rows["work"].append((number, line.revision, _keep(work), None))


def _take_edition(line: Line, rows: Rows) -> None:
    number = _numbered(line, b"/b")
    works, edition = facts.edition_of(facts.loaded(line.told))
    if works:
        # Of the few with several works, which are boxes of books, the first.
        rows["edition"].append((works[0], number, line.revision, _keep(edition)))


def _take_redirect(line: Line, rows: Rows) -> None:
    kind = "author" if line.key.startswith(b"/a") else "work" if line.key.startswith(b"/w") else None
    number = number_of(line.key)
    if kind is None or number is None:
        return
    target = facts.target_of(facts.loaded(line.told))
    if target is None:
        raise facts.Damaged("The redirect leads nowhere.")
    rows[kind].append((number, line.revision, None, target))


def _take_delete(line: Line, rows: Rows) -> None:
    kind = "author" if line.key.startswith(b"/a") else "work" if line.key.startswith(b"/w") else None
    number = number_of(line.key)
    if kind is not None and number is not None:
        rows[kind].append((number, line.revision, None, None))


def _take_rating(line: Line, rows: Rows) -> None:
    number = _numbered(line, b"/w")
    if line.told not in (b"1", b"2", b"3", b"4", b"5"):
        raise facts.Damaged("The rating is not 1 to 5 stars.")
    rows["rating"].append((number, int(line.told)))


def _take_cover(line: Line, rows: Rows) -> None:
    number, sizes = int(line.key) if len(line.key) < 16 else 0, line.told.split(b"\t")
    if not 0 < number <= LARGEST_ID:
        raise facts.Damaged("The number of the cover is none.")
    # Where no size is told (`\N`), the picture itself tells when it is here.
    are_told = all(size.isdigit() and len(size) < 8 for size in sizes)
    rows["cover"].append((number, is_good(*map(int, sizes)) if are_told else True))


_TAKERS: dict[str, Callable[[Line, Rows], None]] = {
    "author": _take_author,
    "work": _take_work,
    "edition": _take_edition,
    "redirect": _take_redirect,
    "delete": _take_delete,
    "rating": _take_rating,
    "cover": _take_cover,
}
