"""Two matrices made from the routes themselves: who may enter what, and from which sites a change is taken.

What is expected of a cell follows from `handler.who` and from the address. The tables below say the little that does
not: a route that they should name and do not is a surprise, so that nobody adds one without thinking of strangers.
"""

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, insert, select

from bookapp import tables
from bookapp.accounts.models import AccountSession, ApiToken
from bookapp.accounts.rules import digest
from bookapp.core import clock
from bookapp.core.db import Database, Model
from bookapp.web.application import Application
from bookapp.web.csrf import SAFE
from bookapp.web.models import LimitBucket
from tests.clients import Answer, Browser
from tests.factories import a_picture
from tests.house import putting_back
from tests.house.plan import ISBN, ROUTES, Route
from tests.house.stage import body_of, set_the_stage
from tests.people import with_role

OPEN = {"person_pages.show", "own_shelves.index", "own_shelves.show", "reviews.index_of"} | {
    "feeds.person",
    "feeds.shelf",
    "statistics.list_years",
    "statistics.show_year",
}
"""A person's address that others may see, too."""
TOWARDS = {"circles.trust", "circles.end_trust", "circles.block", "circles.end_block"}
"""A person's address where others say what they are to them."""
BY_KEY = {"lists.calendar"}
"""A person's address that a key in it opens, whoever asks."""
AFTER_PASSWORD = {"factors.enter_code"}
"""For everybody whose password was right a moment ago; to others it says that it was not."""
ENDS_TOKENS = {"accounts.logout_token"}
"""The one address that is only read and yet changes something: it ends the token that comes along."""
PERSONAL: set[str] = {
    "jobs.show", "jobs.cancel", "jobs.retry", "imports.show", "imports.confirm", "imports.remove",
    "imports.show_errors", "matches.index", "matches.choose",
    "reviews.show_own", "reviews.remove", "readings.show", "readings.edit", "readings.update", "readings.remove",
    "suggestions.show", "suggestions.accept", "suggestions.decline", "suggestions.thank", "suggestions.remove",
    "suggestions.restore", "asks.close", "asks.remove", "recommendations.unmute_author",
    "recommendations.unmute_subject", "readings.note_progress", "quotes.edit", "quotes.update", "quotes.remove",
}  # fmt: skip
"""For people, and the thing behind the id is one person's alone, although no name stands in the address."""
SHARED: set[str] = {
    "asks.show", "recommendations.take_back",
    "shelves.show", "shelves.put_on_shelf", "shelves.take_off_shelf", "shelves.rate", "shelves.unrate",
    "shelves.update", "shelves.update_detail", "reviews.edit", "reviews.write", "readings.index",
    "readings.create", "quotes.create", "advice.update", "advice.remove", "pairs.create",
    "pairs.vote", "pairs.take_back",
}  # fmt: skip
"""For people, and the thing behind the id is everybody's."""
BY_YEAR = {"statistics.set_goal", "statistics.drop_goal"}
"""The id is a year, and everybody has that one: under one's own name it is there."""
TOLD = ("absent", "forbidden", "sign in", "in")
REFUSED = {401: "sign in", 403: "forbidden", 404: "absent"}
FORGED = "This came from another site, so nothing was changed."
ABSENT_ID, ABSENT_NAME = 987_654_321, "nobody-here"
COOKIES = {name: f"session-of-{name}" for name in ("alice", "bob", "dora")}
KEYS = {"read-only token": "bookapp_read-only", "revoked token": "bookapp_revoked"}
assert tables  # so that Model knows them all

ROLES: dict[str, dict[str, str]] = {
    "anonymous": {},
    "anonymous from elsewhere": {"X-Forwarded-For": "203.0.113.7"},
    "owner": {"Cookie": f"bookapp_session={COOKIES['alice']}"},
    "other member": {"Cookie": f"bookapp_session={COOKIES['bob']}"},
    "administrator": {"Cookie": f"bookapp_session={COOKIES['dora']}"},
    "revoked token": {"Authorization": f"Bearer {KEYS['revoked token']}"},
    "read-only token": {"Authorization": f"Bearer {KEYS['read-only token']}"},
}
"""Who asks, by the headers that come along. Alice owns what is somebody's; both tokens are hers."""
STRANGERS = ("other member", "administrator")
SITES = (None, "same-origin", "none", "same-site", "cross-site", "")
ORIGINS = (None, "http://localhost", "https://evil.example", "http://localhost:9", "null")


