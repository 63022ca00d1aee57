"""Decisions about what a file tells of a person and a book: what of it comes in, beside what is here already.

Three are compared, as by whoever merges two copies of a text: what the file tells now, what it told the last time, and
what is here. What it told before already changes nothing, whatever became of it here; its news fill what is empty, and
replace what is here only where that is still what the file had said.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any

from bookapp.core.text import name_key
from bookapp.shelves import rules
from bookapp.shelves.quote_commands import MOST_QUOTES
from bookapp.shelves.rules import Choices
from bookapp.shelves.told import DetailTold, Put

LONGEST_KEY = 80
_DAY = timedelta(days=1)
LONGEST_TAG, LONGEST_SHELF = 40, 60
MOST_MOODS, MOST_WARNINGS, MOST_MORE = 30, 60, 100
"""So much of each one book may have."""
Row = dict[str, Any]
"""A row by the names of its columns."""
ON_THE_WAY = frozenset({"reading", "read", "stopped"})
"""Whoever is so far with a book does not only want to read it any more."""
NO_ENTRY: Row = {"state": None, "quarters": None, "rated_at": None, "visibility": None, "is_owned": False, "note": None}
NO_DETAIL: Row = {
    "moods": [],
    "pace": None,
    "traits": {},
    "warnings": [],
    "warning_note": None,
    "format": None,
    "copies": None,
    "is_favorite": False,
    "more": {},
}


def digest(*values: object) -> str:
    """A short name of a value, the same each time; other values have other ones."""
    return blake2b(repr(values).encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()


@dataclass(slots=True)
class Weighing:
    """Decides of one thing after another that a file tells of a book, and remembers what it told."""

    before: Mapping[str, str]
    overwrite: bool
    told: dict[str, str] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)

    def takes(self, name: str, value: Any, here: Any) -> bool:
        """Whether a value comes in where `here` stands."""
        said, was = digest(value), self.before.get(name)
        self.told[name] = said
        if said == was or value == here:
            return False
        return (
            here is None or here is False or here == "" or self.overwrite or (was is not None and was == digest(here))
        )

    def news(self, name: str, items: Iterable[Any]) -> list[Any]:
        """Those of a list that the file did not tell before."""
        known = frozenset(self.before.get(name, "").split())
        said = {digest(item): item for item in items}
        if said:
            self.told[name] = " ".join(said)
        return [item for name, item in said.items() if name not in known]

    def remark(self, sentence: str) -> None:
        """Say what could not be put in."""
        self.remarks.append(sentence)


@dataclass(slots=True)
class Here:
    """What is here of a person and a book, in the columns of the tables; empty where there is nothing."""

    entry: Row = field(default_factory=dict)
    detail: Row = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    shelves: set[str] = field(default_factory=set)
    """Names of own shelves on which the book stands, where what is told may mean them by a tag."""
    review: Row = field(default_factory=dict)
    readings: list[Row] = field(default_factory=list)
    quotes: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Plan:
    """What is to be stored of a book: rows that are new and rows that changed, as far as they did."""

    put: Put
    weighing: Weighing
    was: Row
    """The entry as it is here; empty when there is none."""
    entry: Row
    """The entry as it is to be."""
    has_detail: bool = False
    detail: Row | None = None
    tags: dict[str, str] = field(default_factory=dict)
    shelves: list[int] = field(default_factory=list)
    review: Row | None = None
    is_review_new: bool = False
    new_readings: list[Row] = field(default_factory=list)
    changed_readings: list[Row] = field(default_factory=list)
    quotes: list[Row] = field(default_factory=list)

    @property
    def hangs(self) -> bool:
        """Whether something comes to hang on the entry that has a version of its own."""
        return bool(self.review or self.new_readings or self.changed_readings or self.quotes)

    @property
    def touches(self) -> bool:
        """Whether the entry itself changes."""
        is_new = not self.was and (self.hangs or any(self.entry[name] != NO_ENTRY[name] for name in NO_ENTRY))
        return bool(is_new or self.detail or self.tags or self.shelves or (self.was and self.was != self.entry))

    @property
    def changes(self) -> bool:
        """Whether anything does."""
        return self.hangs or self.touches


def plan_entry(put: Put, here: Here, choices: Choices, now: datetime) -> Plan:
    """The plan for the entry itself; what hangs on it comes after."""
    told, weighing = put.told, Weighing(put.before or {}, put.overwrite)
    since = min(told.state_at or told.added_at or now, now)
    fresh = {"added_at": now, "state_at": since, "seen_by": choices.default, "version": 0}
    entry = dict(here.entry) or NO_ENTRY | fresh
    plan = Plan(put, weighing, here.entry, entry)
    is_back = told.state == "want" and entry["state"] in ON_THE_WAY
    if told.state and weighing.takes("state", told.state, entry["state"]) and not is_back:
        entry["state"], entry["state_at"] = told.state, since
    if told.quarters and weighing.takes("quarters", told.quarters, entry["quarters"]):
        entry["quarters"], entry["rated_at"] = told.quarters, min(told.rated_at or now, now)
    if told.note and weighing.takes("note", told.note, entry["note"]):
        entry["note"] = told.note
    # Whoever counted their copies and does not call them theirs stays with that.
    if told.is_owned and weighing.takes("is_owned", True, entry["is_owned"]) and not here.detail.get("copies"):
        entry["is_owned"] = True
    # A file opens nothing that is here to more people than may see it now, unless it is meant to.
    is_open = here.entry and not put.overwrite and told.visibility is not None and told.visibility > entry["seen_by"]
    if (
        told.visibility is not None
        and weighing.takes("visibility", told.visibility, entry["visibility"])
        and not is_open
    ):
        entry["visibility"] = told.visibility
    # A file may know the day alone, of which the moment here is part.
    if told.added_at is not None and (not here.entry or entry["added_at"] - told.added_at >= _DAY):
        entry["added_at"] = min(told.added_at, entry["added_at"])
    entry["seen_by"] = rules.effective(entry["visibility"], entry["state"], choices)
    return plan


def wanted_shelves(plan: Plan, here: Here) -> list[str]:
    """The own shelves on which the file puts a book anew."""
    told = plan.put.told
    if told.is_placed_for_now and here.entry:
        return []
    return _not_here(plan, here, plan.weighing.news("shelves", dict.fromkeys(told.shelves)))


def _not_here(plan: Plan, here: Here, words: Iterable[str]) -> list[str]:
    """Those of a file's words for a book that are not here as the other kind of word."""
    known = {plain(name) for name in (*here.shelves, *here.tags.values())} if plan.put.told.are_words_mixed else set()
    return [word for word in words if plain(word) not in known]


