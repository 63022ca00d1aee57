"""Hardcover's CSV export."""

import re
from collections.abc import Mapping
from typing import Final

from bookapp.circles.visibility import ME
from bookapp.imports.formats import values
from bookapp.imports.formats.kinds import OUTCOMES, kind_of, state_of
from bookapp.imports.formats.row import (
    LONGEST_FORMAT,
    LONGEST_KEY,
    LONGEST_NAME,
    LONGEST_ROLE,
    LONGEST_SHELF,
    LONGEST_TITLE,
    MOST_MOODS,
    Row,
)
from bookapp.imports.told import BookTold, RowTold
from bookapp.shelves.results import State
from bookapp.shelves.rules import MOST_SHELVES
from bookapp.shelves.told import EntryTold, ReadingTold, ReviewTold

NAME: Final = "hardcover"
TITLE: Final = "Hardcover"
SAMPLE_COLUMNS: Final = (
    "Title", "Author", "Series", "Status", "Privacy", "Hardcover Book ID", "Hardcover Edition ID", "ISBN 10", "ISBN 13",
    "ASIN", "Media", "Country Code", "Language Code", "Binding", "Pages", "Duration in Seconds", "Publish Date",
    "Publisher", "Genres", "Moods", "Tags", "Content Warnings", "Lists", "Date Added", "Date Started", "Date Finished",
    "Rating", "Review", "Review Contains Spoilers", "Sponsored Review", "Review Date", "Review URL",
    "Review Media URL", "Private Notes", "Owned", "Compilation", "Review Slate",
)  # fmt: skip
_PERSON = re.compile(r"(?P<name>[^()]+?)\s*\((?P<role>[^()]*)\)")
_BEFORE_END = re.compile(r",\s+(?=(?:jr|sr|ii|iii|iv)\b)", re.IGNORECASE)
"""The comma before the end of a name, which no role follows yet: `Sammy Davis, Jr. (Narrator)`."""
_SERIES = re.compile(r"(?P<name>.+?)\s*\(#(?P<position>[0-9]+(?:\.[0-9]+)?(?:\s*[-–]\s*[0-9]+(?:\.[0-9]+)?)?)\)")
_PLACE_IN_LIST = re.compile(r"\s*\(#[0-9]+\)$")
_WRITTEN = re.compile(r'"text"\s*(?:=>|:)\s*"[^"]')
_NO = frozenset({"false", "no", "{}", "[]", "0"})


def fits(columns: frozenset[str]) -> bool:
    """Whether a file with these columns is one of Hardcover's."""
    return {"title", "hardcover book id"} <= columns


def read(cells: Mapping[str, str]) -> RowTold:
    """What a row tells. Raises `Unreadable`."""
    row = Row(cells)
    state = _state(row)
    shelves, is_listed_as_owned = _lists(row)
    quarters, review = row.stars("Rating"), _review(row)
    _drop_noes(row, review)
    entry = EntryTold(
        state=state,
        quarters=quarters,
        rated_at=None if quarters is None or review else row.moment("Review Date"),
        shelves=shelves,
        tags=row.tags("Tags"),
        note=row.long("Private Notes"),
        is_owned=row.yes("Owned") or is_listed_as_owned,
        visibility=_visibility(row),
        added_at=row.moment("Date Added"),
        review=review,
        readings=_readings(row, state),
        detail=row.detail(
            moods=row.words("Moods", most=LONGEST_ROLE, count=MOST_MOODS),
            warnings=tuple(
                ("", what) for what in row.words("Content Warnings", separators=",;", most=LONGEST_ROLE, count=50)
            ),
            format=_format(row),
        ),
    )
    return row.told(row.line("Hardcover Book ID", most=LONGEST_KEY), _book(row), entry)


def _state(row: Row) -> State | None:
    text = row.text("Status")
    state = state_of(text)
    if state is None or text.casefold() == "paused":
        row.keep("Status")
    return state


