"""What is not for somebody to see leaves no trace for them, anywhere.

Alice does everything that one can do with a book, first for herself alone, then for members, then for everyone. What
the others got from every address before must be, to the byte, what they get after: so no word, no count, no average,
no order and no recommendation can tell. That they do see it once they may shows that the test can fail.
"""

import itertools
import re
from collections.abc import Callable
from typing import Any

import pytest

from bookapp.core.db import Database
from bookapp.recommender import rules as _rules  # the room must be there: its pages are among those asked
from bookapp.web.application import Application
from tests.clients import Browser
from tests.factories import a_book
from tests.house.plan import ISBN, READS, Route
from tests.people import as_person

assert _rules
MARK = "Quagga"
"""Stands in everything that alice writes."""
LEFT_OUT = re.compile(
    r"/(healthz|readyz|metrics|openapi\.json|docs|about.*|login.*|register|reset.*|events|admin.*|logout|accounts/logout|books/random|static/.*"
    r"|exports/account\.zip|feeds/<name:username>/tasks\.ics|get-.*|suggestions/by-link/.*)$"
)
"""Says nothing of anybody's books, differs from one time to the next, or is the same under another name."""
FORMS = {"bob": ("page", "json"), "guest": ("page", "json"), "charlie": ("json",), "eve": ("json",)}
"""What the page shows is what JSON says, so both are asked for two of them only."""
QUERIES = {"/books": ("", f"?q={MARK}", "?sort=rating", "?sort=popular"), "/suggestions": ("", "?box=sent")}
VIEWERS = ("bob", "charlie", "eve", "guest")
"""Bob is her friend, charlie a member, eve is blocked, and a guest has no account."""


@pytest.fixture
async def people(app: Application) -> dict[str, Browser]:
    db: Database = app.extensions["db"]
    for title in ("Emma", "Persuasion", "Sanditon"):
        await a_book(db, title=title, subjects=["classics"])
    found = {name: await as_person(app, name) for name in ("alice", "bob", "charlie", "eve")}
    for one, other, tie in (("alice", "bob", "trust"), ("bob", "alice", "trust"), ("alice", "eve", "block")):
        assert (await found[one].ask("PUT", f"/accounts/{other}/{tie}")).status == 200
    assert (await found["bob"].post("/suggestions", json={"to": "alice", "book_id": 2})).status == 201
    for name, stars in (("bob", 4), ("charlie", 3), ("eve", 5)):
        await _do(found[name], "PUT", "/books/3/rating", stars=stars)
    return found | {"guest": Browser(app)}


async def _do(who: Browser, method: str, path: str, **body: Any) -> Any:
    answer = await who.ask(method, path, json=body)
    assert answer.status in (200, 201), f"{method} {path}: {answer.text}"
    return answer.json


def _paths(route: Route) -> list[str]:
    """Everything that could be of alice's under this address."""
    rule = route.rule.replace("<name:username>", "alice").replace("<isbn:isbn>", ISBN)
    slugs = ("want", "reading", "read", "stopped", "all", "quagga") if "<slug:" in rule else ("",)
    numbers = ("2024", "2026") if "/years/" in rule else ("1", "2") if "<id:" in rule else ("",)
    return [
        re.sub(r"<id:\w+>", number, re.sub(r"<slug:\w+>", slug, rule)) + query
        for slug, number, query in itertools.product(slugs, numbers, QUERIES.get(rule, ("",)))
    ]


def _still(body: str) -> str:
    """Without what changes each time: the number of the request, and when something was counted."""
    return re.sub(r'"(request_id|counted_at)":\s*"[^"]*"|<code>[0-9a-f]{16}</code>', "", body)


async def _look(people: dict[str, Browser], name: str) -> dict[str, tuple[int, str]]:
    seen, viewer = {}, people[name]
    await viewer.get("/about", "page")  # takes what was to be said once
    for route in READS:
        if LEFT_OUT.search(route.rule):
            continue
        for path, form in itertools.product(_paths(route), FORMS[name]):
            answer = await viewer.get(path, form)
            assert answer.status < 500, f"{path}: {answer.text[:300]}"
            seen[f"{form} {path}"] = (answer.status, _still(answer.body.decode("utf-8", "replace")))
    return seen


