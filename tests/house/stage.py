"""An instance in which every address has something to answer: alice administers, and has one of everything."""

import re
from datetime import timedelta
from typing import Any, cast

import pyotp
from sqlalchemy import insert

from bookapp.accounts.factor_rules import hour_of, secret_to_set_up
from bookapp.accounts.models import ApiToken, Invite, ResetLink
from bookapp.accounts.rules import digest
from bookapp.advice.models import Pair, PairVoice, Praise, Praised
from bookapp.books import merging
from bookapp.books.models import Author, Merge
from bookapp.books.rating_actions import count_ratings
from bookapp.circles.visibility import EVERYONE
from bookapp.core import clock
from bookapp.core.actor import Actor
from bookapp.core.db import Database
from bookapp.core.place import Place
from bookapp.imports.models import Import, ImportRow
from bookapp.jobs.models import Job
from bookapp.lists.models import Task
from bookapp.lists.rules import feed_key
from bookapp.recommender.models import Dismissal, Mute
from bookapp.shelves.models import Detail, Entry, Quote, Reading, Review, Shelf, ShelfBook
from bookapp.suggestions.models import Ask, Suggestion
from bookapp.web.application import Application
from tests.clients import Answer, Browser
from tests.house.plan import Route, fill
from tests.people import PASSWORD, a_person, sign_in, with_factor

FOR_GUESTS = frozenset({"accounts.new", "accounts.show_login", "accounts.create", "accounts.login"})
"""Who is signed in is sent on from there."""
ANY_VERSION = {"If-Match": "*"}


BOBS_LINK = "a link that bob was given"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
"""What the codes of the authenticator apps are made from."""
NEEDS_FACTOR = re.compile(r"/second-factor/(codes|delete)/?$|DELETE .*/second-factor/?$")
OF_ADMINS = re.compile(r"/admin/accounts/1/(reset-link|second-factor)")
"""What alice may do for bob, but not for herself."""
TOWARDS_BOB = re.compile(r"/accounts/alice/(trust|block)")
"""What alice may be to bob, but not to herself."""
BOBS_GIFT = "a link that bob made"
NEEDS_PASSWORD_FIRST = re.compile(r"POST .*/login/code/?$")


class Alice(Browser):
    """Her browser. She has a second factor where she changes it, and bob types his password where a code is due."""

    async def ask(self, method: str, path: str, form: str = "json", **more: Any) -> Answer:
        """Do first what must have been done, then ask."""
        path = OF_ADMINS.sub(r"/admin/accounts/2/\1", path)
        path = TOWARDS_BOB.sub(r"/accounts/bob/\1", path)
        if NEEDS_FACTOR.search(f"{method} {path}"):
            await with_factor(self.app.extensions["db"], "bob" if "/admin/" in path else "alice", SECRET)
        elif NEEDS_PASSWORD_FIRST.match(f"{method} {path}"):
            await with_factor(self.app.extensions["db"], "bob", SECRET)
            await super().ask("POST", "/login", "page", data={"username": "bob", "password": PASSWORD})
        return await super().ask(method, path, form, **more)


async def set_the_stage(app: Application, books: int = 2) -> Browser:
    """Fill the instance, and sign alice in."""
    db: Database = app.extensions["db"]
    if books:
        await fill(db, books)
    alice = await a_person(db, "alice", role="admin")
    bob = await a_person(db, "bob")
    await a_person(db, "dora")  # so that alice may leave
    async with db.writing() as session:
        await one_of_everything(session, alice.id or 0)
        await _give_a_link(session, bob.id or 0)
        await _a_shelf(session, alice.id or 0, books=books > 0)
        if books:
            await hang_on_books(session, alice.id or 0, bob.id or 0)
        await _a_merge(session, alice, real=books > 0)
    return await sign_in(Alice(app), "alice")


