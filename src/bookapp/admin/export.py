"""Tables of administrators as CSV files, in steps, so that a long log needs no more memory than a short one."""

import csv
import io
from collections.abc import AsyncIterator, Iterable
from datetime import datetime

from bookapp.admin import queries
from bookapp.admin.commands import FindAccounts, FindAudit
from bookapp.admin.results import AccountLine, AuditLine
from bookapp.admin.rules import cursor_of
from bookapp.core.actor import Actor
from bookapp.core.db import Database
from bookapp.core.text import safe_cell

ACCOUNTS = (
    "id", "username", "email", "role", "state", "second_factor", "sessions", "seen_at", "created_at", "disabled_at",
    "delete_at",
)  # fmt: skip
AUDIT = ("id", "at", "who", "what", "subject", "details", "address")


async def accounts(db: Database, actor: Actor, question: FindAccounts) -> AsyncIterator[bytes]:
    """All accounts that are found, the newest first, as pieces of a CSV file."""
    yield _lines([ACCOUNTS])
    step: FindAccounts | None = queries.from_there(question, None)  # a file is whole, wherever the page was
    while step is not None:
        # A session for each step: one long read would keep SQLite from emptying its log.
        async with db.reading() as session:
            page = await queries.list_accounts(session, actor, step)
        yield _lines(map(_account, page.items))
        step = queries.from_there(question, cursor_of(page.next)) if page.next else None


async def audit(db: Database, question: FindAudit) -> AsyncIterator[bytes]:
    """All entries of the log that are found, the newest first, as pieces of a CSV file."""
    yield _lines([AUDIT])
    step: FindAudit | None = queries.from_there(question, None)
    while step is not None:
        async with db.reading() as session:
            page = await queries.list_audit(session, step)
        yield _lines(map(_entry, page.items))
        step = queries.from_there(question, cursor_of(page.next)) if page.next else None


def _account(line: AccountLine) -> list[object]:
    return [
        line.id,
        safe_cell(line.username),
        safe_cell(line.email),
        line.role,
        line.state,
        "on" if line.has_second_factor else "off",
        line.sessions,
        *map(_moment, (line.seen_at, line.created_at, line.disabled_at, line.delete_at)),
    ]


def _entry(line: AuditLine) -> list[object]:
    texts = (line.who, line.what, line.subject, line.details, line.address)
    return [line.id, _moment(line.at), *map(safe_cell, texts)]


def _moment(value: datetime | None) -> str:
    return value.isoformat() if value else ""


def _lines(rows: Iterable[Iterable[object]]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue().encode()
