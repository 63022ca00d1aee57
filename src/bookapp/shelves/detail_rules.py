"""Decisions about how a book felt that need no database: which words there are, and how they are said."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from bookapp.shelves.detail_results import BookFelt, DetailShown, KeptDetail, MoreTold, WordCount
from bookapp.shelves.told_rules import TRAITS

MOODS = (
    "adventurous", "challenging", "dark", "emotional", "funny", "hopeful", "informative", "inspiring", "lighthearted",
    "mysterious", "reflective", "relaxing", "sad", "tense",
)  # fmt: skip
"""Those of StoryGraph; beside them people have words of their own."""
LEVELS = ("graphic", "moderate", "minor")
MOST_WORDS = 12
"""So many words of readers stand on the page of a book."""
SAID: dict[tuple[str, str], str] = {
    ("drive", "character"): "driven by its characters",
    ("drive", "plot"): "driven by its plot",
    ("drive", "mix"): "driven by plot and characters",
    ("development", "yes"): "characters who grow",
    ("development", "no"): "characters who stay as they are",
    ("development", "complicated"): "characters who grow, in a way",
    ("loveable", "yes"): "loveable characters",
    ("loveable", "no"): "no loveable characters",
    ("loveable", "complicated"): "loveable characters, in a way",
    ("diverse", "yes"): "diverse characters",
    ("diverse", "no"): "no diverse characters",
    ("diverse", "complicated"): "diverse characters, in a way",
    ("flawed", "yes"): "flaws are a main focus",
    ("flawed", "no"): "flaws are no main focus",
    ("flawed", "complicated"): "flaws are a main focus, in a way",
}


def shown(row: Any | None) -> DetailShown:
    """A row of `Detail`, or none, as its person sees it."""
    if row is None:
        return DetailShown()
    traits: dict[str, Any] = {name: row.traits.get(name) for name in TRAITS}
    return DetailShown(
        moods=tuple(row.moods),
        pace=row.pace,
        **traits,
        warnings=tuple(warning_words(*warning) for warning in row.warnings),
        warning_note=row.warning_note,
        format=row.format,
        copies=row.copies,
        is_favorite=row.is_favorite,
        more=tuple(MoreTold(name, value) for name, value in row.more.items()),
        says=_says(row),
    )


def kept(row: Any | None) -> KeptDetail | None:
    """The same for its person to take along."""
    if row is None:
        return None
    return KeptDetail(
        moods=tuple(row.moods),
        pace=row.pace,
        traits=dict(row.traits),
        warnings=tuple((level, what) for level, what in row.warnings),
        warning_note=row.warning_note,
        format=row.format,
        copies=row.copies,
        is_favorite=row.is_favorite,
        more=dict(row.more),
    )


def _says(row: Any) -> tuple[str, ...]:
    told = [
        "a favourite" if row.is_favorite else "",
        ", ".join(row.moods),
        f"{row.pace} paced" if row.pace else "",
        *(SAID.get((name, row.traits.get(name, "")), "") for name in TRAITS),
        row.format or "",
        "" if not row.copies else f"{row.copies} copies" if row.copies > 1 else "one copy",
    ]
    return tuple(words for words in told if words)


def warning_words(level: str, what: str) -> str:
    """A warning as it is typed."""
    return f"{level}: {what}" if level else what


def warning_of(text: str) -> tuple[str, str]:
    """What somebody typed as a warning: how much, if that is said, and of what."""
    level, colon, what = text.partition(":")
    if colon and level.strip().casefold() in LEVELS and what.strip():
        return level.strip().casefold(), what.strip()
    return "", text.strip()


def felt(rows: Iterable[Any]) -> BookFelt:
    """What the readers of a book say together, out of moods, pace and warnings of each: a word counts once for each."""
    moods, paces, warnings, spelt = Counter[str](), Counter[str](), Counter[str](), dict[str, str]()
    for row in rows:
        _count(moods, spelt, row.moods)
        _count(paces, spelt, [row.pace] if row.pace else [])
        _count(warnings, spelt, [what for _level, what in row.warnings])
    return BookFelt(moods=_words(moods, spelt), paces=_words(paces, spelt), warnings=_words(warnings, spelt))


def _count(counts: Counter[str], spelt: dict[str, str], words: Iterable[str]) -> None:
    for key, word in {word.casefold(): word for word in words}.items():
        counts[key] += 1
        spelt.setdefault(key, word)


def _words(counts: Counter[str], spelt: Mapping[str, str]) -> tuple[WordCount, ...]:
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:MOST_WORDS]
    return tuple(WordCount(spelt[key], count) for key, count in ranked)