async def hang_on_books(session: Any, account_id: int, other_id: int) -> None:
    """What can be there only when the first books are."""
    await _what_was_recommended(session, account_id, other_id)
    await _some_advice(session, account_id)
    await _what_she_says(session, account_id)
    now = clock.now()
    aside = {"at": now, "until": now + timedelta(days=90)}
    await session.execute(insert(Dismissal).values(account_id=account_id, book_id=1, **aside))


async def one_of_everything(session: Any, account_id: int) -> None:
    """One row in each table that has an address of its own; each is the first, so that its id is 1."""
    now = clock.now()
    await session.execute(
        insert(ApiToken).values(
            account_id=account_id,
            name="Script",
            token_hash="0" * 64,
            prefix="bookapp_000000",
            can_write=False,
            created_at=now,
        )
    )
    await session.execute(insert(Ask).values(account_id=account_id, text="Something short", created_at=now, version=1))
    later = now + timedelta(days=2, minutes=30)  # a job that waits can be stopped, and begun at once
    told = {
        "payload": {},
        "saying": "",
        "place": {},
        "result": {},
        "reason": "The database is busy.",
        "is_unwanted": False,
    }
    told |= {"done": 3, "total": 10, "tries": 0, "created_at": now, "begin_at": later}
    await session.execute(insert(Job).values(account_id=account_id, kind="none", title="Work", state="queued", **told))
    await _an_import(session, account_id)
    await session.execute(insert(Place).values(id=1, word="0" * 32))
    for kind in ("author", "subject"):
        await session.execute(insert(Mute).values(account_id=account_id, kind=kind, key=1, at=now))
    await session.execute(
        insert(Task).values(
            account_id=account_id,
            book_id=None,
            name="Read on",
            creation_date=now,
            due_date=now + timedelta(days=1),
            due_sort=now + timedelta(days=1),
            completed=False,
            version=1,
        )
    )


async def _an_import(session: Any, account_id: int) -> None:
    """The first file, looked at and not put in yet: one of its rows is doubtful, and one could not be read."""
    told = {"file_name": "mine.csv", "token": "f" * 32, "size": 99, "format": "goodreads", "step": "look", "version": 1}
    counts = {"read": 2, "doubtful": 1, "failed": 1}
    facts = {"columns": ["Title"], "remarks": ["Row 1: a date is none"], "remarked": 1}
    await session.execute(
        insert(Import).values(
            **told, account_id=account_id, options={}, counts=counts, facts=facts, created_at=clock.now()
        )
    )
    rows = [(1, "doubtful", "A book here looks like it."), (2, "failed", "There is no title.")]
    for number, state, reason in rows:
        row = {"import_id": 1, "number": number, "line": number + 1, "cells": {"Title": "Tales"}, "is_new": False}
        row |= {"title": "Tales", "author": "", "candidates": [1], "told": None}
        await session.execute(insert(ImportRow).values(**row, state=state, reason=reason))


async def _what_was_recommended(session: Any, account_id: int, other_id: int) -> None:
    """The first book, recommended to her by somebody who has left, and a link that bob made."""
    told = {"book_id": 1, "sent_at": clock.now(), "changed_at": clock.now(), "state": "sent"}
    told |= {"is_news": False, "from_hid": False, "to_hid": False, "version": 1}
    await session.execute(insert(Suggestion).values(**told, to_id=account_id, reason="You like tales"))
    link = {"link_hash": digest(BOBS_GIFT), "link_until": clock.now() + timedelta(days=1)}
    await session.execute(insert(Suggestion).values(**told, **link, from_id=other_id))


async def _some_advice(session: Any, account_id: int) -> None:
    """The first praise and the first pair, both about the first book."""
    now = clock.now()
    await session.execute(insert(Praise).values(account_id=account_id, book_id=1, reason="Why not", at=now, version=1))
    await session.execute(insert(Praised).values(book_id=1, voices=1, rank=1))
    await session.execute(insert(Pair).values(book_id=1, other_id=2, vote_count=1, created_at=now))
    await session.execute(insert(PairVoice).values(pair_id=1, account_id=account_id, reason="Alike", at=now))


