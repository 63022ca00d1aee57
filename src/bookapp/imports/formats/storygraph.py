"""The StoryGraph's export: no number of the book and no pages, but moods, pace, traits, warnings and every date."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final

from bookapp.core.text import plain_cell
from bookapp.imports.formats import values
from bookapp.imports.formats.kinds import kind_of, state_of
from bookapp.imports.formats.reviews import html_review
from bookapp.imports.formats.row import (
    LONGEST_FORMAT,
    LONGEST_ROLE,
    LONGEST_SUBJECT,
    LONGEST_TITLE,
    MOST_MOODS,
    Row,
    times,
)
from bookapp.imports.formats.titles import clipped_name
from bookapp.imports.told import BookTold, RowTold
from bookapp.shelves.reading_results import Outcome
from bookapp.shelves.reading_rules import MOST, When
from bookapp.shelves.results import State
from bookapp.shelves.rules import MOST_TAGS
from bookapp.shelves.told import EntryTold, ReadingTold

NAME: Final = "storygraph"
TITLE: Final = "The StoryGraph"
SAMPLE_COLUMNS: Final = (
    "Title", "Authors", "Contributors", "ISBN/UID", "Format", "Read Status", "Date Added", "Last Date Read",
    "Dates Read", "Read Count", "Moods", "Pace", "Character- or Plot-Driven?", "Strong Character Development?",
    "Loveable Characters?", "Diverse Characters?", "Flawed Characters?", "Star Rating", "Review", "Content Warnings",
    "Content Warning Description", "Tags", "Owned?",
)  # fmt: skip
_TELLING = frozenset({"isbn/uid", "moods", "pace", "star rating", "dates read", "content warnings"})
_TRAITS: Final = {
    "drive": "Character- or Plot-Driven?",
    "development": "Strong Character Development?",
    "loveable": "Loveable Characters?",
    "diverse": "Diverse Characters?",
    "flawed": "Flawed Characters?",
}
_DRIVES: Final = {"character": "character", "plot": "plot", "a mix": "mix", "mix": "mix", "both": "mix"}
_ANSWERS: Final = {"yes": "yes", "no": "no", "it's complicated": "complicated", "complicated": "complicated"}
_PACES: Final = frozenset({"slow", "medium", "fast"})
_LEVELS: Final = frozenset({"graphic", "moderate", "minor"})
_PAUSED: Final = "paused"
_MOST_WARNINGS: Final = 100
_DAY = r"[0-9]{4}(?:[/.][0-9]{1,2}(?:[/.][0-9]{1,2})?|-[0-9]{2}-[0-9]{2}(?![0-9]))?"
_RANGE = re.compile(rf"(?P<start>{_DAY})?\s*(?P<dash>-|–|\bto\b)?\s*(?P<end>{_DAY})?", re.ASCII)
_PERSON = re.compile(r"(?P<name>[^,(]+(?:\([^)]*\)(?=[^,]*\())?[^,(]*)(?:\((?P<role>[^)]*)\))?\s*(?:,|$)")


def fits(columns: frozenset[str]) -> bool:
    """Whether a file with these columns is one of The StoryGraph's."""
    return {"title", "authors", "read status"} <= columns and bool(_TELLING & columns)


def read(cells: Mapping[str, str]) -> RowTold:
    """What a row tells. Raises `Unreadable`."""
    row = Row({name: plain_cell(text) for name, text in cells.items()})
    status, added = row.line("Read Status"), row.moment("Date Added")
    # Who pauses means to go on, so it is still being read; the tag says that it rests.
    is_paused = status.casefold() == _PAUSED
    state = state_of(status)
    if status and state is None:
        row.keep("Read Status")
    readings = _readings(row, state)
    at = _ended(readings) if state in ("read", "stopped") else None
    tags = row.tags("Tags")
    rating = row.stars("Star Rating")
    entry = EntryTold(
        state=state,
        state_at=at or added,
        quarters=rating,
        rated_at=(at or added) if rating else None,
        tags=(tuple(dict.fromkeys((*tags, _PAUSED)))[-MOST_TAGS:]) if is_paused else tags,
        are_words_mixed=True,
        is_owned=row.yes("Owned?"),
        added_at=added,
        review=html_review(row, "Review", written_at=at),
        readings=readings,
        detail=row.detail(
            moods=row.words("Moods", most=LONGEST_SUBJECT, count=MOST_MOODS),
            pace=_pace(row),
            traits=_traits(row),
            warnings=_warnings(row),
            warning_note=row.markdown("Content Warning Description"),
            format=kind_of(row.text("Format")),
        ),
    )
    return row.told(_key(row), _book(row), entry)