def plain(words: str) -> str:
    """Words as they are compared where commas part one from the next, and can stand in none."""
    return " ".join(re.sub("[,;]", " ", words).casefold().split())


def plan_tags(plan: Plan, here: Here, tags: Iterable[str]) -> None:
    """Let a book have these tags, too, as far as they fit."""
    for tag in _not_here(plan, here, plan.weighing.news("tags", tags)):
        name = " ".join(tag.replace(",", " ").split())[:LONGEST_TAG].strip()
        key = name_key(name)[:LONGEST_KEY]
        if not key or key in here.tags or key in plan.tags:
            continue
        if len(here.tags) + len(plan.tags) >= rules.MOST_TAGS:
            plan.weighing.remark(f"A book has at most {rules.MOST_TAGS} tags: “{name}” was left out.")
            continue
        plan.tags[key] = name


def plan_detail(plan: Plan, here: Here) -> None:
    """Let more be told of how a book felt, and of the copy."""
    told, weighing = plan.put.told.detail, plan.weighing
    if told == _NO_DETAIL_TOLD:
        return
    plan.has_detail = bool(here.detail)
    was = here.detail or NO_DETAIL
    detail = was | {name: type(was[name])(was[name]) for name in ("moods", "traits", "warnings", "more")}
    _unite_moods(detail, weighing, told)
    _unite_warnings(detail, weighing, told)
    for name in ("pace", "warning_note", "format", "copies", "is_favorite"):
        value = getattr(told, name)
        if name == "copies" and value == 1 and plan.was.get("is_owned"):
            continue  # that it is theirs is known
        if value and weighing.takes(name, value, detail[name]):
            detail[name] = value
    for name, most in (("traits", 20), ("more", MOST_MORE)):
        for key, value in getattr(told, name).items():
            if not value or not weighing.takes(f"{name}.{key}", value, detail[name].get(key)):
                continue
            if key in detail[name] or len(detail[name]) < most:
                detail[name][key] = value
            else:
                weighing.remark(f"At most {most} cells are kept as they are: “{key}” was left out.")
    if detail != was:
        plan.detail = detail