async def _what_she_says(session: Any, account_id: int) -> None:
    """Her review, which everybody may read, the reading that goes on, and a passage, all of the first book."""
    now, hers = clock.now(), {"account_id": account_id, "book_id": 1, "version": 1}
    told = hers | {"text": "Why *not*", "seen_by": EVERYONE, "created_at": now}
    await session.execute(
        insert(Review).values(**told, html="<p>Why <em>not</em></p>", is_spoiler=False, changed_at=now)
    )
    await session.execute(insert(Reading).values(**hers, outcome="reading", created_at=now))
    await session.execute(insert(Quote).values(**told, page=7))


async def _a_shelf(session: Any, account_id: int, *, books: bool) -> None:
    """A shelf that she made, which everybody may see, and the first book on it."""
    now, hers = clock.now(), {"account_id": account_id, "seen_by": EVERYONE, "version": 1}
    await session.execute(insert(Shelf).values(**hers, name="Classics", slug="classics", visibility=2, created_at=now))
    if books:
        told = hers | {"book_id": 1, "state": "read", "quarters": 16, "rated_at": now, "visibility": EVERYONE}
        await session.execute(insert(Entry).values(**told, is_owned=True, note="Mine", added_at=now, state_at=now))
        await session.execute(insert(ShelfBook).values(shelf_id=1, book_id=1, added_at=now))
        felt = {"moods": ["sad"], "pace": "slow", "warnings": [["", "Death"]], "more": {"Shelf": "3"}}
        await session.execute(insert(Detail).values(account_id=account_id, book_id=1, **felt))
        await count_ratings(session, 1, 16, 1)


async def _give_a_link(session: Any, account_id: int) -> None:
    now = clock.now()
    await session.execute(
        insert(ResetLink).values(
            account_id=account_id,
            token_hash=digest(BOBS_LINK),
            created_at=now,
            expires_at=now + timedelta(minutes=10),
        )
    )


async def _a_merge(session: Any, alice: Actor, *, real: bool) -> None:
    """The first merge, and an invitation; without books only its row, so that the first author stays free."""
    now = clock.now()
    await session.execute(
        insert(Invite).values(
            token_hash="1" * 64, prefix="abcdef", note="Charlie", made_by="alice", created_at=now,
            expires_at=now + timedelta(days=1), uses=0, most_uses=1,
        )
    )  # fmt: skip
    if not real:
        await session.execute(
            insert(Merge).values(
                at=now, actor_id=alice.id, actor_name="alice", kind="author", from_id=8, from_name="A. Twice",
                into_id=9, into_name="Anna Twice", kept={}, remarks=[],
            )
        )  # fmt: skip
        return
    ids = []
    for name in ("A. Twice", "Anna Twice"):
        author = Author(name=name, name_key=name, sort_key=name, written_key=name)
        session.add(author)
        await session.flush()
        ids.append(author.id)
    await merging.merge_authors(session, alice, *ids)


