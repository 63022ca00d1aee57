"""Decisions about readings that a file tells: which of them are here already, which are new, which say more."""

from collections.abc import Iterable
from datetime import datetime

from bookapp.shelves import reading_rules
from bookapp.shelves.bulk_rules import Here, Plan, Row
from bookapp.shelves.reading_rules import When, stored_when
from bookapp.shelves.told import ReadingTold

_ENDS = {"read": "finished", "stopped": "stopped"}


def plan_readings(plan: Plan, here: Here, now: datetime) -> None:
    """Let a book have been read as often as the file tells, and when it tells that."""
    told = _distinct(plan.put.told.readings)
    before, after = plan.was.get("state"), plan.entry["state"]
    is_begun, is_ended = after == "reading" != before, before == "reading" and after in _ENDS
    if not told and not is_begun and not is_ended:
        return
    rows = [dict(row) for row in here.readings]
    _Readings(plan, rows, now).put(told)
    if is_begun and all(row["outcome"] != "reading" for row in rows):
        rows.append(_row(plan, ReadingTold(outcome="reading"), now))
    for row in rows if is_ended else ():
        if row["outcome"] == "reading":
            row["outcome"] = _ENDS[after]
    new = [row for row in rows if "id" not in row]
    room = max(0, reading_rules.MOST - len(here.readings))
    if len(new) > room:
        plan.weighing.remark(f"At most {reading_rules.MOST} readings are kept of a book: some were left out.")
    plan.new_readings = new[:room]
    for was, row in zip(here.readings, rows, strict=False):
        if was != row:
            plan.changed_readings.append(row | {"version": row["version"] + 1})


def _distinct(readings: Iterable[ReadingTold]) -> list[ReadingTold]:
    """Each once; what has only an end is the same as what has that end and a beginning. Unknown dates count each."""
    found: dict[object, ReadingTold] = {}
    ends = {(one.outcome, one.finished) for one in readings if one.started and one.finished}
    for number, one in enumerate(readings):
        if one.started or one.finished:
            if one.started or (one.outcome, one.finished) not in ends:
                found.setdefault((one.outcome, one.started, one.finished), one)
        else:
            # Of those that go on there is one at most.
            found.setdefault(one.outcome if one.outcome == "reading" else number, one)
    return list(found.values())


