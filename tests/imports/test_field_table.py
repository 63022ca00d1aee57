"""What of each format is kept, and that nothing of it is lost; the table in docs/formats.md says the same."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from datetime import datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from bookapp.core.text import clean, fold
from bookapp.imports.formats import detect, values
from bookapp.imports.formats.kinds import state_of
from bookapp.imports.told import RowTold
from bookapp.shelves.reading_rules import When
from tests.imports.full_rows import FULL, Full

DOCS = Path(__file__).parents[2] / "docs" / "formats.md"
KEPT, REMARK, NOT_THERE = "yes", "remark", "–"

FIELDS: dict[str, Callable[[RowTold], Any]] = {
    "Title": lambda told: told.book.title,
    "Authors": lambda told: told.book.authors,
    "Others, with their role": lambda told: told.book.contributors,
    "ISBNs": lambda told: told.book.isbns,
    "Publisher": lambda told: told.book.publisher,
    "Pages": lambda told: told.book.pages,
    "Year": lambda told: told.book.year or told.book.edition_year,
    "Language": lambda told: told.book.language,
    "Series and place in it": lambda told: told.book.series and told.book.series_position,
    "Subjects": lambda told: told.book.subjects,
    "Description": lambda told: told.book.description,
    "Which of the four shelves": lambda told: told.entry.state,
    "Own shelves, lists": lambda told: told.entry.shelves,
    "Tags": lambda told: told.entry.tags,
    "Stars": lambda told: told.entry.quarters,
    "Review": lambda told: told.entry.review,
    "Spoiler": lambda told: told.entry.review and told.entry.review.is_spoiler,
    "Private note": lambda told: told.entry.note,
    "Readings, with dates": lambda told: any(r.started or r.finished for r in told.entry.readings),
    "When each began and ended": lambda told: any(r.started and r.finished for r in told.entry.readings),
    "Several readings": lambda told: len(told.entry.readings) > 1,
    "How far one is": lambda told: any(r.page or r.percent for r in told.entry.readings),
    "Owned": lambda told: told.entry.is_owned,
    "How many copies": lambda told: told.entry.detail.copies,
    "Format of the copy": lambda told: told.entry.detail.format or told.book.format,
    "Favourite": lambda told: told.entry.detail.is_favorite,
    "Moods": lambda told: told.entry.detail.moods,
    "Pace": lambda told: told.entry.detail.pace,
    "Traits": lambda told: told.entry.detail.traits,
    "Content warnings": lambda told: told.entry.detail.warnings or told.entry.detail.warning_note,
    "Quotes": lambda told: told.entry.quotes,
    "Who may see it": lambda told: told.entry.visibility is not None,
    "When it was added": lambda told: told.entry.added_at or told.entry.rated_at,
}
AS_REMARK = {
    "Series and place in it": {"series", "series_index"},
    "How far one is": {"current_page"},
    "Which of the four shelves": {"status"},
    "When it was added": {"created on", "acquired"},
    "Publisher": {"publication"},
}
"""Columns under which a field is at least kept as it is."""

TELLS_NOTHING = {
    "average rating": "what others think is no news of a person",
    "ratings average": "the same",
    "ratings count": "the same",
    "rating_average": "the same",
    "rating_count": "the same",
    "id": "a number in the place that the catalogue is from",
    "edition count": "a fact of Open Library",
    "has ebook": "the same",
    "cover": "a path on somebody's own computer",
    "review slate": "the review once more, as the site keeps it inside",
    "author l-f": "the author once more, turned round",
    "bookshelves with positions": "the shelves once more, with where the book stands on them",
    "bookshelves": "in a file of Jelu's the tags once more, without their spaces",
    "title_sort": "the title once more",
    "author_sort": "the authors once more, turned round",
    "deleted": "what lies in the bin is left out",
    "last date read": "the latest of the dates read",
    "shelf": "the shelf's name in an address; kept in the key of the row",
    "read count": "the readings themselves are told, also those without a date",
}
FLAGS: dict[str, Callable[[RowTold], bool]] = {
    "owned": lambda told: told.entry.is_owned,
    "owned?": lambda told: told.entry.is_owned,
    "owned copies": lambda told: told.entry.is_owned,
    "favourite": lambda told: told.entry.detail.is_favorite,
    "spoiler": lambda told: bool(told.entry.review and told.entry.review.is_spoiler),
    "review contains spoilers": lambda told: bool(told.entry.review and told.entry.review.is_spoiler),
    "primary author role": lambda told: bool(told.book.authors),
    "collections": lambda told: (
        told.entry.is_owned and told.entry.detail.is_favorite and told.entry.shelves == ("Lent out",)
    ),
    "review category": lambda told: bool(told.entry.detail.moods or told.entry.detail.pace or told.entry.detail.more),
    "entry": lambda told: told.key == "OL59800W",
    "loveable characters?": lambda told: told.entry.detail.traits["loveable"] == "complicated",
}
"""Cells that are told in another form than their own."""


def texts(value: Any) -> Iterator[str]:
    """Every text, number and date in what a row tells."""
    if is_dataclass(value) and not isinstance(value, When):
        for field in fields(value):
            yield from texts(getattr(value, field.name))
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from (str(key), *texts(inner))
    elif isinstance(value, tuple):
        for inner in value:
            yield from texts(inner)
    elif isinstance(value, When):
        yield value.iso
    elif isinstance(value, datetime):
        yield f"{value:%Y-%m-%d %H:%M:%S}"
    elif value is not None:
        yield str(value)


def is_told(column: str, text: str, told: RowTold) -> bool:
    """Whether what a cell says stands somewhere in what its row tells."""
    name = column.casefold()
    if name in FLAGS:
        return FLAGS[name](told)
    if name in TELLS_NOTHING or is_value(text, told):
        return True
    if text.startswith("[{"):  # notes in JSON
        return all(
            is_told(column, str(note[key]), told) for note in json.loads(text) for key in ("content", "quote_page")
        )
    # Words in any order: lists are taken apart, names turned round, HTML is Markdown.
    hay = {word for one in texts(told) for word in fold(one).split()}
    parts = values.parts(re.sub(r"<[^>]*>|\[return\]", " ", text).removesuffix(".0"), ",;|")
    return all(is_value(part, told) or set(fold(part).split()) <= hay for part in parts)


def is_value(text: str, told: RowTold) -> bool:
    """Whether a cell is a number, date or word that was told in another form."""
    dates = {
        found.iso
        for part in values.parts(text, ",;|[]-\n")
        if (found := values.when(part.replace("T00:00:00.000", "")))
    }
    every = list(texts(told))
    moment = values.moment(text)
    return (
        values.isbn(text) in told.book.isbns
        or (values.quarters(text) is not None and values.quarters(text) == told.entry.quarters)
        or (state_of(text) is not None and state_of(text) == told.entry.state)
        or (values.language(text) is not None and values.language(text) == told.book.language)
        or (bool(dates) and dates <= set(every))
        or (moment is not None and f"{moment:%Y-%m-%d %H:%M:%S}" in every)
        or text.casefold() in ("false", "no", "n/a", "none")
    )


def table() -> list[list[str]]:
    """The table as it is: a row for each field, a column for each format."""
    rows = [["", *(full.format.TITLE for full in FULL)]]
    told = {full.format.NAME: [full.format.read(row) for row in full.rows] for full in FULL}
    for name, has in FIELDS.items():
        rows.append([name, *(said(name, has, told[full.format.NAME]) for full in FULL)])
    rows.append(["Everything else", *(REMARK if more(told[full.format.NAME]) else NOT_THERE for full in FULL)])
    return rows


def said(name: str, has: Callable[[RowTold], Any], told: list[RowTold]) -> str:
    if any(has(one) for one in told):
        return KEPT
    return REMARK if {key.casefold() for key in more(told)} & AS_REMARK.get(name, set()) else NOT_THERE


def more(told: list[RowTold]) -> set[str]:
    return {key for one in told for key in one.entry.detail.more}


def drawn() -> str:
    """The table as Markdown."""
    head, *rows = table()
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows)])


def test_the_table_in_the_docs_is_what_the_formats_keep() -> None:
    written = DOCS.read_text(encoding="utf-8")
    begin, end = "<!-- fields: made by tests/imports/test_field_table.py -->\n", "\n<!-- end of fields -->"
    assert begin in written
    assert written.split(begin, 1)[1].split(end, 1)[0] == drawn(), (
        "print it with: python -m tests.imports.test_field_table"
    )


def test_every_format_of_tables_is_in_it() -> None:
    assert {one.NAME for one in detect.FORMATS} - {"bookapp"} <= {full.format.NAME for full in FULL}


@pytest.mark.parametrize("full", FULL, ids=lambda full: full.format.NAME)
def test_no_cell_of_a_full_row_is_lost(full: Full) -> None:
    for row in full.rows:
        told = full.format.read(row)
        lost = {column: text for column, text in row.items() if not is_told(column, text, told)}
        assert lost == {}


@pytest.mark.parametrize("full", FULL, ids=lambda full: full.format.NAME)
def test_a_full_row_is_full_and_its_remarks_are_none(full: Full) -> None:
    filled = {name.casefold() for row in full.rows for name in row}
    assert {name.casefold() for name in full.format.SAMPLE_COLUMNS} <= filled
    assert [full.format.read(row).remarks for row in full.rows] == [()] * len(full.rows)


@pytest.mark.parametrize(
    "full", [full for full in FULL if full.format.NAME != "isbns"], ids=lambda full: full.format.NAME
)
def test_a_file_is_taken_for_what_it_is_by_its_columns_alone(full: Full) -> None:
    for row in full.rows:
        assert module_of(row) is full.format


def module_of(row: dict[str, str]) -> ModuleType | None:
    found: Any = detect.format_of([f" {name.upper()} " for name in row])
    return found


@pytest.mark.parametrize("full", FULL, ids=lambda full: full.format.NAME)
def test_a_column_nobody_knows_is_kept_as_it_is(full: Full) -> None:
    told = full.format.read(full.rows[0] | {"Smell": "of vanilla"})
    assert told.entry.detail.more.get("Smell") == "of vanilla" or full.format.NAME == "isbns"


NASTY = (
    "\x00\ud800\x1b[31m", "=1+1", "9" * 400, "31/02/2020", "word " * 4200, "a" * 21_000, "((([[[", "|||||;;,,&&#", "-1",
    "<b><i><spoiler>" * 50, '[{"content": {"a": [1]}}]', "0", "9999-12-31", "\u202e١٢٣", "OL1W", "nan", "1e9",
)  # fmt: skip


@pytest.mark.parametrize("full", FULL, ids=lambda full: full.format.NAME)
def test_whatever_stands_in_a_cell_the_row_is_told_within_our_limits_or_refused_with_a_sentence(full: Full) -> None:
    for shift in range(len(NASTY)):
        # Every column has every one of them once.
        row = {column: NASTY[(place + shift) % len(NASTY)] for place, column in enumerate(full.rows[0])}
        assert outcome(full, row | {column: text for column, text in full.rows[0].items() if "itle" in column}) == []
    assert outcome(full, dict.fromkeys(full.rows[0], NASTY[0])) == []


def outcome(full: Full, cells: dict[str, str]) -> list[str]:
    try:
        return wrong(full.format.read(cells))
    except values.Unreadable as error:
        return [] if str(error).endswith(".") else [str(error)]


def wrong(told: RowTold) -> list[str]:
    """What our tables would not take."""
    book, entry, detail = told.book, told.entry, told.entry.detail
    readings, review = entry.readings, entry.review
    lengths = [
        (told.key, 80), (book.title, 500), (book.publisher, 200), (book.format, 40), (book.description, 20_000),
        (book.series, 200), (book.series_position, 20), (entry.note, 20_000), (review and review.text, 20_000),
        (detail.format, 40), (detail.warning_note, 20_000),
        *((name, 200) for name in (*book.authors, *(name for name, _ in book.contributors))),
        *((word, 60) for word in (*book.subjects, *entry.shelves)), *((word, 40) for word in entry.tags),
        *((value, 20_000) for value in detail.more.values()), *((name, 100) for name in detail.more),
    ]  # fmt: skip
    found = [str(text)[:50] for text, most in lengths if text is not None and not len(text) <= most]
    found += [text[:50] for text in texts(told) if clean(text[:500]) != text[:500].strip()]
    found += ["tags"] * (len(entry.tags) > 20 or any("," in tag for tag in entry.tags))
    found += ["pages"] * (book.pages is not None and not 1 <= book.pages <= 100_000)
    found += ["copies"] * (detail.copies is not None and not 1 <= detail.copies <= 30_000)
    found += ["year"] * any(y is not None and not -9999 <= y <= 9999 for y in (book.year, book.edition_year))
    found += ["dates"] * any(r.started and r.finished and r.finished.last < r.started.first for r in readings)
    found += ["outcome"] * any(r.outcome == "reading" and r.finished for r in readings)
    return found


if __name__ == "__main__":
    print(drawn())
