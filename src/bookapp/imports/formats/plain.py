"""Text out of a file, made into text that our tables take: whatever no person typed is dropped, never a whole row."""

import hashlib
import re
import unicodedata
from collections.abc import Mapping

# What `core.text.clean` refuses, and the BOM that some programs put in the middle of a file.
_DROPPED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufeff]")
LONGEST_KEY = 80
_NOTHING = frozenset({"", '=""', "=", '="'})


class Unreadable(ValueError):
    """A row that cannot be read at all; its text is a sentence that says why."""


def tidy(text: str) -> str:
    """The text as `core.text.clean` wants it: NFC, `\\n` line ends, no control characters, no space at the ends."""
    if not text:
        return text
    if text.isascii() and text.isprintable():
        return text.strip()
    text = _DROPPED.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    return unicodedata.normalize("NFC", text).strip()


def holds_control(text: str) -> bool:
    """Whether the text holds characters that `without_control` takes out."""
    return not text.isprintable() and _DROPPED.search(text) is not None


def without_control(text: str) -> str:
    """The text without control characters; line ends and spaces stay as they are."""
    return _DROPPED.sub("", text)


def line(text: str) -> str:
    """The text in one line with single spaces: a title, a name."""
    if not text.isprintable():
        text = tidy(text)
    return unicodedata.normalize("NFC", " ".join(text.split()))


def filled(text: str) -> str:
    """The tidied text of a cell; an empty spreadsheet formula (`=""`) holds nothing."""
    text = tidy(text)
    return "" if text in _NOTHING else text


def clipped(text: str, most: int) -> str:
    """The text with at most so many characters; what is cut off is shown by an ellipsis."""
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


def cell(cells: Mapping[str, str], *names: str) -> str:
    """The tidied cell of the first of these columns that holds something, in any case of letters; else empty.

    An empty spreadsheet formula (`=""`) holds nothing.
    """
    for name in names:
        value = cells.get(name)
        if value is None:
            value = _any_case(cells, name.strip().casefold())
        if value and (value := filled(value)):
            return value
    return ""


def _any_case(cells: Mapping[str, str], wanted: str) -> str:
    return next((value for name, value in cells.items() if name.strip().casefold() == wanted), "")


def row_key(*parts: object) -> str:
    """A key of at most 80 characters out of what makes a row itself; the first part is kept, a long rest is hashed."""
    words = [line(str(part)) for part in parts if part is not None and str(part).strip()]
    key = ":".join(words)
    if len(key) <= LONGEST_KEY:
        return key
    digest = hashlib.sha256(key.encode()).hexdigest()[:40]
    return f"{words[0][:30]}:{digest}"
