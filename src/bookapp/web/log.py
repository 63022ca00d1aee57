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
        logger_factory=structlog.WriteLoggerFactory(sys.stdout),
        cache_logger_on_first_use=True,
    )


def _hear_libraries(level: int) -> None:
    root = logging.getLogger()
    for handler in [handler for handler in root.handlers if isinstance(handler, ServerWords)]:
        root.removeHandler(handler)  # of an earlier application in this process: each line is said once
    root.addHandler(ServerWords())
    root.setLevel(max(level, logging.WARNING))  # what libraries say below that is about themselves
    logging.getLogger("bookapp").setLevel(level)
    logging.getLogger("hypercorn.error").filters = [_Instead()]


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
