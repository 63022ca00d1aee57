"""One structured line for each request, and for whatever else is worth knowing."""

import logging
import sys
from typing import Any

import structlog
from structlog.tracebacks import ExceptionDictTransformer

from bookapp.web.facts import Facts

_LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}


def configure(level: str) -> None:
    """Send everything, the server's own words included, to standard output as JSON lines."""
    global _access
    _access = None
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            # Without the values of local variables: those may be secrets.
            structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False)),
            structlog.processors.JSONRenderer(ensure_ascii=True),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(_LEVELS[level]),
        logger_factory=structlog.WriteLoggerFactory(sys.stdout),
        cache_logger_on_first_use=True,
    )


_access: Any = None


def access(facts: Facts, method: str, path: str, status: int, size: int, seconds: float) -> None:
    """Log a finished request. JSON escapes what a path could smuggle in; the query stays out, it may be private."""
    global _access
    if _access is None:
        _access = structlog.get_logger("bookapp.access").bind()  # once: binding costs more than the line
    _access.info(
        "request",
        id=facts.id,
        method=method,
        path=path[:300],
        status=status,
        ms=round(seconds * 1000, 1),
        bytes=size,
        client=facts.client,
        answer=facts.wanted,
        endpoint=facts.endpoint,
        **facts.log,
    )


class ServerWords(logging.Handler):
    """Passes the words of libraries that use `logging` on to structlog."""

    def emit(self, record: logging.LogRecord) -> None:
        """Log one record."""
        extra: dict[str, Any] = {"exc_info": record.exc_info} if record.exc_info else {}
        structlog.get_logger(record.name).log(record.levelno, record.getMessage(), logger=record.name, **extra)
