"""A POST that is sent again because its answer got lost has its effect once.

Source: the IETF draft "The Idempotency-Key HTTP Header Field": same key and body, same answer; other body 422; still
running 409. The answer is stored in the transaction of its effect, so a crash leaves both or neither.
"""

import hashlib
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from quart import Response, request
from sqlalchemy import delete, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.core import clock
from bookapp.core.errors import Conflict, Invalid
from bookapp.web.context import actor, facts, wants
from bookapp.web.db import one_transaction
from bookapp.web.models import IdempotentAnswer
from bookapp.web.parse import field_names, raw_body

KEPT = timedelta(hours=24)
PASSWORDS = frozenset({"password", "new_password"})
_running: set[tuple[str, str]] = set()
_STORED = frozenset({"content-type", "location", "etag", "hx-trigger", "vary", "cache-control"})


def is_repeatable(view: Any) -> bool:
    """Whether an Idempotency-Key counts for the POST of this handler.

    Not where a secret is shown once. Not where tries are counted or a password is compared: both write for
    themselves, and would wait for the transaction of `once`. And not for a file: sent again it is the same file, and
    decoding it inside that transaction would keep everybody else from writing.
    """
    takes = getattr(view, "takes", None)
    is_proven = takes is not None and not PASSWORDS.isdisjoint(field_names(takes.kind))
    return not is_proven and not any(hasattr(view, mark) for mark in ("secret", "takes_file", "limited"))


async def once(handle: Callable[[], Awaitable[Response]]) -> Response:
    """Answer the request by `handle`, or with what it answered the first time.

    Raises Conflict while the first one runs, Invalid when the key came with another body.
    """
    key = request.headers["Idempotency-Key"]
    if not (1 <= len(key) <= 255 and key.isascii() and key.isprintable()):
        raise Invalid({"Idempotency-Key": ["Must be 1 to 255 printable ASCII characters"]})
    person = actor()
    scope = f"account {person.id}" if person.id is not None else f"guest {facts().client}"
    if (scope, key) in _running:
        raise Conflict("The first request with this Idempotency-Key is still running.")
    _running.add((scope, key))
    try:
        async with one_transaction() as db:
            return await _once(db, scope, key, handle)
    finally:
        _running.discard((scope, key))


async def _once(db: AsyncSession, scope: str, key: str, handle: Callable[[], Awaitable[Response]]) -> Response:
    await _alone(db, scope, key)
    now = clock.now()
    await db.execute(delete(IdempotentAnswer).where(IdempotentAnswer.created_at < now - KEPT))
    mark = await _fingerprint()
    mine = (IdempotentAnswer.scope == scope) & (IdempotentAnswer.key == key)
    stored = (await db.execute(select(IdempotentAnswer).where(mine))).scalar_one_or_none()
    if stored is not None:
        if stored.fingerprint != mark:
            raise Invalid({"Idempotency-Key": ["Was used for another request"]})
        told = {name: value for name, value in stored.headers}  # noqa: C416  # JSON has lists for pairs
        return Response(stored.body, stored.status, headers=told | {"Idempotent-Replayed": "true"})
    response = await handle()
    if response.status_code < 400:
        db.add(
            IdempotentAnswer(
                scope=scope,
                key=key,
                fingerprint=mark,
                status=response.status_code,
                headers=[[n, v] for n, v in response.headers.items() if n.lower() in _STORED],
                body=await response.get_data(as_text=False),
                created_at=now,
            )
        )
    return response


async def _alone(db: AsyncSession, scope: str, key: str) -> None:
    """On PostgreSQL two processes could run the same key; on SQLite the write lock already excludes that."""
    if db.get_bind().dialect.name == "postgresql":
        number = int.from_bytes(hashlib.sha256(f"{scope}\n{key}".encode()).digest()[:8], "big", signed=True)
        if not await db.scalar(text("SELECT pg_try_advisory_xact_lock(:number)"), {"number": number}):
            raise Conflict("The first request with this Idempotency-Key is still running.")


async def _fingerprint() -> str:
    data = await raw_body()
    told = f"{request.method}\n{request.path}\n{wants()}\n{request.mimetype}\n".encode()
    return hashlib.sha256(told + data).hexdigest()
