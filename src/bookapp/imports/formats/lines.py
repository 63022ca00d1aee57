"""The lines of a file, one after the other in little memory, whatever encoding and whichever line ends it has."""

import codecs
from collections.abc import Iterable, Iterator
from typing import Final

CHUNK: Final = 1 << 18
LONGEST_LINE: Final = 1 << 20
"""Bytes. A longer line is no row of a table; its bytes are dropped as they come."""

Line = tuple[int, bytes | None]
"""Its number, from 1, and its bytes without the line end; None for one that was too long."""

_WIDE = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def encoding_of(head: bytes) -> str:
    """The encoding of a file by its beginning: by its mark, by its zeros, by whether it can be UTF-8; else Windows'."""
    for mark, name in _WIDE:
        if head.startswith(mark):
            return name
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    # Plain letters have a zero beside them in UTF-16.
    even, odd = head[:400:2], head[1:400:2]
    if len(odd) > 3 and odd.count(0) > 0.7 * len(odd) and not even.count(0):
        return "utf-16-le"
    if len(even) > 3 and even.count(0) > 0.7 * len(even) and not odd.count(0):
        return "utf-16-be"
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def as_utf8(chunks: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    """The file as UTF-8 without a mark, if its letters are wider than a byte; else as it is, but for the mark."""
    if encoding.startswith(("utf-16", "utf-32")):
        decoder = codecs.getincrementaldecoder(encoding)("replace")
        for chunk in chunks:
            # A half of a letter that lost its other one cannot be written as UTF-8.
            yield decoder.decode(chunk).encode("utf-8", "replace")
        yield decoder.decode(b"", True).encode("utf-8", "replace")
        return
    is_first = True
    for chunk in chunks:
        yield chunk.removeprefix(codecs.BOM_UTF8) if is_first else chunk
        is_first = False


def lines(chunks: Iterable[bytes]) -> Iterator[Line]:
    """The numbered lines. Ends are `\\n`, `\\r\\n` or `\\r`, mixed as it comes. The empty end of a file is no line."""
    number, rest, is_long = 0, b"", False
    for chunk in chunks:
        data = rest + chunk
        # Its other half may be in the next piece.
        held = data.endswith(b"\r")
        data = (data[:-1] if held else data).replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        whole = data.split(b"\n")
        rest = whole.pop()
        for line in whole:
            number += 1
            yield number, None if is_long or len(line) > LONGEST_LINE else line
            is_long = False
        if is_long or len(rest) > LONGEST_LINE:
            rest, is_long = b"", True
        if held:
            rest += b"\r"
    rest = rest.removesuffix(b"\r")
    if rest or is_long:
        yield number + 1, None if is_long else rest


def text_of(line: bytes) -> str:
    """A line as text. Files put together of several have lines in several encodings, so each is asked for itself."""
    try:
        return line.decode()
    except UnicodeDecodeError:
        return line.decode("cp1252", "replace")
