"""How much a request may bring."""

import re

TARGET = 4096
"""Characters of path and query together."""
HEADERS = 16 * 1024
"""Bytes of all header names and values."""
HEADER_COUNT = 100
BODY = 64 * 1024
COVER = 8 * 2**20
BODY_SECONDS = 15.0
"""A small body has to be here by then; a large one gets longer by its size."""
SLOWEST = 64 * 1024
"""Bytes per second below which a large upload is cut off."""
FIELDS = 60
HANDLER_SECONDS = 30.0
LAST_WORK_SECONDS = 4.0
"""What work after an answer gets when the application stops: Hypercorn waits five seconds for all of it."""

_UPLOADS = re.compile(r"/books/[0-9]+/cover")


def body_limit(path: str) -> int:
    """The most bytes that `path` takes."""
    return COVER if _UPLOADS.fullmatch(path) else BODY


def body_seconds(limit: int) -> float:
    """How long a body of up to `limit` bytes may take to arrive."""
    return max(BODY_SECONDS, limit / SLOWEST)