class _Readings:
    """The readings that are here, and those that come to them."""

    def __init__(self, plan: Plan, rows: list[Row], now: datetime) -> None:
        self._plan, self._rows, self._now = plan, rows, now
        self._free = list(rows)

    def put(self, told: list[ReadingTold]) -> None:
        """Put in what is told and not here."""
        news = self._news(told)
        dated = [one for one in told if (one.started or one.finished) and one.outcome != "reading"]
        # The surest first: what says exactly the same takes its row before anything that only may be the same.
        left = [one for one in dated if not self._meets(one, news, exactly=True)]
        left = [one for one in left if not self._meets(one, news, exactly=False)]
        left = [one for one in left if not self._ended_otherwise(one)]
        for one in left:
            if id(one) in news and not self._completes(one):
                self._rows.append(_row(self._plan, one, self._now))
        for outcome in ("finished", "stopped"):
            self._count([one for one in told if one.outcome == outcome], news)
        for one in told:
            if one.outcome == "reading":
                self._go_on(one, is_new=id(one) in news)

    def _news(self, told: list[ReadingTold]) -> set[int]:
        """Which of them the file did not tell before."""
        keys: dict[str, ReadingTold] = {}
        counted: dict[str, int] = {}
        for one in told:
            key = f"{one.outcome} {one.started.iso if one.started else ''}/{one.finished.iso if one.finished else ''}"
            counted[key] = counted.get(key, 0) + 1
            keys[f"{key} {counted[key]}"] = one
        return {id(keys[key]) for key in self._plan.weighing.news("readings", keys)}

    def _meets(self, one: ReadingTold, news: set[int], *, exactly: bool) -> bool:
        """Find the row that is this reading, and let it say more if the file does."""
        for row in self._free:
            if row["outcome"] != one.outcome:
                continue
            started, finished = _dates(row)
            is_same = (started, finished) == (one.started, one.finished)
            if is_same or (not exactly and _may_be(started, one.started) and _is_one(finished, one.finished)):
                self._free.remove(row)
                if id(one) in news:
                    _fill(row, one)
                return True
        return False

    def _ended_otherwise(self, one: ReadingTold) -> bool:
        """Whether a row has the very same dates, and another end, where the file does not say how it ended."""
        if one.is_end_told:
            return False
        for row in self._free:
            goes_on = row["outcome"] == "reading" and self._plan.entry["state"] != "reading"
            if _dates(row) == (one.started, one.finished) and not goes_on:
                self._free.remove(row)
                return True
        return False

    def _completes(self, one: ReadingTold) -> bool:
        """Whether a row was waiting for these dates: it went on until now, or nobody knew when it was."""
        for row in self._free:
            started, finished = _dates(row)
            goes_on = row["outcome"] == "reading" and self._plan.entry["state"] != "reading"
            goes_on = goes_on and not (started and one.finished and one.finished.last < started.first)
            is_bare = row["outcome"] == one.outcome and started is None and finished is None
            if is_bare or (goes_on and _may_be(started, one.started)):
                self._free.remove(row)
                row["outcome"] = one.outcome
                _fill(row, one)
                return True
        return False

    def _count(self, told: list[ReadingTold], news: set[int]) -> None:
        """Let there be at least as many as are told, of which some have no date."""
        bare = [one for one in told if not one.started and not one.finished and id(one) in news]
        if bare:
            have = sum(row["outcome"] == bare[0].outcome for row in self._rows)
            # To stand among the books that were read is to be read once, and files count it so.
            have = max(have, int(bare[0].outcome == "finished" and self._plan.was.get("state") == "read"))
            for one in bare[: max(0, len(told) - have)]:
                self._rows.append(_row(self._plan, one, self._now))

    def _go_on(self, one: ReadingTold, *, is_new: bool) -> None:
        """Let a reading go on, if the book is being read; it may be over here by now."""
        going = next((row for row in self._rows if row["outcome"] == "reading"), None)
        weighing, at = self._plan.weighing, (one.page, one.percent)
        was = (going["page"], going["percent"]) if going else (None, None)
        takes = at != (None, None) and weighing.takes("progress", at, None if was == (None, None) else was)
        if self._plan.entry["state"] != "reading":
            return
        if going is not None:
            if is_new:
                _fill(going, one, with_progress=False)
            if takes:
                going["page"], going["percent"] = at
                going["progressed_at"] = min(one.progressed_at or self._now, self._now)
        elif is_new and not (one.started and any(_dates(row)[0] == one.started for row in self._rows)):
            self._rows.append(_row(self._plan, one, self._now))


def _may_be(here: When | None, told: When | None) -> bool:
    return here is None or told is None or _is_one(here, told)


def _is_one(here: When | None, told: When | None) -> bool:
    """Whether two dates may be the same day of which one is known less exactly."""
    if here is None or told is None:
        return here is told
    return (here.first <= told.first and told.last <= here.last) or (
        told.first <= here.first and here.last <= told.last
    )


def _dates(row: Row) -> tuple[When | None, When | None]:
    return (
        stored_when(row["started_on"], row["started_as"]),
        stored_when(row["finished_on"], row["finished_as"]),
    )


def _fill(row: Row, one: ReadingTold, *, with_progress: bool = True) -> None:
    """Let a reading say what it does not say yet; a day says more than its month."""
    for name, here, told in zip(("started", "finished"), _dates(row), (one.started, one.finished), strict=True):
        if told is not None and (here is None or (_is_one(here, told) and len(told.iso) > len(here.iso))):
            row[f"{name}_on"], row[f"{name}_as"] = told.first, told.exact
    if with_progress and row["page"] is None and row["percent"] is None:
        row["page"], row["percent"] = one.page, one.percent
    row["note"] = row["note"] or one.note


def _row(plan: Plan, one: ReadingTold, now: datetime) -> Row:
    has_progress = one.page is not None or one.percent is not None
    return {
        "book_id": plan.put.book_id,
        "outcome": one.outcome,
        "started_on": one.started.first if one.started else None,
        "started_as": one.started.exact if one.started else None,
        "finished_on": one.finished.first if one.finished else None,
        "finished_as": one.finished.exact if one.finished else None,
        "page": one.page,
        "percent": one.percent,
        "progressed_at": min(one.progressed_at or now, now) if has_progress else None,
        "note": one.note,
        "created_at": now,
        "version": 1,
    }
