"""Where log lines go: to one file, together, a moment after they were said."""

import asyncio
from typing import TextIO

MOMENT = 0.05
"""Seconds in which lines may wait for others: one write for all of them costs as much as one for each."""
TOGETHER = 4096
"""Bytes written at once: a pipe takes so many (PIPE_BUF) without mixing them with the lines of other workers."""


class Lines:
    """The logger at the end of structlog's chain. What warns is written at once, and what was said before it too."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._waiting: list[str] = []

    def info(self, line: str) -> None:
        """Write `line` soon; at once where no event loop could do it later."""
        self._waiting.append(line)
        if len(self._waiting) == 1:
            try:
                asyncio.get_running_loop().call_later(MOMENT, self.flush)
            except RuntimeError:
                self.flush()

    def warning(self, line: str) -> None:
        """Write `line` now."""
        self._waiting.append(line)
        self.flush()

    debug = info
    error = critical = exception = warning

    def flush(self) -> None:
        """Write what waits."""
        waiting, self._waiting = self._waiting, []
        part: list[str] = []
        size = 0
        for line in waiting:  # ASCII: as many bytes as characters
            if part and size + len(line) >= TOGETHER:
                self._write(part)
                part, size = [], 0
            part.append(line)
            size += len(line) + 1
        if part:
            self._write(part)

    def _write(self, lines: list[str]) -> None:
        self._file.write("\n".join(lines) + "\n")
        self._file.flush()