def _key(row: Row) -> str:
    """The file has no number of the book: its ISBN or whatever stands there for one, else its title and authors."""
    uid = row.text("ISBN/UID")
    return values.row_key(values.isbn(uid) or uid) if uid else values.row_key(row.text("Title"), row.text("Authors"))


def _book(row: Row) -> BookTold:
    isbn = values.isbn(row.text("ISBN/UID"))
    if isbn is None:
        # An ASIN, or a number of The StoryGraph's own: no ISBN, and no mistake either.
        row.keep("ISBN/UID")
    authors = row.names("Authors")
    return BookTold(
        title=row.line("Title", most=LONGEST_TITLE),
        authors=authors,
        contributors=_contributors(row, authors),
        isbns=(isbn,) if isbn else (),
        format=row.line("Format", most=LONGEST_FORMAT) or None,
    )


def _contributors(row: Row, authors: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Others, as `Name (Role)`; who stands among the authors is left to them."""
    found: dict[tuple[str, str], None] = {}
    for one in _PERSON.finditer(values.line(row.text("Contributors"))[:5000]):
        name = clipped_name(one["name"])
        if name and name not in authors:
            found[name, values.clipped(values.line(one["role"] or ""), LONGEST_ROLE)] = None
    return tuple(found)[:50]


def _readings(row: Row, state: State | None) -> tuple[ReadingTold, ...]:
    """Every time, with its own dates as exactly as they are known; those without a date come from the count."""
    spans = _spans(row)
    last = row.when("Last Date Read")
    if last and not spans:
        spans = [(None, last)]
    elif last and last not in [end for _, end in spans]:
        row.keep("Last Date Read")
    latest = max(range(len(spans)), key=lambda place: _order(spans[place]), default=None)
    known = tuple(
        replace(row.reading(_outcome(span, state, is_latest=place == latest), *span, "Dates Read"), is_end_told=False)
        for place, span in enumerate(spans)
    )
    count = row.integer("Read Count", most=100_000)
    if max(count or 0, len(known)) > MOST:
        row.remark(f"Only {MOST} of the times that you read this are kept.")
        row.keep("Dates Read")
    return times(count, known)


def _spans(row: Row) -> list[tuple[When | None, When | None]]:
    """Beginning and end of each time. One date alone is an end."""
    spans: list[tuple[When | None, When | None]] = []
    for part in values.parts(row.text("Dates Read"), ",;"):
        found = _RANGE.fullmatch(part)
        start, end = (values.when(found[name] or "") for name in ("start", "end")) if found else (None, None)
        if found is None or (start is None and end is None):
            row.remark(f"Dates Read: “{values.clipped(part, 60)}” is no date that can be understood.")
            row.keep("Dates Read")
            continue
        spans.append((start, end) if found["dash"] else (None, start or end))
    return spans


def _order(span: tuple[When | None, When | None]) -> str:
    return max(when.last.isoformat() for when in span if when)


def _outcome(span: tuple[When | None, When | None], state: State | None, *, is_latest: bool) -> Outcome:
    """How a time ended: what has no end is still read, if the book is; of a book given up, the last time was."""
    if state == "reading" and is_latest and span[1] is None:
        return "reading"
    return "stopped" if state == "stopped" and is_latest else "finished"


def _ended(readings: tuple[ReadingTold, ...]) -> datetime | None:
    ends = [one.finished for one in readings if one.finished]
    return values.moment(max(ends, key=lambda when: when.last).iso) if ends else None


def _pace(row: Row) -> str | None:
    pace = row.line("Pace").casefold()
    if pace and pace not in _PACES:
        row.keep("Pace")
    return pace if pace in _PACES else None


def _traits(row: Row) -> dict[str, str]:
    traits: dict[str, str] = {}
    for trait, name in _TRAITS.items():
        said = row.line(name).casefold().replace("’", "'")
        answer = (_DRIVES if trait == "drive" else _ANSWERS).get(said)
        if answer:
            traits[trait] = answer
        elif said and said != "n/a":
            row.keep(name)
    return traits


def _warnings(row: Row) -> tuple[tuple[str, str], ...]:
    """Pairs of how much and of what, out of `Graphic: Death, Violence; Minor: Cancer;`."""
    found: dict[tuple[str, str], None] = {}
    for part in values.parts(row.text("Content Warnings"), ";"):
        level, colon, names = part.partition(":")
        level = level.strip().casefold()
        if not colon or level not in _LEVELS:
            level, names = "", part
        for name in values.words(names, ",", most=LONGEST_SUBJECT):
            found[level, name] = None
    if len(found) > _MOST_WARNINGS:
        row.keep("Content Warnings")
    return tuple(found)[:_MOST_WARNINGS]
