"""Text with Markdown's signs in it: which it must not have, and which it shall.

Emphasis and spoilers are control characters, which no text holds, until it is known what stands on either side.
"""

import re
import unicodedata

from bookapp.imports.formats.plain import clipped, tidy

OPEN, CLOSE = {"i": "\x01", "b": "\x03"}, {"i": "\x02", "b": "\x04"}
HIDE, SHOW = "\x05", "\x06"
_SIGNS = {"\x01": "*", "\x02": "*", "\x03": "**", "\x04": "**", HIDE: ">!", SHOW: "!<"}
_BACK, _ON = re.compile(r"(\s+)([\x02\x04\x06]+)"), re.compile(r"([\x01\x03\x05]+)(\s+)")
_EMPTY = re.compile(r"\x01\x02|\x03\x04|\x05\x06|\x02\x01|\x04\x03")
_EMPHASIS = "\x01\x02\x03\x04"
_PAIRS = (re.compile(r"\x01([^\x01\x02]*)\x02"), re.compile(r"\x03([^\x03\x04]*)\x04"))
_SPECIAL = re.compile(
    r"""\\(?=[!-/:-@\[-`{-~\n]|\Z)  # a backslash that would hide a sign, or end a line
    | (?<!\s)\* | \*(?!\s) | (?<![^\W_])_ | _(?![^\W_]) | `  # emphasis and code
    | \](?=\() | (?<=\|)\| | \|(?=\|) | >(?=!) | (?<=!)<  # links and spoilers
    | <(?=[A-Za-z][^\s<>]{0,200}[:@]) | &(?=\#?\w{1,40};)  # addresses and entities""",
    re.VERBOSE,
)
_LINE_START = re.compile(
    r"^([ \t]*)(?:(\#{1,6}(?=\s|$)|>(?!!)|[-+*](?=\s|$)|[-=*_](?=[ \t]*[-=*_])|~~~|=(?=\s*$))"
    r"|([0-9]{1,9})([.)])(?=\s|$))",
    re.MULTILINE,
)


def markdown_of_plain(text: str) -> str:
    """Plain text as Markdown that shows it as it is: whatever would be a sign is escaped, line ends are kept."""
    return re.sub(r"\n{3,}", "\n\n", _lines_escaped(escaped(tidy(text))))


def clipped_markdown(text: str, most: int) -> str:
    """The text with at most so many characters; a spoiler that is cut in two stays hidden."""
    if len(text) <= most:
        return text
    short = clipped(text, most - 2)
    opened, closed = short.rfind(">!"), short.rfind("!<")
    return f"{short}!<" if opened > closed and not short[:opened].endswith("\\") else short


def escaped(text: str) -> str:
    """The text with a backslash before each sign that would do something within a line."""
    return _SPECIAL.sub(lambda found: "\\" + found[0], text)


def _lines_escaped(text: str) -> str:
    """The same with whatever would make a heading, a list, a quotation or a rule of a line."""

    def _one(found: re.Match[str]) -> str:
        return found[1] + (f"\\{found[2]}" if found[2] else f"{found[3]}\\{found[4]}")

    return _LINE_START.sub(_one, text)


def inline(text: str) -> str:
    """The text of a block with its emphasis and spoilers as signs; emphasis that would not be seen as such is none."""
    has_signs = not text.replace("\n", "").isprintable()
    for _ in range(4 if has_signs else 0):
        text = _EMPTY.sub("", _ON.sub(r"\2\1", _BACK.sub(r"\2\1", text)))
    for pair in _PAIRS:
        text = pair.sub(lambda found: found[0] if _stands(found) else found[1], text)
    text = _lines_escaped("\n".join(row.strip() for row in text.split("\n")).strip())
    for sign, written in _SIGNS.items() if has_signs else ():
        text = text.replace(sign, written)
    return text


def _stands(found: re.Match[str]) -> bool:
    """Whether stars here make emphasis. Source: CommonMark 0.31, "left-flanking" and "right-flanking delimiter run"."""
    # Stars that stand together are one run, whatever they are there for.
    before = found.string[max(found.start() - 8, 0) : found.start()].rstrip(_EMPHASIS)[-1:]
    after = found.string[found.end() : found.end() + 8].lstrip(_EMPHASIS)[:1]
    inside = found[1].strip(_EMPHASIS)
    follows = found.string[max(found.start() - 8, 0) : found.start()].rstrip("\x01\x03")[-1:] in ("\x02", "\x04")
    if not inside or inside[0].isspace() or inside[-1].isspace() or follows:
        return False
    return (_is_word(inside[0]) or not _is_word(before)) and (_is_word(inside[-1]) or not _is_word(after))


def _is_word(char: str) -> bool:
    return bool(char) and not char.isspace() and unicodedata.category(char)[0] not in "PSC"
