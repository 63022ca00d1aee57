"""Makes what a file tells fit: what is too long is cut, what cannot be is left out, and a remark says so."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from bookapp.shelves.reading_rules import MOST_PAGES, wrong_dates
from bookapp.shelves.told import DetailTold, EntryTold, QuoteTold, ReadingTold

LONGEST_TEXT, LONGEST_PASSAGE = 20_000, 5_000
LONGEST_MOOD, LONGEST_WARNING, LONGEST_FORMAT, LONGEST_COLUMN, LONGEST_LEVEL = 40, 80, 40, 100, 20
MOST_COPIES = 999
PACES = ("slow", "medium", "fast")
YES_OR_NO = ("yes", "no", "complicated")
TRAITS: dict[str, tuple[str, ...]] = {
    "drive": ("character", "plot", "mix"),
    "development": YES_OR_NO,
    "loveable": YES_OR_NO,
    "diverse": YES_OR_NO,
    "flawed": YES_OR_NO,
}
"""What can be told of how a story is made, and the answers to each."""


def fitting(told: EntryTold, today: date) -> tuple[EntryTold, list[str]]:
    """What of it can be stored, and remarks on the rest; `today` on the reader's own calendar."""
    remarks: list[str] = []
    changes: dict[str, Any] = {}
    if told.quarters is not None and not 1 <= told.quarters <= 20:
        changes["quarters"] = None
        remarks.append("The rating is none that can be given, and was left out.")
    if told.note and len(told.note) > LONGEST_TEXT:
        changes["note"] = _cut(told.note, LONGEST_TEXT, "note", remarks)
    if told.review is not None and not told.review.text.strip():
        changes["review"] = None
    elif told.review is not None and len(told.review.text) > LONGEST_TEXT:
        changes["review"] = replace(told.review, text=_cut(told.review.text, LONGEST_TEXT, "review", remarks))
    if told.readings:
        changes["readings"] = _readings(told.readings, today, remarks)
    if told.quotes:
        changes["quotes"] = tuple(_quote(one, remarks) for one in told.quotes if one.text.strip())
    if told.detail != _NOTHING:
        changes["detail"] = _detail(told.detail, remarks)
    return replace(told, **changes) if changes else told, remarks


_NOTHING = DetailTold()


def _cut(text: str, most: int, what: str, remarks: list[str]) -> str:
    remarks.append(f"The {what} is longer than {most:,} characters; its end was left out.")
    return text[: most - 1].rstrip() + "…"


def _readings(readings: Sequence[ReadingTold], today: date, remarks: list[str]) -> tuple[ReadingTold, ...]:
    return tuple(_reading(one, today, remarks) for one in readings)


def _reading(one: ReadingTold, today: date, remarks: list[str]) -> ReadingTold:
    changes: dict[str, Any] = {}
    if one.finished is not None and one.outcome == "reading":
        one = replace(one, finished=None)
    wrong = wrong_dates(one.started, one.finished, one.outcome, today) if one.started or one.finished else {}
    # An end is what people know best: of two dates that cannot both be, the beginning goes.
    is_crossed = "finished" in wrong and one.finished is not None and one.finished.first <= today
    for name in ("started",) if is_crossed else tuple(wrong):
        changes[name] = None
        remarks.append(f"A reading was {name} in the future, or after its end: that date was left out.")
    if one.page is not None and not 0 <= one.page <= MOST_PAGES:
        changes["page"] = None
    if one.percent is not None and not 0 <= one.percent <= 100:
        changes["percent"] = None
    if one.note and len(one.note) > LONGEST_PASSAGE:
        changes["note"] = _cut(one.note, LONGEST_PASSAGE, "note of a reading", remarks)
    return replace(one, **changes) if changes else one


def _quote(one: QuoteTold, remarks: list[str]) -> QuoteTold:
    if len(one.text) > LONGEST_PASSAGE:
        one = replace(one, text=_cut(one.text, LONGEST_PASSAGE, "passage", remarks))
    if one.page is not None and not 1 <= one.page <= MOST_PAGES:
        one = replace(one, page=None)
    return one


def _detail(told: DetailTold, remarks: list[str]) -> DetailTold:
    note = told.warning_note
    if note and len(note) > LONGEST_PASSAGE:
        note = _cut(note, LONGEST_PASSAGE, "note on warnings", remarks)
    return DetailTold(
        moods=tuple(mood[:LONGEST_MOOD] for mood in told.moods if mood.strip()),
        pace=told.pace if told.pace in PACES else None,
        traits={key: value for key, value in told.traits.items() if value in TRAITS.get(key, ())},
        warnings=tuple(
            (level[:LONGEST_LEVEL], what[:LONGEST_WARNING]) for level, what in told.warnings if what.strip()
        ),
        warning_note=note or None,
        format=told.format[:LONGEST_FORMAT] if told.format else None,
        copies=told.copies if told.copies and 1 <= told.copies <= MOST_COPIES else None,
        is_favorite=told.is_favorite,
        more={key[:LONGEST_COLUMN]: _cell(key, value, remarks) for key, value in told.more.items() if key and value},
    )


def _cell(name: str, value: str, remarks: list[str]) -> str:
    return value if len(value) <= LONGEST_TEXT else _cut(value, LONGEST_TEXT, f"cell “{name[:60]}”", remarks)
