"""What stands in a cell, as a value: each function takes whatever text there is and never raises.

None or empty means that there is nothing, or nothing that can be understood; whoever asks says so in a remark.
"""

import re
from functools import lru_cache

from bookapp.books.languages import language_code
from bookapp.books.rules import isbn13
from bookapp.imports.formats.dates import moment, when, year
from bookapp.imports.formats.marks import markdown_of
from bookapp.imports.formats.plain import Unreadable, cell, clipped, filled, line, row_key, tidy
from bookapp.imports.formats.signs import clipped_markdown, markdown_of_plain
from bookapp.imports.formats.titles import clipped_name, names, parts, person, title_and_series, words

__all__ = [
    "Unreadable", "cell", "clipped", "clipped_markdown", "clipped_name", "filled", "integer", "isbn", "language",
    "line", "markdown_of", "markdown_of_plain", "moment", "names", "parts", "person", "quarters", "row_key", "tidy",
    "title_and_series", "when", "words", "year", "yes",
]  # fmt: skip

_NOT_ISBN = re.compile(r"[^0-9Xx]")
_AROUND_ISBN = " \t\n=\"'[](){}<>.,;:"
_LONGEST_ISBN, _LONGEST_NUMBER = 60, 40
_STARS = re.compile(r"([0-9]{1,2})?([.,][0-9]{1,4}|½|¼|¾)?(?: ?/ ?(5|10))?", re.ASCII)
_FRACTIONS = {"½": 0.5, "¼": 0.25, "¾": 0.75}
_WHOLE = re.compile(r"([+-]?[0-9]{1,12})(?:\.0*)?", re.ASCII)
_YES = frozenset({"yes", "y", "true", "t", "1", "x", "oui", "ja", "si", "sí"})


def isbn(text: str) -> str | None:
    """The thirteen digits of an ISBN in any spelling: `="9782843441219"`, `[2070291340]`, `0-19-852663-6`.

    An ISBN-10 that lost its leading zeros to a spreadsheet has them back. None when the check digit does not fit.
    """
    return _isbn(text) if len(text) <= _LONGEST_ISBN else None


@lru_cache(maxsize=1024)
def _isbn(text: str) -> str | None:
    bare = tidy(text).strip(_AROUND_ISBN)
    if not bare:
        return None
    bare = re.sub(r"^(?:urn:)?isbn(?:-?1[03])?:? ?|(?<=[0-9])\.0$", "", bare, flags=re.IGNORECASE)
    if len(_NOT_ISBN.sub("", bare)) > 13:
        return None
    if bare.isascii() and re.fullmatch(r"[0-9]{6,8}[0-9Xx]", bare):
        bare = bare.zfill(10)
    try:
        return isbn13(bare)
    except ValueError:
        return None


def quarters(text: str) -> int | None:
    """A rating as quarter stars, 1 to 20: `4.5`, `4,25`, `3½`, `4/5`, `8/10`, `★★★½`. 0 and more than 5 are none."""
    return _quarters(text) if len(text) <= _LONGEST_NUMBER else None


@lru_cache(maxsize=256)
def _quarters(text: str) -> int | None:
    bare = line(text).strip("\"'= ")
    drawn = re.fullmatch(r"([★⭐*]{1,5})([½¼¾])?[☆]*", bare.replace("\ufe0f", ""))
    if drawn:
        return _in_range(len(drawn[1]) + _FRACTIONS.get(drawn[2] or "", 0.0))
    found = _STARS.fullmatch(bare)
    if not bare or found is None or not (found[1] or found[2]):
        return None
    part = found[2] or ""
    stars = float(found[1] or 0) + (_FRACTIONS.get(part) or float(f"0.{part[1:] or 0}"))
    return _in_range(stars / 2 if found[3] == "10" else stars)


def _in_range(stars: float) -> int | None:
    # To the nearest quarter, halves upwards; the least rating there is stays one.
    found = int(stars * 4 + 0.5) or (1 if stars > 0 else 0)
    return found if 1 <= found <= 20 else None


def integer(text: str, least: int, most: int) -> int | None:
    """A whole number within its limits; `352.0` is one, `1,024` is one."""
    number = _whole(text) if len(text) <= _LONGEST_NUMBER else None
    return number if number is not None and least <= number <= most else None


@lru_cache(maxsize=4096)
def _whole(text: str) -> int | None:
    found = _WHOLE.fullmatch(re.sub(r"(?<=[0-9]),(?=[0-9]{3}(?![0-9]))", "", tidy(text).strip("\"'= ")))
    return int(found[1]) if found else None


def language(text: str) -> str | None:
    """The code of a language by its code or its English name; of several, the first."""
    first = next(iter(parts(text[:200], ",;|")), "")
    try:
        return language_code(first) if first else None
    except ValueError:
        return None


def yes(text: str) -> bool:
    """Whether a cell says yes: `Yes`, `true`, `1`, `x`."""
    return tidy(text[:20]).casefold() in _YES