@dataclass
class Count:
    """What came of a matrix."""

    cells: int = 0
    surprises: list[str] = field(default_factory=list)

    def note(self, is_expected: bool, what: str) -> None:
        """Count a cell."""
        self.cells += 1
        if not is_expected:
            self.surprises.append(what)


Rows = dict[Any, list[dict[str, Any]]]


class Stage:
    """One of everything, and people with keys; after each change all is put back."""

    def __init__(self, app: Application) -> None:
        self.app = app
        self.db: Database = app.extensions["db"]
        self.before: Rows = {}
        self._script = ""

    async def set(self) -> None:
        """Alice owns what is somebody's, bob is another member, dora administers."""
        await set_the_stage(self.app)
        await with_role(self.db, "alice", "member")
        people = {"alice": 1, "bob": 2, "dora": 3}
        now = clock.now()
        async with self.db.writing() as session:
            await session.execute(delete(AccountSession).where(AccountSession.id != 1))
            for name, number in people.items():
                kept = {"seen_at": now, "expires_at": now + timedelta(days=1), "token_hash": digest(COOKIES[name])}
                told = {"account_id": number, "created_at": now, "remember": False, "agent": "", "address": ""}
                await session.execute(insert(AccountSession).values(**kept, **told))
            for name, key in KEYS.items():
                row = {"account_id": 1, "name": name, "token_hash": digest(key), "prefix": key[:14]}
                await session.execute(
                    insert(ApiToken).values(**row, can_write=name != "read-only token", created_at=now)
                )
            await session.execute(delete(ApiToken).where(ApiToken.token_hash == digest(KEYS["revoked token"])))
        self.before = await self.rows()
        self._script = await putting_back.script_of(self.db)

    async def rows(self) -> Rows:
        """Everything that is stored."""
        async with self.db.reading() as session:
            return {
                table: [dict(row) for row in (await session.execute(select(table))).mappings()]
                for table in Model.metadata.sorted_tables
            }

    async def is_untouched(self) -> bool:
        """Whether everything is as it was at the beginning."""
        return _said(await self.rows()) == _said(self.before)

    async def put_back(self) -> None:
        """Store again what was there at the beginning."""
        await putting_back.run(self.db, self._script)

    async def ask(self, route: Route, path: str, headers: dict[str, str]) -> Answer:
        """Ask a route as a program would; what a change did is undone."""
        sent = body_of(route, _PNG)
        more = sent | {"headers": sent.get("headers", {}) | headers}
        answer = await Browser(self.app).ask(route.method, path, "json", **more)
        changes = route.method not in SAFE or route.endpoint in ENDS_TOKENS
        if changes and answer.status not in REFUSED:
            await self.put_back()
        elif hasattr(route.handler, "limited"):
            async with self.db.writing() as session:
                await session.execute(delete(LimitBucket))
        return answer


_PNG = a_picture()
_QUIET = {"limit_bucket": set[str](), "api_token": {"used_at"}, "account_session": {"seen_at"}, "account": {"seen_at"}}
"""What every request may note down."""


def _said(rows: Rows) -> dict[str, list[str]]:
    return {
        table.name: sorted(str({k: v for k, v in row.items() if k not in _QUIET.get(table.name, ())}) for row in found)
        for table, found in rows.items()
        if _QUIET.get(table.name) != set()
    }


def path_of(route: Route, number: int = 1, name: str = "alice") -> str:
    """The address of something of somebody's."""
    rule = route.rule.replace("<slug:shelf>", "classics").replace("<isbn:isbn>", ISBN)
    return re.sub(r"<id:\w+>", str(number), re.sub(r"<name:\w+>", name, rule))


def is_personal(route: Route) -> bool:
    """Whether it is one person's alone. Raises LookupError when that was never said."""
    if route.endpoint in TOWARDS:
        return False
    if "<name:" in route.rule or not route.has_id:
        return "<name:" in route.rule
    if route.endpoint not in PERSONAL | SHARED:
        raise LookupError(f"{route.name} has no row: say in tests/house/matrix.py whether it is PERSONAL or SHARED")
    return route.endpoint in PERSONAL


