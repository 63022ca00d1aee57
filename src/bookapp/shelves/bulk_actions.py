"""Bringing a person's entries for many books up to what a file tells, in a constant number of statements.

The account is held first and the books next, in the order of their ids, as for a change of one entry.
"""

import asyncio
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, cast

from sqlalchemy import Table, bindparam, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.books.rating_actions import count_many
from bookapp.circles.visibility import EVERYONE
from bookapp.core import clock
from bookapp.core.actor import Actor
from bookapp.core.events import CATALOGUE, Changed, announce
from bookapp.shelves import bulk_rules, rules
from bookapp.shelves.bulk_queries import DETAIL, ENTRY, find_here, find_places, find_shelves, lock_books
from bookapp.shelves.bulk_reading_rules import plan_readings
from bookapp.shelves.bulk_rules import Here, Plan, Row
from bookapp.shelves.entry_actions import hold
from bookapp.shelves.markdown import draw
from bookapp.shelves.models import Detail, Entry, EntryTag, Quote, Reading, Review, Shelf, ShelfBook
from bookapp.shelves.person_queries import find_choices
from bookapp.shelves.rules import Choices
from bookapp.shelves.told import Came, Put
from bookapp.shelves.told_rules import fitting

__all__ = ["MOST", "Came", "Put", "draw_reviews", "put_entries"]
MOST = 500
"""So many books at once: a statement takes some ten thousand values at most."""
ABSENT = "The book is not there any more."
Drawn = Mapping[str, str]
"""The HTML of reviews by their text."""


async def draw_reviews(rows: Iterable[Put]) -> Drawn:
    """Draw what these rows say in reviews, for `put_entries`: before its transaction, since it may take long."""
    texts = {row.told.review.text for row in rows if row.told.review is not None}
    return await asyncio.to_thread(lambda: {text: draw(text) for text in texts}) if texts else {}


async def put_entries(db: AsyncSession, actor: Actor, rows: Sequence[Put], *, drawn: Drawn | None = None) -> list[Came]:
    """Let a person's entries for at most 500 distinct books say what a file tells of them, beside what is here.

    `drawn` are reviews that `draw_reviews` drew already. Returns what became of each row, in the order of the rows; a
    row whose book is gone is known and has a remark. Raises NotFound when the person is gone.
    """
    assert len({row.book_id for row in rows}) == len(rows) <= MOST
    if not rows:
        return []
    counts = await hold(db, actor)
    new = {row.book_id for row in rows if row.is_new}
    there = new | await lock_books(db, [row.book_id for row in rows if not row.is_new])
    today = clock.now().astimezone(clock.zone_of(actor.zone)).date()
    told = {row.book_id: fitting(row.told, today) for row in rows if row.book_id in there}
    puts = [Put(book_id=row.book_id, told=told[row.book_id][0], before=row.before, overwrite=row.overwrite)
            for row in rows if row.book_id in there]  # fmt: skip
    known = {put.book_id: put.told for put in puts if put.book_id not in new}
    here = {book_id: Here() for book_id in new} | await find_here(db, actor, known)
    choices = await find_choices(db, actor)
    plans = await _plan(db, actor, puts, new, here, choices)
    changed = [plan for plan in plans.values() if plan.changes]
    if changed:
        await count_many(db, _rating_differences(changed) if counts else {})
        await _store(db, actor, changed, drawn or {})
        _tell(db, actor, changed)
    return [
        _came(plans[row.book_id], told[row.book_id][1])
        if row.book_id in plans
        else Came(book_id=row.book_id, outcome="known", told=dict(row.before or {}), remarks=(ABSENT,))
        for row in rows
    ]


def _came(plan: Plan, remarks: Sequence[str]) -> Came:
    outcome = "known" if not plan.changes else "changed" if plan.was else "new"
    return Came(
        book_id=plan.put.book_id,
        outcome=outcome,  # type: ignore[arg-type]  # one of the three
        told=plan.weighing.told,
        remarks=(*remarks, *plan.weighing.remarks),
    )


async def _plan(
    db: AsyncSession,
    actor: Actor,
    puts: Sequence[Put],
    new: Collection[int],
    here: Mapping[int, Here],
    choices: Choices,
) -> dict[int, Plan]:
    now = clock.now()
    plans = {put.book_id: bulk_rules.plan_entry(put, here[put.book_id], choices, now) for put in puts}
    wanted = {
        book_id: names for book_id, plan in plans.items() if (names := bulk_rules.wanted_shelves(plan, here[book_id]))
    }
    tags = await _plan_shelves(db, actor, plans, wanted, new, choices) if wanted else {}
    for plan in plans.values():
        own = here[plan.put.book_id]
        bulk_rules.plan_tags(plan, own, [*plan.put.told.tags, *tags.get(plan.put.book_id, ())])
        bulk_rules.plan_detail(plan, own)
        bulk_rules.plan_review(plan, own, now)
        plan_readings(plan, own, now)
        bulk_rules.plan_quotes(plan, own, now)
    return plans


