"""Titles and names as files write them."""

import re
from collections.abc import Iterable

from bookapp.core.text import name_key
from bookapp.imports.formats.plain import clipped, line

LONGEST_NAME, LONGEST_NAME_KEY, MOST_NAMES = 200, 250, 50
LONGEST_TITLE, LONGEST_POSITION = 500, 20
_AFTER_NAME = re.compile(r"(?:jr|sr|ii|iii|iv|phd|ph\.d|md|m\.d|esq|inc|llc|ltd)\.?", re.IGNORECASE)
_NUMBER = r"[0-9]{1,4}(?:\.[0-9]{1,2})?"
_SPAN = rf"{_NUMBER}(?: ?[-–] ?{_NUMBER})?"
_POSITION = re.compile(rf"# ?({_SPAN})((?: ?[,+&] ?#?{_SPAN}(?![\w]))*)", re.ASCII)


def title_and_series(title: str) -> tuple[str, str | None, str | None]:
    """Title, series and place in it: `Emma (Novels, #4)` is Emma, the fourth of Novels. Of several series, the first.

    Words in brackets without a number are part of the title: `I Am America (And So Can You!)`.
    """
    title = line(title)
    start = _last_bracket(title)
    inner = title[start + 1 : -1] if start is not None else ""
    found = _POSITION.search(inner)
    if start is None or found is None:
        return clipped(title, LONGEST_TITLE), None, None
    name = inner[: found.start()].rpartition(";")[2].removeprefix("Includes:").strip(" ,:")
    bare = title[:start].strip()
    if not name or not bare:
        return clipped(title, LONGEST_TITLE), None, None
    return clipped(bare, LONGEST_TITLE), clipped_name(name), _position(found)


def _last_bracket(title: str) -> int | None:
    """Where the bracket opens that the title ends with, or None. Brackets inside it are its own."""
    if not title.endswith(")"):
        return None
    depth = 0
    for place in range(len(title) - 1, -1, -1):
        depth += {")": 1, "(": -1}.get(title[place], 0)
        if depth == 0:
            return place
    return None


def _position(found: re.Match[str]) -> str:
    """The place in a series, or the places, as many as fit: `#0.5, 2 - 4` is 0.5, 2-4."""
    position = re.sub(r" ?[-–] ?", "-", found[1])
    for other in re.findall(_SPAN, found[2], re.ASCII):
        longer = f"{position}, " + re.sub(r" ?[-–] ?", "-", other)
        if len(longer) > LONGEST_POSITION:
            break
        position = longer
    return position


def clipped_name(name: str) -> str:
    """A name in one line, no longer than the tables take it: 200 characters, 250 as it is compared."""
    name = clipped(line(name), LONGEST_NAME)
    while len(name_key(name)) >= LONGEST_NAME_KEY:
        name = clipped(name, len(name) - 10)
    return name


def parts(text: str, separators: Iterable[str]) -> list[str]:
    """The parts of a text between any of the separators, in one line each, without the empty ones.

    `separators` may be one string of single characters (`",;"`) or several strings (`(" | ", "|||||")`).
    """
    pieces = [text]
    for separator in separators:
        pieces = [part for piece in pieces for part in piece.split(separator)]
    return [made for piece in pieces if (made := line(piece))]


def names(text: str, separators: Iterable[str] = ",") -> tuple[str, ...]:
    """The names in a line of them, each once, at most 50; `Jr.` stays with its name."""
    found: list[str] = []
    for part in parts(text, separators):
        if found and _AFTER_NAME.fullmatch(part):
            found[-1] = f"{found[-1]} {part}"
        else:
            found.append(part)
    distinct: dict[str, str] = {}
    for name in map(clipped_name, found[:MOST_NAMES]):
        distinct.setdefault(name_key(name), name)
    return tuple(distinct.values())


def person(text: str) -> str:
    """A name in the order it is spoken: `Cortazar, Julio` is Julio Cortazar, `King, Martin, Jr.` keeps its end."""
    last, *rest = parts(text, ",") or [""]
    if not rest or (len(rest) == 1 and _AFTER_NAME.fullmatch(rest[0])):
        return clipped_name(text)
    if len(rest) == 1 or (len(rest) == 2 and _AFTER_NAME.fullmatch(rest[1])):
        return clipped_name(" ".join([rest[0], last, *rest[1:]]))
    return clipped_name(text)


def words(text: str, separators: Iterable[str] = ",", most: int = 60) -> tuple[str, ...]:
    """The words in a line of them (tags, moods, shelves, subjects), each once in any case, of at most `most` signs."""
    distinct: dict[str, str] = {}
    for part in parts(text, separators):
        word = clipped(part, most)
        distinct.setdefault(word.casefold(), word)
    return tuple(distinct.values())