def _visibility(row: Row) -> int | None:
    """Who may see it: what was not public there is for nobody else here, since friends there are not those here."""
    privacy = row.text("Privacy").casefold()
    if privacy in ("", "public"):
        return None
    row.keep("Privacy")
    return ME


def _lists(row: Row) -> tuple[tuple[str, ...], bool]:
    """The lists as shelves, without the places in them, and whether one of them says that it is owned."""
    names = row.words("Lists", most=LONGEST_SHELF, count=MOST_SHELVES)
    shelves = [_PLACE_IN_LIST.sub("", name) for name in names]
    if shelves != list(names):
        row.keep("Lists")
    return tuple(s for s in shelves if s and s.casefold() != "owned"), any(s.casefold() == "owned" for s in shelves)


def _review(row: Row) -> ReviewTold | None:
    text = row.markdown("Review")
    is_spoiler = row.yes("Review Contains Spoilers")
    if text is None:
        return None
    return ReviewTold(text=text, is_spoiler=is_spoiler, written_at=row.moment("Review Date"))


def _drop_noes(row: Row, review: ReviewTold | None) -> None:
    """Keep nothing that only says no, nor the review's inner form, which repeats it."""
    for name in ("Sponsored Review", "Compilation"):
        if row.text(name).casefold() not in _NO:
            row.keep(name)
    if review is None and _WRITTEN.search(row.text("Review Slate")):
        row.keep("Review Slate")


def _readings(row: Row, state: State | None) -> tuple[ReadingTold, ...]:
    started, finished = row.when("Date Started"), row.when("Date Finished")
    outcome = (OUTCOMES.get(state) if state else None) or ("finished" if finished else "reading")
    if not (started or finished):
        return ()
    if outcome == "reading" and finished:
        row.keep("Date Finished")
    return (row.reading(outcome, started, finished, "Date Started", "Date Finished"),)


def _format(row: Row) -> str | None:
    """The kind of copy: by its binding, else by its medium, of which "Book" says nothing."""
    medium = row.text("Media")
    return kind_of(row.text("Binding")) or (None if medium.casefold() in ("", "book") else kind_of(medium))


def _book(row: Row) -> BookTold:
    authors, contributors = _people(row)
    series, position = _series(row)
    isbns = row.isbns("ISBN 13", "ISBN 10")
    if values.isbn(row.text("ASIN")) not in isbns:
        row.keep("ASIN")
    return BookTold(
        title=row.line("Title", most=LONGEST_TITLE),
        authors=authors,
        contributors=contributors,
        isbns=isbns,
        edition_year=row.year("Publish Date"),
        language=row.language("Language Code"),
        pages=row.integer("Pages"),
        publisher=row.line("Publisher") or None,
        format=values.clipped(row.text("Binding") or row.text("Media"), LONGEST_FORMAT) or None,
        subjects=row.subjects("Genres"),
        series=series,
        series_position=position,
    )


def _people(row: Row) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...]]:
    """Authors, and the others with their role in brackets, all in one line."""
    authors, contributors = [], []
    for text in values.names(_BEFORE_END.sub(" ", row.text("Author"))):
        found = _PERSON.fullmatch(text)
        role = values.clipped(found["role"].strip(), LONGEST_ROLE) if found else ""
        name = found["name"] if found else text
        if role and role.casefold() != "author":
            contributors.append((name, role))
        else:
            authors.append(name)
    return tuple(authors), tuple(contributors)


def _series(row: Row) -> tuple[str | None, str | None]:
    """The first series and the place in it; `Sprawl (#0.0)` has no number yet."""
    text = row.line("Series", most=2 * LONGEST_NAME)
    found = _SERIES.match(text)
    if found is None:
        return values.clipped_name(text) or None, None
    if found.end() < len(text):
        row.keep("Series")
    place = found["position"].removesuffix(".0")
    return values.clipped_name(found["name"]), place if place != "0" else None