_NO_DETAIL_TOLD = DetailTold()


def _unite_moods(detail: Row, weighing: Weighing, told: DetailTold) -> None:
    known = {mood.casefold() for mood in detail["moods"]}
    for mood in weighing.news("moods", told.moods):
        if mood.casefold() not in known and len(detail["moods"]) < MOST_MOODS:
            known.add(mood.casefold())
            detail["moods"].append(mood)


def _unite_warnings(detail: Row, weighing: Weighing, told: DetailTold) -> None:
    known = {plain(what) for _level, what in detail["warnings"]}
    for level, what in weighing.news("warnings", told.warnings):
        if plain(what) not in known and len(detail["warnings"]) < MOST_WARNINGS:
            known.add(plain(what))
            detail["warnings"].append([level, what])


def plan_review(plan: Plan, here: Here, now: datetime) -> None:
    """Let a review say what the file says; it is drawn later, if at all."""
    told = plan.put.told.review
    if told is None:
        return
    was = here.review
    said = (told.text, told.is_spoiler)
    if not plan.weighing.takes("review", said, (was["text"], was["is_spoiler"]) if was else None):
        return
    written = min(told.written_at or now, now)
    chosen = was["visibility"] if was else told.visibility
    plan.is_review_new = not was
    plan.review = {
        "book_id": plan.put.book_id,
        "text": told.text,
        "is_spoiler": told.is_spoiler,
        "visibility": chosen,
        "seen_by": plan.entry["seen_by"] if chosen is None else chosen,
        "created_at": was["created_at"] if was else written,
        "changed_at": now if was else min(told.changed_at or written, now),
        "version": was["version"] + 1 if was else 1,
    }


def plan_quotes(plan: Plan, here: Here, now: datetime) -> None:
    """Let passages be copied that are not there yet."""
    told = {passage(quote.text): quote for quote in plan.put.told.quotes}
    for key in plan.weighing.news("quotes", told):
        quote = told[key]
        if key in here.quotes:
            continue
        if len(here.quotes) + len(plan.quotes) >= MOST_QUOTES:
            plan.weighing.remark(f"At most {MOST_QUOTES} passages are kept of a book: some were left out.")
            return
        plan.quotes.append(
            {
                "book_id": plan.put.book_id,
                "text": quote.text,
                "page": quote.page,
                "visibility": quote.visibility,
                "seen_by": plan.entry["seen_by"] if quote.visibility is None else quote.visibility,
                "created_at": min(quote.written_at or now, now),
                "version": 1,
            }
        )


def shelf_name(name: str) -> str:
    """The name of a shelf of one's own, of 60 characters at most."""
    return " ".join(name.split())[:LONGEST_SHELF].strip()


def passage(text: str) -> str:
    """What makes two passages the same: spacing and case do not matter."""
    return digest(" ".join(text.casefold().split()))