async def _read(alice: Browser, book: int, who: str | None) -> None:
    """Do everything that one can do with a book; `who` may see each thing of it, None for whoever sees the shelf."""
    told = {} if who is None else {"visibility": who}
    await _do(alice, "PUT", f"/books/{book}/shelf", state="read", **told)
    await _do(alice, "PUT", f"/books/{book}/rating", stars=5)
    await _do(alice, "PUT", f"/books/{book}/entry", note=f"{MARK} note", tags=[f"{MARK} tag"], is_owned=True)
    felt = {"moods": [f"{MARK} mood"], "pace": "slow", "warnings": [f"minor: {MARK} warning"], "format": f"{MARK} copy"}
    await _do(alice, "PUT", f"/books/{book}/entry/detail", **felt)
    await _do(alice, "PUT", f"/books/{book}/review", text=f"{MARK} review", **told)
    reading = {"started": "2024-02-03", "finished": "2024-03", "outcome": "finished", "note": f"{MARK} secret"}
    await _do(alice, "POST", f"/books/{book}/readings", **reading)
    await _do(alice, "POST", f"/books/{book}/quotes", text=f"{MARK} quote", page=7, **told)


def _differing(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    return [
        f"{path}: {before[path][1][:0]}{_first(before[path][1], after[path][1])}"
        for path in before
        if before[path] != after[path]
    ]


def _first(one: str, other: str) -> str:
    place = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    return f"...{one[max(0, place - 60) : place + 60]!r} became {other[max(0, place - 60) : place + 60]!r}"


async def _unchanged(people: dict[str, Browser], viewers: tuple[str, ...], change: Callable[[], Any]) -> str:
    before = {name: await _look(people, name) for name in viewers}
    await change()
    found = []
    for name in viewers:
        found += [f"{name} {line}" for line in _differing(before[name], await _look(people, name))]
    return "\n".join(found)


async def test_what_is_for_alice_alone_leaves_no_trace_for_anybody_else(people: dict[str, Browser]) -> None:
    alice = people["alice"]

    async def change() -> None:
        await _do(alice, "POST", "/accounts/alice/shelves", name=MARK, about=f"{MARK} about", visibility="me")
        await _read(alice, 2, "me")
        await _do(alice, "PUT", "/accounts/alice/shelves/quagga/books/2")

    assert await _unchanged(people, VIEWERS, change) == ""


async def test_what_is_for_members_leaves_no_trace_for_guests_and_for_whom_she_blocks(
    people: dict[str, Browser],
) -> None:
    alice = people["alice"]

    async def change() -> None:
        await _do(alice, "POST", "/accounts/alice/shelves", name=MARK, visibility="members")
        await _read(alice, 1, "members")
        await _do(alice, "PUT", "/accounts/alice/shelves/quagga/books/1")

    assert await _unchanged(people, ("eve", "guest"), change) == ""
    told = await _look(people, "charlie")
    for word in ("tag", "review", "quote", "mood", "warning"):
        assert any(f"{MARK} {word}" in body for _status, body in told.values()), word
    for word in ("note", "secret", "copy"):
        assert not [path for path, (_status, body) in told.items() if f"{MARK} {word}" in body], word


async def test_a_shelf_for_alice_alone_closes_what_stands_on_it_at_once(people: dict[str, Browser]) -> None:
    alice = people["alice"]
    await _do(alice, "PUT", "/accounts/alice/reading-settings", visibility="everyone", read="me")
    assert await _unchanged(people, ("bob", "guest"), lambda: _read(alice, 1, None)) == ""
    await _do(alice, "PUT", "/accounts/alice/reading-settings", read="everyone")
    for name in ("bob", "guest"):
        assert any(f"{MARK} review" in body for _status, body in (await _look(people, name)).values())
    open_page = await _look(people, "guest")
    await _do(alice, "PUT", "/accounts/alice/reading-settings", read="me")
    closed = await _look(people, "guest")
    assert not [path for path, (_status, body) in closed.items() if MARK in body and "?q=" not in path]
    assert open_page != closed