async def _plan_shelves(
    db: AsyncSession,
    actor: Actor,
    plans: Mapping[int, Plan],
    wanted: Mapping[int, Sequence[str]],
    new: Collection[int],
    choices: Choices,
) -> dict[int, list[str]]:
    """Put the books on own shelves, made where there are none yet; returns the names that became tags instead."""
    shelves = {row["name"].casefold(): row for row in await find_shelves(db, actor)}
    ids = await _make_shelves(db, actor, shelves, _to_make(wanted, shelves), choices)
    places = set(await find_places(db, list(ids.values()), wanted.keys() - set(new)))
    tags: dict[int, list[str]] = {}
    for book_id, names in wanted.items():
        for name in names:
            shelf_id = ids.get(bulk_rules.shelf_name(name).casefold())
            if shelf_id is None:
                tags.setdefault(book_id, []).append(name)
                plans[book_id].weighing.remark(f"“{name}” became a tag: no more shelves of one's own fit.")
            elif (shelf_id, book_id) not in places:
                places.add((shelf_id, book_id))
                plans[book_id].shelves.append(shelf_id)
    return tags


def _to_make(wanted: Mapping[int, Iterable[str]], shelves: Mapping[str, Row]) -> list[str]:
    """The names of shelves that are not there yet, as many as fit."""
    titles = {title.casefold() for title in rules.TITLES.values()}
    names = {
        name.casefold(): name for told in wanted.values() for name in map(bulk_rules.shelf_name, told) if name.strip()
    }
    new = [name for key, name in names.items() if key not in shelves and key not in titles]
    return new[: max(0, rules.MOST_SHELVES - len(shelves))]


async def _make_shelves(
    db: AsyncSession, actor: Actor, shelves: Mapping[str, Row], names: Sequence[str], choices: Choices
) -> dict[str, int]:
    """Make these shelves, and answer the ids of all by their names."""
    ids = {key: row["id"] for key, row in shelves.items()}
    if not names:
        return ids
    now, slugs = clock.now(), [row["slug"] for row in shelves.values()]
    rows: list[Row] = []
    for name in names:
        slugs.append(rules.slug(name, slugs))
        rows.append({"account_id": actor.id, "name": name, "slug": slugs[-1], "about": None, "visibility": None,
                     "seen_by": choices.default, "created_at": now, "version": 1})  # fmt: skip
    await db.execute(insert(_table(Shelf)), rows)
    made = await db.execute(select(Shelf.id, Shelf.name).where(Shelf.account_id == actor.id, Shelf.name.in_(names)))
    return ids | {row.name.casefold(): row.id for row in made}


def _rating_differences(plans: Iterable[Plan]) -> dict[int, tuple[int, int]]:
    """For each book how many ratings more count for everybody, and their sum in quarter stars."""
    differences = {}
    for plan in plans:
        before = plan.was["quarters"] if plan.was and plan.was["seen_by"] == EVERYONE else None
        after = plan.entry["quarters"] if plan.entry["seen_by"] == EVERYONE else None
        if before != after:
            differences[plan.put.book_id] = (after is not None) - (before is not None), (after or 0) - (before or 0)
    return differences


async def _store(db: AsyncSession, actor: Actor, plans: Sequence[Plan], drawn: Drawn) -> None:
    await _store_entries(db, actor, plans)
    own = {"account_id": actor.id}
    details = [own | {"book_id": plan.put.book_id} | plan.detail for plan in plans if plan.detail is not None]
    had = {plan.put.book_id for plan in plans if plan.has_detail}
    await _insert(db, Detail, [row for row in details if row["book_id"] not in had])
    await _update(db, Detail, [row for row in details if row["book_id"] in had], "book_id", _keys(DETAIL))
    tags = [(plan, key, name) for plan in plans for key, name in plan.tags.items()]
    await _insert(
        db, EntryTag, [own | {"book_id": plan.put.book_id, "name_key": key, "name": name} for plan, key, name in tags]
    )
    places = [(plan, shelf_id) for plan in plans for shelf_id in plan.shelves]
    await _insert(
        db,
        ShelfBook,
        [
            {"shelf_id": shelf_id, "book_id": plan.put.book_id, "added_at": plan.entry["added_at"]}
            for plan, shelf_id in places
        ],
    )
    await _store_reviews(db, own, plans, drawn)
    await _insert(db, Reading, [own | row for plan in plans for row in plan.new_readings])
    told = ("outcome", "started_on", "started_as", "finished_on", "finished_as", "page", "percent", "progressed_at",
            "note", "version")  # fmt: skip
    await _update(db, Reading, [own | row for plan in plans for row in plan.changed_readings], "id", told)
    await _insert(db, Quote, [own | row for plan in plans for row in plan.quotes])


