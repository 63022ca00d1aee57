"""Reading the goodbooks-10k tables (books, tags, book_tags) row by row: values in, records and problems out.

The tables were collected from a web page of readers and are damaged in known ways; what is damaged is dropped
and told, what is whole is kept. Licence of the data: CC BY-SA 4.0; nothing of it is in this package.
"""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from bookapp.books.bulk import BookRecord
from bookapp.books.languages import language_code
from bookapp.books.subjects import LEAST_BOOKS, Meaning, choose, compact, meaning_of
from bookapp.core.text import clean
from bookapp.imports.formats.titles import names, title_and_series
from bookapp.imports.formats.values import isbn

SOURCE = "goodbooks"
UNKNOWN_AUTHOR = "Unknown"

Row = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Problem:
    """What could not be read: in which line of which file, of which book, and what became of it."""

    file: str
    line: int
    book: str
    reason: str


@dataclass(slots=True)
class Reading:
    """What was read, in the order of the source's numbers."""

    file: str
    records: list[BookRecord] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    lines: dict[str, int] = field(default_factory=dict)
    """In which line each record stands, by its key."""


class Damaged(ValueError):
    """A row that cannot become a book; its text says why."""


def read_books(rows: Iterable[tuple[int, Row]], tags: Mapping[str, Mapping[Meaning, int]], file: str) -> Reading:
    """Turn numbered rows of `books` into records. `tags` holds each book's meanings and how often they were given."""
    reading = Reading(file)
    for line, row in rows:
        notes: list[str] = []
        key = row.get("book_id", "").strip()
        try:
            if key in reading.lines:
                raise Damaged(f"There is another book {key} above; this one was left out.")
            reading.records.append(_record(row, tags, notes))
            reading.lines[key] = line
        except ValueError as error:
            # `clean` says "must not contain ..."; our own sentences begin with a capital.
            told = str(error) if isinstance(error, Damaged) else f"A field {error}; the book was left out."
            notes = [told]
        reading.problems.extend(Problem(file, line, _printable(key), _printable(note)) for note in notes)
    # The source counts from the most popular book on, and our own numbers keep that order.
    reading.records.sort(key=lambda record: int(record.key))
    return reading


def _printable(text: str) -> str:
    # What is damaged is quoted to a terminal, which must not obey it.
    return "".join(char if char.isprintable() else "?" for char in text)


def _record(row: Row, tags: Mapping[str, Mapping[Meaning, int]], notes: list[str]) -> BookRecord:
    key = row["book_id"].strip()
    if not re.fullmatch(r"[0-9]{1,18}", key, re.ASCII):
        raise Damaged(f"“{key[:40]}” is not a book number; the row was left out.")
    title, series, position = title_and_series(_short(row.get("title", ""), 700))
    if not title:
        raise Damaged("The title is empty; the book was left out.")
    authors = names(clean(row.get("authors", "")))
    if not authors:
        notes.append(f"No author is named; the book was kept as by “{UNKNOWN_AUTHOR}”.")
    average, count = rating_of(row.get("average_rating", ""), row.get("ratings_count", ""), notes)
    own_words = " ".join((title, series or "", *authors))
    return BookRecord(
        key=key,
        title=title,
        authors=authors or (UNKNOWN_AUTHOR,),
        isbn=isbn_of(row.get("isbn", ""), notes),
        year=year_of(row.get("original_publication_year", ""), notes),
        language=language_of(row.get("language_code", ""), notes),
        subjects=choose(tags.get(key) or tags.get(_goodreads_key(row), {}), own_words),
        series=series,
        series_position=position,
        rating_average=average,
        rating_count=count,
    )


def _goodreads_key(row: Row) -> str:
    return "goodreads:" + row.get("goodreads_book_id", "").strip()


def _short(text: str, most: int) -> str:
    text = " ".join(clean(text).split())
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def isbn_of(text: str, notes: list[str]) -> str | None:
    """The ISBN-13 of an ISBN-10 that may have lost its leading zeros to a spreadsheet."""
    found = isbn(text)
    if found is None and text.strip():
        notes.append(f"The ISBN {text.strip()[:20]} is not valid; the book was kept without it.")
    return found


def year_of(text: str, notes: list[str]) -> int | None:
    """The year, negative before our era; there was no year 0, so that means unknown."""
    number = _number(text)
    if number is None and not text.strip():
        return None
    if number is None or number != int(number) or not -9999 <= number <= 9999:
        notes.append(f"The year “{text.strip()[:20]}” cannot be read; the book was kept without it.")
        return None
    return int(number) or None


def language_of(text: str, notes: list[str]) -> str | None:
    """The language's code, as the catalogue writes it."""
    if not text.strip():
        return None
    try:
        return language_code(text)
    except ValueError:
        notes.append(f"The language “{text.strip()[:20]}” is not known; the book was kept without it.")
        return None


def rating_of(average: str, count: str, notes: list[str]) -> tuple[float | None, int]:
    """Average and number of ratings; both or neither."""
    stars, number = _number(average), _number(count)
    if stars is None and number is None and not (average + count).strip():
        return None, 0
    if stars is None or number is None or not 0 <= stars <= 5 or not 0 <= number < 2**31:
        notes.append("The rating cannot be read; the book was kept without it.")
        return None, 0
    return (stars, int(number)) if number >= 1 and stars > 0 else (None, 0)


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def read_tags(
    tags: Iterable[Sequence[str]], book_tags: Iterable[Sequence[str]], prefix: str, authors: Iterable[str]
) -> dict[str, dict[Meaning, int]]:
    """What each book was tagged as, from rows (tag, name) and (book, tag, count). Keys get `prefix`.

    Rows that hold no numbers are passed over: a lost tag is no loss to a reader.
    """
    meanings = _meanings(tags, {compact(name) for name in authors})
    tagged: defaultdict[str, Counter[Meaning]] = defaultdict(Counter)
    for book, tag, count in book_tags:
        meaning = meanings.get(tag)
        if meaning is not None and count.isdecimal():
            tagged[prefix + book][meaning] += int(count[:9])
    books_of = Counter(meaning for counted in tagged.values() for meaning in counted)
    least = len(tagged) * LEAST_BOOKS
    return {
        book: {meaning: count for meaning, count in counted.items() if meaning.known or books_of[meaning] >= least}
        for book, counted in tagged.items()
    }


def _meanings(tags: Iterable[Sequence[str]], authors: set[str]) -> dict[str, Meaning]:
    """Tag number to meaning; different spellings of an unknown subject share the first spelling's name."""
    first: dict[str, Meaning] = {}
    meanings: dict[str, Meaning] = {}
    for tag, name in tags:
        meaning = meaning_of(name)
        if meaning is not None and (meaning.known or compact(meaning.name) not in authors):
            meanings[tag] = first.setdefault(meaning.key, meaning)
    return meanings
