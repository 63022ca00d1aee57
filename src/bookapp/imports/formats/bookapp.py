"""The file in which a place like this one gives a person all that is theirs: `/exports/account.zip`.

Every book of the shelves is one record, with everything that its person said of it. What is no record (tasks, goals,
settings) is told by `bookapp_extras`. Files of the first version, which had no books.json, are read as well.
"""

import json
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from bookapp.imports.formats import bookapp_zip, values
from bookapp.imports.formats.bookapp_values import Fields
from bookapp.imports.told import BookTold, Record, RowTold
from bookapp.shelves.rules import STATES
from bookapp.shelves.told import DetailTold, EntryTold, QuoteTold, ReadingTold, ReviewTold

NAME: Final = "bookapp"
TITLE: Final = "bookapp (account.zip)"
FORMAT: Final = "bookapp account"
VERSION: Final = 2
WHOLE: Final = "row"
"""The column that has all of a record."""
SAMPLE_COLUMNS: Final = ("title", "authors", "isbn", "shelf", "stars", "tags", "own_shelves", "note", WHOLE)
_PARTS = ("books", "shelves", "reviews", "readings", "quotes")
_OUTCOMES = ("reading", "finished", "stopped")


def fits_zip(archive: zipfile.ZipFile) -> bool:
    """Whether a ZIP file is such a file. Raises BadArchive for one that is not to be trusted."""
    bookapp_zip.check(archive)
    return bookapp_zip.head(archive).get("format") == FORMAT


def records(path: Path) -> Iterator[Record]:
    """The books of the shelves, one after the other, the same each time. Raises BadArchive."""
    with bookapp_zip.opened(path) as archive, bookapp_zip.Spool() as spool:
        if bookapp_zip.head(archive).get("version") not in (1, VERSION):
            raise bookapp_zip.BadArchive("This file was written by a newer bookapp than this one.")
        for part in _PARTS:
            spool.put(part, bookapp_zip.lines(archive, f"{part}.json"))
        number = 0
        for _book, found in spool.books():
            if found.keys() - {"books"}:
                number += 1
                yield _record(number, found)


def count(path: Path) -> int | None:
    """How many records there are, as the file itself says it; None when it does not. Raises BadArchive."""
    with bookapp_zip.opened(path) as archive:
        parts = Fields(bookapp_zip.whole(archive, "manifest.json")).rows("parts")
    return next((part.integer("count", 0, 2**31) for part in parts if part.row.get("name") == "shelves.json"), None)


def fits(columns: frozenset[str]) -> bool:
    """Whether a table is one of records of such a file, as they are given back when they could not be put in."""
    return columns >= {"title", "authors", WHOLE}


def read(cells: Mapping[str, str]) -> RowTold:
    """A record out of its cells, of which one holds all of it. Raises Unreadable."""
    found = bookapp_zip.row_of(values.cell(cells, WHOLE))
    rows = {
        part: [row for row in some if isinstance(row, dict)] for part, some in found.items() if isinstance(some, list)
    }
    return _told(rows)


def _record(number: int, found: Mapping[str, list[dict[str, Any]]]) -> Record:
    entry, known = (next(iter(found.get(part, ())), {}) for part in ("shelves", "books"))
    cells = {name: _cell(known.get(name, entry.get(name))) for name in SAMPLE_COLUMNS[:-1]}
    cells[WHOLE] = json.dumps(found, ensure_ascii=False)
    try:
        return Record(number=number, line=number, cells=cells, told=_told(found))
    except values.Unreadable as error:
        return Record(number=number, line=number, cells=cells, reason=str(error))


def _told(found: Mapping[str, list[dict[str, Any]]]) -> RowTold:
    remarks: list[str] = []
    rows = {part: [Fields(row, remarks) for row in some] for part, some in found.items()}
    entry, known = (next(iter(rows.get(part, ())), Fields({})) for part in ("shelves", "books"))
    book = book_told(known if known.row else _named(entry, rows))
    if not book.title:
        raise values.Unreadable("The file does not say which book this is.")
    return RowTold(
        key=known.line("key", 60) or values.row_key(book.title, *book.authors[:1]),
        book=book,
        entry=_entry(entry, rows),
        remarks=tuple(dict.fromkeys(remarks)),
    )