def expected(route: Route, role: str) -> str:
    """What has to come of a cell. Raises LookupError for a route without a row."""
    is_guest = role.startswith("anonymous")
    if role == "revoked token":
        return "in" if hasattr(route.handler, "is_unasked") else "sign in"
    if role == "read-only token" and route.method not in SAFE:
        return "forbidden"
    match route.handler.who:
        case "public":
            if route.endpoint in BY_KEY | AFTER_PASSWORD:
                return "absent" if route.endpoint in BY_KEY else "sign in"
            if "<name:" in route.rule and route.endpoint not in OPEN:
                raise LookupError(f"{route.name} has no row: say in tests/house/matrix.py that it is OPEN or BY_KEY")
            return "in"
        case "editors":
            return "sign in" if is_guest else "in"
        case "signed in":
            is_somebodys = is_personal(route)
            return "sign in" if is_guest else "absent" if is_somebodys and role in STRANGERS else "in"
        case "admins":
            return "sign in" if is_guest else "in" if role == "administrator" else "forbidden"
        case "operators":
            return "sign in" if role == "anonymous from elsewhere" else "in"
    raise LookupError(f"{route.name} is for {route.handler.who}, of whom the matrix knows nothing")


def outcome(answer: Answer) -> str:
    """What came of a cell."""
    if answer.status >= 500 or answer.status in (405, 429):
        return f"{answer.status}"
    return REFUSED.get(answer.status, "in")


async def ask_everybody(app: Application) -> Count:
    """Ask every route as everybody. First what is refused, which must change nothing; then the rest."""
    stage, count = Stage(app), Count()
    await stage.set()
    cells: dict[str, list[tuple[Route, str]]] = {told: [] for told in TOLD}
    for route, role in itertools.product(ROUTES, ROLES):
        try:
            cells[expected(route, role)].append((route, role))
        except LookupError as error:
            count.note(False, str(error))
    for told in TOLD:
        if told == "in":
            count.note(await stage.is_untouched(), "something that was refused changed something")
        for route, role in cells[told]:
            answer = await stage.ask(route, path_of(route), ROLES[role])
            count.note(
                outcome(answer) == told,
                f"{route.name} as {role}: {answer.status} and not {told}: {answer.body[:200]!r}",
            )
            if told == "absent" and role in STRANGERS:
                await _compare(stage, count, route, role, answer)
    return count


async def _compare(stage: Stage, count: Count, route: Route, role: str, seen: Answer) -> None:
    """What is not there must look like what is somebody else's."""
    own = "bob" if role == "other member" else "dora"
    others = [path_of(route, name=ABSENT_NAME)]
    if route.has_id:
        others += [path_of(route, ABSENT_ID), path_of(route, ABSENT_ID, own)]
        others += [path_of(route, name=own)] if route.endpoint not in BY_YEAR else []
    for path in others if "<name:" in route.rule else [path_of(route, ABSENT_ID)]:
        absent = await stage.ask(route, path, ROLES[role])
        same = (absent.status, _body(absent)) == (seen.status, _body(seen))
        count.note(same, f"{route.method} {path} as {role}: {absent.text[:200]} and not {seen.text[:200]}")


def _body(answer: Answer) -> dict[str, Any]:
    return {**answer.json, "request_id": ""}


def origins() -> Iterator[tuple[dict[str, str], bool]]:
    """What browsers say about where a request comes from, and whether that is another site (Go's table)."""
    for site, origin in itertools.product(SITES, ORIGINS):
        told = {"Sec-Fetch-Site": site, "Origin": origin}
        is_forged = (
            site not in ("same-origin", "none") if site is not None else origin not in (None, "http://localhost")
        )
        yield {name: value for name, value in told.items() if value is not None}, is_forged


async def ask_from_everywhere(app: Application, *, thorough: bool = False) -> Count:
    """Send every change from every site, as alice with her cookie: first the forged ones, which must change nothing.

    Of those that are not forged, only `thorough` asks also for what no browser would say at once.
    """
    stage, count = Stage(app), Count()
    await stage.set()
    writes = [route for route in ROUTES if route.method not in SAFE]
    for route, (headers, is_forged) in itertools.product(writes, origins()):
        if is_forged:
            answer = await stage.ask(route, path_of(route), ROLES["owner"] | headers)
            good = answer.status == 403 and answer.json["detail"] == FORGED
            count.note(good, f"{route.name} with {headers}: {answer.status}")
    count.note(await stage.is_untouched(), "something that was forged changed something")
    for route, (headers, is_forged) in itertools.product(writes, origins()):
        if not is_forged and (thorough or headers.get("Origin") in (None, "http://localhost")):
            answer = await stage.ask(route, path_of(route), ROLES["owner"] | headers)
            good = outcome(answer) == expected(route, "owner") and FORGED not in answer.text
            count.note(good, f"{route.name} with {headers}: {answer.status} {answer.text[:100]}")
    return count
