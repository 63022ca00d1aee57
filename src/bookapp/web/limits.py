"""How much a request may bring."""

import re

TARGET = 4096
"""Characters of path and query together."""
HEADERS = 16 * 1024
"""Bytes of all header names and values."""
HEADER_COUNT = 100
BODY = 64 * 1024
COVER = 8 * 2**20
UPLOAD = 300 * 2**20
"""A file that somebody brings along; it goes to disk while it arrives (`web.uploads`)."""
RESERVE = 200 * 2**20
"""Bytes that stay free on the disk: the database needs them more than a file does."""
BODY_SECONDS = 15.0
"""A small body has to be here by then; a large one gets longer by its size."""
SLOWEST = 64 * 1024
"""Bytes per second below which a large upload is cut off."""
FIELDS = 60
HANDLER_SECONDS = 30.0
LAST_WORK_SECONDS = 4.0
"""What work after an answer gets when the application stops: Hypercorn waits five seconds for all of it."""

_COVERS = re.compile(r"/books/[0-9]+/cover")
_UPLOADS = frozenset({"/imports"})


def takes_upload(method: str, path: str) -> bool:
    """Whether the handler itself takes the body in, to disk."""
    return method == "POST" and path in _UPLOADS


def body_limit(method: str, path: str) -> int:
    """The most bytes that a request may bring there."""
    if takes_upload(method, path):
        return UPLOAD
    return COVER if _COVERS.fullmatch(path) else BODY


def too_large(limit: int) -> str:
    """What is said when more than that comes."""
    return (
        f"At most {limit // 2**20} MB can be sent here."
        if limit > COVER
        else f"At most {limit // 1024} kB can be sent here."
    )


def handler_seconds(method: str, path: str) -> float:
    """How long a handler may take."""
    return HANDLER_SECONDS + (body_seconds(UPLOAD) if takes_upload(method, path) else 0.0)


def body_seconds(limit: int) -> float:
    """How long a body of up to `limit` bytes may take to arrive."""
    return max(BODY_SECONDS, limit / SLOWEST)