def _named(entry: Fields, rows: Mapping[str, list[Fields]]) -> Fields:
    """The book of a file of the first version, which named it beside what was about it."""
    named = next((row.row["book"] for some in rows.values() for row in some if row.row.get("book")), None)
    author = entry.line("author", 200)
    return Fields({"title": named, "authors": [author] if author else [], "isbn": entry.row.get("isbn")})


def book_told(known: Fields) -> BookTold:
    """A book out of its row in books.json."""
    main = values.isbn(known.line("isbn", 40))
    editions = {isbn: one for one in known.rows("editions") if (isbn := values.isbn(one.line("isbn", 40)))}
    edition = editions.get(main or "", Fields({}))
    return BookTold(
        title=known.line("title", 500),
        authors=tuple(name for name in map(values.clipped_name, known.texts("authors")[:100]) if name),
        isbns=tuple(dict.fromkeys([*([main] if main else []), *editions])),
        year=known.integer("year", -9999, 9999),
        edition_year=edition.integer("year", -9999, 9999),
        language=values.language(known.line("language", 35)),
        pages=known.integer("pages", 1, 100_000),
        publisher=edition.line("publisher", 200) or None,
        format=edition.line("format", 40) or None,
        description=known.text("description", 20_000) or None,
        subjects=tuple(name for one in known.rows("subjects")[:200] if (name := one.line("name", 60))),
        series=known.line("series", 200) or None,
        series_position=known.line("series_position", 20) or None,
    )


def _entry(entry: Fields, rows: Mapping[str, list[Fields]]) -> EntryTold:
    return EntryTold(
        state=entry.one_of("shelf", STATES),
        state_at=entry.moment("shelved_at"),
        quarters=entry.quarters("stars"),
        rated_at=entry.moment("rated_at"),
        shelves=tuple(entry.texts("own_shelves")[:100]),
        tags=tuple(entry.texts("tags")[:100]),
        note=entry.text("note", 20_000) or None,
        is_owned=entry.row.get("is_owned") is True,
        visibility=entry.visibility(),
        added_at=entry.moment("added_at"),
        review=next((_review(row) for row in rows.get("reviews", ())), None),
        readings=tuple(one for one in map(_reading, rows.get("readings", ())) if one),
        quotes=tuple(one for one in map(_quote, rows.get("quotes", ())) if one),
        detail=_detail(entry.inner("detail")),
    )


def _review(row: Fields) -> ReviewTold | None:
    text = row.text("text", 20_000)
    if not text:
        return None
    return ReviewTold(
        text=text,
        is_spoiler=row.row.get("is_spoiler") is True,
        written_at=row.moment("created_at"),
        changed_at=row.moment("changed_at"),
        visibility=row.visibility(),
    )


def _reading(row: Fields) -> ReadingTold | None:
    outcome = row.one_of("outcome", _OUTCOMES)
    if outcome is None:
        return None
    return ReadingTold(
        outcome=outcome,  # type: ignore[arg-type]  # one of the three
        started=row.when("started"),
        finished=row.when("finished"),
        page=row.integer("page", 0, 100_000),
        percent=row.integer("percent", 0, 100),
        progressed_at=row.moment("progressed_at"),
        note=row.text("note", 5_000) or None,
    )


def _quote(row: Fields) -> QuoteTold | None:
    text = row.text("text", 5_000)
    if not text:
        return None
    return QuoteTold(
        text=text,
        page=row.integer("page", 1, 100_000),
        written_at=row.moment("created_at"),
        visibility=row.visibility(),
    )


def _detail(row: Fields) -> DetailTold:
    return DetailTold(
        moods=tuple(row.texts("moods")[:100]),
        pace=row.line("pace", 10) or None,
        traits=row.mapping("traits"),
        warnings=row.pairs("warnings")[:100],
        warning_note=row.text("warning_note", 5_000) or None,
        format=row.line("format", 40) or None,
        copies=row.integer("copies", 1, 999),
        is_favorite=row.row.get("is_favorite") is True,
        more=row.mapping("more"),
    )


def _cell(value: object) -> str:
    if value is None:
        return ""
    text = ", ".join(map(str, value[:100])) if isinstance(value, list) else str(value)
    return text[:2000]
