"""One row while it is read: what is asked for is told, all the rest is kept under the name of its column.

So a column that nobody thought of, or a cell that cannot be understood, is never lost: it becomes a remark of the
person's own (`DetailTold.more`).
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Final

from bookapp.core import clock
from bookapp.imports.formats import values
from bookapp.imports.told import BookTold, RowTold
from bookapp.shelves.bulk_rules import MOST_MORE
from bookapp.shelves.reading_results import Outcome
from bookapp.shelves.reading_rules import MOST, MOST_PAGES, When
from bookapp.shelves.rules import MOST_TAGS
from bookapp.shelves.told import DetailTold, EntryTold, ReadingTold
from bookapp.shelves.told_rules import LONGEST_COLUMN

LONGEST_TITLE, LONGEST_NAME, LONGEST_KEY = 500, 200, 80
LONGEST_SUBJECT, LONGEST_ROLE, LONGEST_TAG, LONGEST_SHELF, LONGEST_FORMAT = 60, 60, 40, 60, 40
LONGEST_TEXT: Final = 20_000
"""Of a review, a note, a description, and of what is kept as it is."""
MOST_SUBJECTS, MOST_MOODS, MOST_ISBNS = 20, 20, 20
MOST_KEPT_SIGNS = 60_000
"""Of so many characters in all may be what is kept as it is."""
_ZERO = re.compile(r"0*(?:[.,]0*)?", re.ASCII)
_TAG = re.compile(r"<[a-zA-Z/]|&\#?\w{1,8};")


class Row:
    """The cells of one row by name, in any case of letters. What was asked for counts as told, unless it is kept."""

    def __init__(self, cells: Mapping[str, str], nothing: frozenset[str] = frozenset()) -> None:
        """`nothing` are words, in small letters, that stand for an empty cell."""
        self._cells: dict[str, tuple[str, str]] = {}
        for (folded, shown), text in zip(_names_of(tuple(cells)), cells.values(), strict=True):
            value = values.filled(text) if text else ""
            if value and not (nothing and value.casefold() in nothing):
                self._cells.setdefault(folded, (shown, value))
        self._told: set[str] = set()
        self._more: dict[str, str] = {}
        self.remarks: list[str] = []

    def text(self, *names: str) -> str:
        """The cell of the first of these columns that holds something; empty when none does."""
        return self._take(names)[1]

    def drop(self, *names: str) -> None:
        """Say that these columns tell nothing of a person, such as what others think on average."""
        self._told.update(name.casefold() for name in names)

    def keep(self, *names: str) -> None:
        """Keep these cells as they are too, because they say more than was understood."""
        self._told.difference_update(name.casefold() for name in names)

    def remark(self, text: str) -> None:
        """Say, once, what about the row is odd."""
        if text not in self.remarks:
            self.remarks.append(text)

    def note(self, name: str, text: str) -> None:
        """Keep something that stands in no cell of its own."""
        self._more[name] = text

    def line(self, *names: str, most: int = LONGEST_NAME) -> str:
        """The same in one line; a longer one is cut, and kept as it is besides."""
        name, text = self._take(names)
        text = values.line(text)
        if len(text) > most:
            self._odd(name, text, f"is longer than {most} characters")
        return values.clipped(text, most)

    def long(self, *names: str) -> str | None:
        """A text of several lines, as it is; None for an empty one."""
        return self._cut(*self._take(names)) or None

    def markdown(self, *names: str) -> str | None:
        """A text in HTML as Markdown; one without HTML is taken for the plain text or the Markdown that it is."""
        name, text = self._take(names)
        made = values.markdown_of(text) if _TAG.search(text) else text
        return self._cut(name, made) or None

    def stars(self, *names: str) -> int | None:
        """A rating in quarter stars; 0 is none."""
        name, text = self._take(names)
        if not text or _ZERO.fullmatch(text):
            return None
        found = values.quarters(text)
        if found is None:
            self._odd(name, text, "is no rating of up to five stars")
        return found

    def when(self, *names: str) -> When | None:
        """A day, month or year on which somebody read."""
        name, text = self._take(names)
        found = values.when(text) if text else None
        if text and found is None:
            self._odd(name, text, "is no date that can be understood")
        elif found is not None and found.first > _tomorrow().date():
            self._odd(name, text, "is still to come")
            return None
        return found

    def moment(self, *names: str) -> datetime | None:
        """A moment, or the noon of a day."""
        name, text = self._take(names)
        found = values.moment(text) if text else None
        if text and found is None:
            self._odd(name, text, "is no date that can be understood")
        elif found is not None and found > _tomorrow():
            self._odd(name, text, "is still to come")
            return None
        return found

    def year(self, *names: str) -> int | None:
        """A year of publication; of a whole date the rest is kept as it is."""
        name, text = self._take(names)
        found = values.year(text) if text else None
        if found is None:
            if text and not _ZERO.fullmatch(text):
                self._odd(name, text, "is no year")
        elif text not in (str(found), f"{found}.0"):
            self.keep(name)
        return found

    def integer(self, *names: str, least: int = 1, most: int = MOST_PAGES) -> int | None:
        """A whole number within its limits; 0 is none."""
        name, text = self._take(names)
        if not text or _ZERO.fullmatch(text):
            return None
        found = values.integer(text, least, most)
        if found is None:
            self._odd(name, text, f"is no number from {least} to {most}")
        return found

    def language(self, *names: str) -> str | None:
        """The code of a language; what names several, or none that is known, is kept as it is."""
        name, text = self._take(names)
        found = values.language(text) if text else None
        if text and (found is None or len(values.parts(text, ",;|")) > 1):
            self.keep(name)
        return found

    def yes(self, *names: str) -> bool:
        """Whether a cell says yes; whatever says no tells nothing."""
        return values.yes(self.text(*names))

    def isbns(self, *names: str, separators: str = ",;| ") -> tuple[str, ...]:
        """The ISBNs of these columns, each once. What is none is kept; it is remarked when the row has no right one."""
        found: dict[str, None] = {}
        wrong: dict[str, str] = {}
        for name in names:
            text = self.text(name)
            for part in values.parts(text, separators) if values.isbn(text) is None else [text]:
                isbn = values.isbn(part)
                if isbn is not None:
                    found[isbn] = None
                elif part.strip("[]()=\"'"):
                    wrong[name] = text
        for name, text in wrong.items():
            if found:
                self.keep(name)
            else:
                self._odd(name, text, "is no ISBN, or its last digit does not fit")
        return tuple(found)[:MOST_ISBNS]

    def names(self, *names: str, separators: Iterable[str] = ",") -> tuple[str, ...]:
        """The names of people in one cell."""
        return values.names(self.text(*names), separators)

    def authors(self, *names: str) -> tuple[str, ...]:
        """Authors as somebody typed them: `Smith, Mark` is one, `Terry Pratchett, Neil Gaiman` are two."""
        text = self.text(*names)
        whole = values.parts(text, ";&")
        first, *others = values.parts(text, ",") or [""]
        if len(whole) == 1 and (len(others) != 1 or " " in first):
            return values.names(text)
        return values.names("|".join(values.person(part) for part in whole), "|")

    def words(self, *names: str, separators: Iterable[str] = ",", most: int, count: int) -> tuple[str, ...]:
        """Words of at most `most` characters, at most `count`; a cell that has longer ones, or more, is kept too."""
        name, text = self._take(names)
        found = values.words(text, separators, LONGEST_TEXT) if text else ()
        fitting = tuple(word for word in found if len(word) <= most)[:count]
        if len(fitting) < len(found):
            self._odd(name, text, f"holds more than {count} words, or one of more than {most} characters")
        return fitting

    def tags(self, *names: str, separators: Iterable[str] = ",") -> tuple[str, ...]:
        """Tags; a comma within one, where others are parted by something else, would part it here."""
        found = self.words(*names, separators=separators, most=LONGEST_TAG, count=MOST_TAGS)
        return tuple(dict.fromkeys(values.line(tag.replace(",", " ")) for tag in found if tag.strip(", ")))

    def subjects(self, *names: str, separators: Iterable[str] = ",") -> tuple[str, ...]:
        """What a book is about."""
        return self.words(*names, separators=separators, most=LONGEST_SUBJECT, count=MOST_SUBJECTS)

    def reading(
        self, outcome: Outcome, started: When | None, finished: When | None, *cells: str, note: str | None = None
    ) -> ReadingTold:
        """One time of reading; when it seems to end before it began, the beginning is left out and `cells` are kept."""
        if finished is not None and started is not None and finished.last < started.first:
            self.remark(f"It ends ({finished.iso}) before it begins ({started.iso}); the beginning is left out.")
            self.keep(*cells)
            started = None
        return ReadingTold(
            outcome=outcome, started=started, finished=None if outcome == "reading" else finished, note=note
        )

    def detail(self, *, format: str | None = None, **told: Any) -> DetailTold:  # noqa: A002  # the column's name
        """Details, with the format within its length."""
        return DetailTold(format=values.clipped(format, LONGEST_FORMAT) if format else None, **told)

    def told(self, key: str, book: BookTold, entry: EntryTold, *, untitled: bool = False) -> RowTold:
        """The finished row. Raises `Unreadable` when there is no title, unless its key alone says which book it is."""
        if not book.title and not untitled:
            raise values.Unreadable("There is no title in this row.")
        if kept := self._kept():
            entry = replace(entry, detail=replace(entry.detail, more={**entry.detail.more, **kept}))
        key = key or values.row_key(next(iter(book.isbns), book.title), *book.authors[:1])
        return RowTold(key=key, book=book, entry=entry, remarks=tuple(self.remarks))

    def _take(self, names: Iterable[str]) -> tuple[str, str]:
        """The name and the text of the first of these columns that holds something."""
        for name in names:
            found = self._cells.get(name.casefold())
            if found is not None:
                self._told.add(name.casefold())
                return name, found[1]
        return "", ""

    def _odd(self, name: str, text: str, what: str) -> None:
        """Say what is wrong with a cell, once, and keep it as it is."""
        self.remark(f"{name}: “{values.clipped(values.line(text), 60)}” {what}; it is kept as a remark.")
        self.keep(name)

    def _cut(self, name: str, text: str) -> str:
        if len(text) > LONGEST_TEXT:
            self._odd(name, text, f"is longer than {LONGEST_TEXT:,} characters")
        return values.clipped_markdown(text, LONGEST_TEXT)

    def _kept(self) -> dict[str, str]:
        left = [found for key, found in self._cells.items() if key not in self._told]
        kept: dict[str, str] = {}
        signs = 0
        for name, text in [*self._more.items(), *left]:
            text = values.clipped(text, LONGEST_TEXT)
            signs += len(text)
            if len(kept) >= MOST_MORE or signs > MOST_KEPT_SIGNS:
                self.remark("The row holds more than can be kept; what stands in its last columns is left out.")
                break
            kept[values.clipped(name or "?", LONGEST_COLUMN)] = text
        return kept


def times(count: int | None, known: tuple[ReadingTold, ...]) -> tuple[ReadingTold, ...]:
    """The known readings, and as many finished ones without a date as are missing to `count`; at most 100."""
    missing = min(count or 0, MOST) - sum(one.outcome == "finished" for one in known)
    return (known + (ReadingTold(outcome="finished"),) * max(missing, 0))[:MOST]


@lru_cache(maxsize=64)
def _names_of(columns: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Each name as it is compared and as it is shown. All the rows of a file have the same."""
    return tuple((name.strip().casefold(), values.line(name)) for name in columns)


def _tomorrow() -> datetime:
    # It is tomorrow somewhere already.
    return clock.now() + timedelta(days=1)
