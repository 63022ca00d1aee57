"""Decisions about statistics that need no database: months and years, rows to draw, and pace."""

from calendar import isleap, month_abbr, month_name
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta

from bookapp.books.rules import decade_label, decade_of
from bookapp.statistics.results import Bar, Plot

FIRST_YEAR, LAST_YEAR = 1, 9998
TOP, BOOKS_SHOWN = 10, 60
"""So many subjects and authors are named, and so many books of a year."""
MOST_BOOKS = 2000
ABSENT = "There is no such year, or it is not for you to see."


def is_year(year: int) -> bool:
    """Whether it is a year of the calendar, with one before and one after it."""
    return FIRST_YEAR <= year <= LAST_YEAR


def span(year: int) -> tuple[date, date]:
    """The first and the last day of a year."""
    return date(year, 1, 1), date(year, 12, 31)


def plot(title: str, rows: Iterable[Bar], *, what: str = "book", ranked: bool = False) -> Plot:
    """Counts to be drawn, with what they say in words; nothing is said of nothing. `ranked`: the largest is first."""
    bars = tuple(rows)
    seen = [bar for bar in bars if bar.count]
    if not seen:
        return Plot(title, "", ())
    top = seen[0] if ranked else max(seen, key=lambda bar: bar.count)
    return Plot(title, f"The most for {top.label}: {counted(top.count, what)}.", bars)


def counted(count: int, what: str = "book") -> str:
    """So many of something, in words."""
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def month_bars(counts: Mapping[int, int]) -> tuple[Bar, ...]:
    """A row for each month of the year; 0 in `counts` stands for those of which only the year is known."""
    return tuple(Bar(month_name[month], counts.get(month, 0)) for month in range(1, 13)) if any(counts.values()) else ()


def so_far(counts: Mapping[int, int], upto: int = 12) -> tuple[Bar, ...]:
    """How many were finished by the end of each month; those without a month are counted from the beginning."""
    done, found = counts.get(0, 0), []
    for month in range(1, upto + 1):
        done += counts.get(month, 0)
        found.append(Bar(month_abbr[month], done))
    return tuple(found) if done else ()


def streak(counts: Mapping[int, int]) -> int:
    """The most months in a row with something in each."""
    best = run = 0
    for month in range(1, 13):
        run = run + 1 if counts.get(month) else 0
        best = max(best, run)
    return best


def decade_bars(years: Mapping[int, int]) -> tuple[Bar, ...]:
    """How many for each decade, the earliest first."""
    decades: dict[int, int] = {}
    for year, count in years.items():
        decades[decade_of(year)] = decades.get(decade_of(year), 0) + count
    return tuple(Bar(decade_label(decade), decades[decade]) for decade in sorted(decades))


def star_bars(quarters: Mapping[int, int]) -> tuple[Bar, ...]:
    """How many for each half star, out of ratings in quarter stars; a quarter above a half goes to the next one."""
    if not quarters:
        return ()
    halves = [0] * 11
    for value, count in quarters.items():
        halves[(value + 1) // 2] += count
    return tuple(Bar(f"{half // 2 or ''}{'½' if half % 2 else ''}", halves[half]) for half in range(1, 11))


def finished_words(day: date, exact: str | None) -> str:
    """When in its year a book was finished, as exactly as it is known."""
    if exact == "year":
        return f"some time in {day.year}"
    return f"{day:%B}" if exact == "month" else f"{day.day} {day:%B}"


def expected(goal: int, year: int, today: date) -> int:
    """How many books of a goal would be finished by the end of `today`, were they read evenly through the year."""
    if today.year != year:
        return goal if today.year > year else 0
    return goal * today.timetuple().tm_yday // (366 if isleap(year) else 365)


def pace_words(goal: int, done: int, year: int, today: date) -> str:
    """How a goal goes, on the day that is `today` for the person."""
    if done >= goal:
        return "Reached." if done == goal else f"Reached, and {counted(done - goal)} more."
    if today.year > year:
        return f"{counted(goal - done)} short of it."
    if today.year < year:
        return "The year has not begun."
    ahead = done - expected(goal, year, today)
    if ahead == 0:
        return "Just on pace."
    return f"{counted(abs(ahead))} {'ahead of' if ahead > 0 else 'behind'} your pace."


def last_months(today: date, count: int = 12) -> Sequence[date]:
    """The first days of the last months, the present one last."""
    found = [today.replace(day=1)]
    while len(found) < count:
        found.append((found[-1] - timedelta(days=1)).replace(day=1))
    return found[::-1]


def next_month(first: date) -> date:
    """The first day of the month after."""
    return (first + timedelta(days=32)).replace(day=1)


def title(username: str, year: int, *, is_me: bool) -> str:
    """What the page of a year is called."""
    return f"My year {year}" if is_me else f"{username}’s year {year}"


def years_url(username: str) -> str:
    """The address of the years in which a person read."""
    return f"/accounts/{username}/years"


def year_url(username: str, year: int) -> str:
    """The address of a person's year."""
    return f"{years_url(username)}/{year}"


def goal_url(username: str, year: int) -> str:
    """The address of what a person means to read in a year."""
    return f"/accounts/{username}/goals/{year}"