BODIES: dict[str, dict[str, Any]] = {
    "preferences": {"theme": "dark"},
    "books.create": {"title": "New", "author": "Somebody"},
    "authors.update": {"name": "Élodie Renamed"},
    "accounts.create": {"username": "newcomer", "email": "new@example.org", "password": PASSWORD},
    "accounts.login": {"username": "bob", "password": PASSWORD},
    "profiles.update": {"about": "Reads at night"},
    "profiles.update_password": {"password": PASSWORD, "new_password": "four words that nobody said"},
    "profiles.remove": {"password": PASSWORD},
    "profiles.create_token": {"name": "Another"},
    "factors.create_codes": {"password": PASSWORD},
    "factors.remove": {"password": PASSWORD},
    "resets.create": {"username": "bob"},
    "resets.update": {"token": BOBS_LINK, "new_password": "four words that nobody said"},
    "matches.choose": {"number": 1, "book": "new"},
    "scanning.create": {"title": "Signals", "author": "A. Mathematician"},
    "scanning.scan": {"isbns": ["9780306406157"], "shelf": "want"},
    "scanning.undo": {"book_id": 1, "shelf": "classics"},
    "shelves.put_on_shelf": {"state": "reading"},
    "shelves.rate": {"stars": 3.5},
    "shelves.update": {"note": "Lent to Bob", "tags": ["sea"]},
    "shelves.update_detail": {"moods": ["sad"], "warnings": ["graphic: Death"]},
    "own_shelves.create": {"name": "For the holidays"},
    "own_shelves.update": {"about": "What stays"},
    "own_shelves.update_settings": {"visibility": "everyone"},
    "circles.trust": {},
    "circles.block": {},
    "suggestions.create": {"book_id": 1, "to": "bob"},
    "suggestions.see": {"box": "inbox"},
    "suggestions.choose": {"welcome": "trusted"},
    "suggestions.accept": {"as": "want"},
    "suggestions.decline": {"answer": "I know it by heart"},
    "suggestions.thank": {"answer": "I read it in one night"},
    "links.accept": {"token": BOBS_GIFT},
    "asks.create": {"text": "Something long"},
    "lists.create": {"name": "Read it again"},
    "lists.update": {"name": "Read it slowly"},
    "advice.update": {"reason": "It is kind"},
    "reviews.write": {"text": "Better every time"},
    "readings.create": {"started": "2019", "finished": "2019-05"},
    "readings.update": {"started": "2020-01"},
    "readings.note_progress": {"progress": "20%"},
    "quotes.create": {"text": "It is a truth"},
    "quotes.update": {"text": "It is a truth universally acknowledged"},
    "pairs.create": {"other_id": 2},
    "recommendations.dismiss": {"book_id": 2},
    "recommendations.mute": {"kind": "author", "name": "Élodie O'Neil"},
    "recommendations.set_taste": {"adventure": 1},
    "statistics.set_goal": {"books": 24},
    "pairs.vote": {"reason": "It is kind, too"},
    "admin.create_invite": {"note": "Dora"},
    "admin_accounts.update": {"role": "admin"},
    "merges.create_author_merge": {"into": 2},
    "merges.create_book_merge": {"into": 2},
}
"""What a route that changes something may be sent; `title` for those that change a book."""


def body_of(route: Route, png: bytes) -> dict[str, Any]:
    """The arguments of a request that this route takes."""
    if route.endpoint == "imports.create":
        return {"data": b"ISBN\n9780306406157\n", "headers": {"Content-Type": "text/csv"}}
    if hasattr(route.handler, "takes_file"):
        return {"data": png, "headers": {"Content-Type": "image/png"}}
    if hasattr(route.handler, "takes"):
        key = "preferences" if route.rule == "/preferences" else route.endpoint
        body = CODES[key]() if key in CODES else BODIES.get(key, {"title": "Changed"})
        return {"json": body, "headers": ANY_VERSION}
    return {}


def _what_the_app_shows() -> dict[str, Any]:
    return {"code": pyotp.TOTP(SECRET).now()}


def _what_the_new_app_shows() -> dict[str, Any]:
    # Alice is the first account, and hers is the first session.
    offered = secret_to_set_up(b"k" * 32, 1, 0, "1 None", hour_of(clock.now()))
    return {"code": pyotp.TOTP(offered).now(), "password": PASSWORD}


CODES = {"factors.enter_code": _what_the_app_shows, "factors.create": _what_the_new_app_shows}
"""The bodies that depend on the clock."""


def asked(app: Application, route: Route) -> dict[str, str]:
    """What has to stand in the query string, for an address that means nothing without."""
    if route.endpoint == "lists.calendar":
        return {"key": feed_key(cast(bytes, app.secret_key), 1, 1)}
    return {}