async def _store_entries(db: AsyncSession, actor: Actor, plans: Sequence[Plan]) -> None:
    touched = [plan for plan in plans if plan.touches]
    rows = [
        plan.entry | {"account_id": actor.id, "book_id": plan.put.book_id, "version": plan.entry["version"] + 1}
        for plan in touched
    ]
    await _insert(db, Entry, [row for plan, row in zip(touched, rows, strict=True) if not plan.was])
    changed = [row for plan, row in zip(touched, rows, strict=True) if plan.was]
    await _update(db, Entry, changed, "book_id", _keys(ENTRY))
    moved = [plan.put.book_id for plan in touched if plan.was and plan.was["seen_by"] != plan.entry["seen_by"]]
    for kind in (Review, Quote) if moved else ():
        # Whoever sees the book now sees what was said of it, unless that has a choice of its own.
        of_entry = select(Entry.seen_by).where(Entry.account_id == kind.account_id, Entry.book_id == kind.book_id)
        await db.execute(
            update(kind)
            .where(kind.account_id == actor.id, kind.book_id.in_(moved), kind.visibility.is_(None))
            .values(seen_by=of_entry.correlate(kind).scalar_subquery())
            .execution_options(synchronize_session=False)
        )


async def _store_reviews(db: AsyncSession, own: Row, plans: Sequence[Plan], drawn: Drawn) -> None:
    reviews = [(plan, plan.review) for plan in plans if plan.review is not None]
    late = {review["text"] for _plan, review in reviews if review["text"] not in drawn}
    html = dict(drawn) | (await asyncio.to_thread(lambda: {text: draw(text) for text in late}) if late else {})
    rows = [(plan.is_review_new, own | review | {"html": html[review["text"]]}) for plan, review in reviews]
    await _insert(db, Review, [row for is_new, row in rows if is_new])
    told = ("text", "html", "is_spoiler", "seen_by", "changed_at", "version")
    await _update(db, Review, [row for is_new, row in rows if not is_new], "book_id", told)


async def _insert(db: AsyncSession, kind: Any, rows: Sequence[Row]) -> None:
    if rows:
        await db.execute(insert(_table(kind)), rows)


async def _update(db: AsyncSession, kind: Any, rows: Sequence[Row], key: str, columns: Iterable[str]) -> None:
    """Let the person's rows with these keys hold these columns."""
    if rows:
        table = _table(kind)
        its = (table.c.account_id == bindparam("its_account"), table.c[key] == bindparam("its_key"))
        named = list(columns)
        await db.execute(
            update(table).where(*its).values({name: bindparam(name) for name in named}),
            [
                {"its_account": row["account_id"], "its_key": row[key]} | {name: row[name] for name in named}
                for row in rows
            ],
        )


def _table(kind: Any) -> Table:
    return cast("Table", kind.__table__)


def _keys(columns: Iterable[Any]) -> list[str]:
    return [column.key for column in columns]


def _tell(db: AsyncSession, actor: Actor, plans: Sequence[Plan]) -> None:
    assert actor.id is not None
    changed: dict[str, set[int]] = {}
    for plan in plans:
        whether = {
            "shelf-changed": plan.touches,
            "rating-changed": plan.entry["quarters"] != plan.was.get("quarters"),
            "reviews-changed": plan.review,
            "readings-changed": plan.new_readings or plan.changed_readings,
            "quotes-changed": plan.quotes,
        }
        for name, has in whether.items():
            if has:
                changed.setdefault(name, set()).add(plan.put.book_id)
    for name, books in changed.items():
        announce(db, Changed(name, frozenset({actor.id}), books=frozenset(books)))
    if any(EVERYONE in _seers(plan) for plan in plans):
        announce(db, CATALOGUE)


def _seers(plan: Plan) -> set[Any]:
    """Who saw, and sees, any of what changed."""
    of_entry = {plan.was.get("seen_by"), plan.entry["seen_by"]} if plan.touches else set()
    of_review = {plan.review["seen_by"]} if plan.review else set()
    return of_entry | of_review | {quote["seen_by"] for quote in plan.quotes}
