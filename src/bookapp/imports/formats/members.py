"""The members of one JSON object, one after the other: read whole, a file takes twenty times its size in memory."""

import codecs
import json
import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

from bookapp.imports.formats.lines import LONGEST_LINE
from bookapp.imports.formats.wrapping import Broken

DAMAGED: Final = "The JSON is damaged here or ends too early; the rest of it could not be read."
_SPACE = re.compile(r"[ \t\n\r]*")


def members(chunks: Iterable[bytes]) -> Iterator[tuple[str, Any]]:
    """Names and values, in the order of the file. Raises Broken where it is damaged, or one is longer than any line."""
    window = _Window(chunks)
    window.take("{")
    if window.next() == "}":
        return
    while True:
        name = window.value()
        if not isinstance(name, str):
            raise Broken(DAMAGED)
        window.take(":")
        yield name, window.value()
        if window.next() == "}":
            return
        window.take(",")


class _Window:
    """As much of the text as the next value needs."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._read = json.JSONDecoder().raw_decode
        self._text, self._place = "", 0

    def next(self) -> str:
        """The next character that is no space, not yet taken."""
        while True:
            self._place = _SPACE.match(self._text, self._place).end()  # type: ignore[union-attr]  # fits anywhere
            if self._place < len(self._text):
                return self._text[self._place]
            self._more()

    def take(self, sign: str) -> None:
        """Go on behind this character, which has to come next."""
        if self.next() != sign:
            raise Broken(DAMAGED)
        self._place += 1

    def value(self) -> Any:
        """The next value. What ends at the end of what is here may go on behind it."""
        self.next()
        while True:
            try:
                value, end = self._read(self._text, self._place)
            except RecursionError as error:
                raise Broken(DAMAGED) from error
            except ValueError:
                end = len(self._text)
            if end < len(self._text):
                self._place = end
                return value
            self._more()

    def _more(self) -> None:
        chunk = next(self._chunks, None)
        if chunk is None or len(self._text) - self._place > LONGEST_LINE:
            raise Broken(DAMAGED)
        self._text, self._place = self._text[self._place :] + self._decoder.decode(chunk), 0
