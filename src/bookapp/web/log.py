"""One structured line for each request, and for whatever else is worth knowing."""

import json
import logging
import sys
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import structlog
from structlog.tracebacks import ExceptionDictTransformer

from bookapp.core import clock
from bookapp.web.facts import Facts
from bookapp.web.lines import Lines

_LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}


_lines: Lines | None = None
"""Where requests are written, or None when the level leaves them out."""
_quoted = json.encoder.encode_basestring_ascii


def configure(level: str) -> None:
    """Send everything, the server's own words included, to standard output as JSON lines."""
    global _lines
    lines = Lines(sys.stdout)
    _lines = lines if _LEVELS[level] <= logging.INFO else None
    _hear_libraries(_LEVELS[level])
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            # Without the values of local variables: those may be secrets.
            structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False)),
            structlog.processors.JSONRenderer(ensure_ascii=True),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(_LEVELS[level]),
        logger_factory=lambda *_names: lines,
        cache_logger_on_first_use=True,
    )


def flush() -> None:
    """Write what still waits: this process is about to end."""
    if _lines is not None:
        _lines.flush()


def _hear_libraries(level: int) -> None:
    root = logging.getLogger()
    for handler in [handler for handler in root.handlers if isinstance(handler, ServerWords)]:
        root.removeHandler(handler)  # of an earlier application in this process: each line is said once
    root.addHandler(ServerWords())
    root.setLevel(max(level, logging.WARNING))  # what libraries say below that is about themselves
    logging.getLogger("bookapp").setLevel(level)
    logging.getLogger("hypercorn.error").filters = [_Instead()]


@lru_cache(maxsize=2)
def _second(number: int) -> str:
    return datetime.fromtimestamp(number, UTC).strftime("%Y-%m-%dT%H:%M:%S")


def access(facts: Facts, method: str, path: str, status: int, size: int, seconds: float) -> None:
    """Log a finished request. JSON escapes what a path could smuggle in; the query stays out, it may be private.

    Written past structlog, whose chain would cost a kept answer a tenth of its time.
    """
    if _lines is None:
        return
    now = clock.now().timestamp()
    _lines.info(
        f'{{"event": "request", "id": "{facts.id}", "method": {_quoted(method)}, "path": {_quoted(path[:300])}, '
        f'"status": {status}, "ms": {seconds * 1000:.1f}, "bytes": {size}, "client": {_quoted(facts.client)}, '
        f'"answer": "{facts.wanted}", "endpoint": "{facts.endpoint}", '
        f'"kept": {"true" if facts.kept else "false"}, "level": "info", '
        f'"timestamp": "{_second(int(now))}.{int(now % 1 * 1000):03}Z"}}'
    )


class ServerWords(logging.Handler):
    """Passes the words of libraries that use `logging` on to structlog."""

    def emit(self, record: logging.LogRecord) -> None:
        """Log one record."""
        try:
            extra: dict[str, Any] = {"exc_info": record.exc_info} if record.exc_info else {}
            level = min(max(record.levelno // 10 * 10, logging.DEBUG), logging.CRITICAL)
            structlog.get_logger(record.name).log(level, record.getMessage(), logger=record.name, **extra)
        except Exception:
            self.handleError(record)


class _Instead(logging.Filter):
    """Takes Hypercorn's words before the handler that Hypercorn puts up for itself, later than we could remove it."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Say the record here, and nowhere else."""
        ServerWords().handle(record)
        return False
