"""Writing down, changing and finding tasks, on both databases."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update

from bookapp.books.actions import delete_book
from bookapp.core import clock
from bookapp.core.actor import GUEST, Actor
from bookapp.core.db import Database
from bookapp.core.errors import Conflict, Invalid, NotFound
from bookapp.lists import actions, queries, rules
from bookapp.lists.commands import AddTask, EditTask, FindTasks
from bookapp.lists.models import Task
from bookapp.lists.results import TaskLine, TaskList
from tests.factories import a_book
from tests.people import a_person

NOON = datetime(2026, 11, 18, 11, tzinfo=UTC)  # a Wednesday


async def a_task(db: Database, actor: Actor, name: str = "Read on", **fields: Any) -> int:
    for field in ("due_date", "creation_date"):
        if isinstance(fields.get(field), str):
            fields[field] = rules.typed_date(fields[field])
    async with db.writing() as session:
        return await actions.add_task(session, actor, AddTask(name=name, **fields))


async def shown(db: Database, actor: Actor, task_id: int) -> TaskLine:
    async with db.reading() as session:
        return await queries.show_task(session, actor, task_id)


async def listed(db: Database, actor: Actor, **question: Any) -> TaskList:
    async with db.reading() as session:
        return await queries.list_tasks(session, actor, FindTasks(**question))


async def names(db: Database, actor: Actor, **question: Any) -> list[str]:
    return [task.name for task in (await listed(db, actor, **question)).tasks]


async def edited(db: Database, actor: Actor, task_id: int, version: int | None = None, **fields: Any) -> TaskLine:
    async with db.writing() as session:
        await actions.edit_task(session, actor, task_id, EditTask(**fields), version)  # type: ignore[typeddict-item]
    return await shown(db, actor, task_id)


async def ticked(db: Database, actor: Actor, task_id: int, completed: bool = True) -> TaskLine:
    async with db.writing() as session:
        await actions.complete_task(session, actor, task_id, completed=completed, version=None)
    return await shown(db, actor, task_id)


async def deleted(db: Database, actor: Actor, task_id: int) -> None:
    async with db.writing() as session:
        await actions.delete_task(session, actor, task_id, None)


async def restored(db: Database, actor: Actor, task_id: int) -> None:
    async with db.writing() as session:
        await actions.restore_task(session, actor, task_id, None)


@pytest.fixture
def noon(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is noon in Berlin, on a Wednesday."""
    monkeypatch.setattr(clock, "now", lambda: NOON)


@pytest.mark.usefixtures("noon")
async def test_alice_writes_down_a_task_about_a_book(db: Database) -> None:
    alice = await a_person(db, "alice", zone="Europe/Berlin")
    book = await a_book(db)
    task = await shown(db, alice, await a_task(db, alice, note="Slowly", due_date="2026-11-20", book_id=book))
    assert (task.name, task.note, task.completed, task.version) == ("Read on", "Slowly", False, 1)
    assert task.book is not None
    assert (task.book.title, task.book.url, task.book_id) == ("Emma", f"/books/{book}", book)
    assert task.due_date is not None
    assert task.due_date.isoformat() == "2026-11-20T23:59:59+01:00"
    assert task.creation_date.isoformat() == "2026-11-18T12:00:00+01:00"
    assert (task.due_words, task.due_exact, task.group) == ("on Friday", "20 November 2026", "week")
    assert task.url == f"/accounts/alice/tasks/{task.id}"


async def test_a_task_may_come_from_another_list(db: Database) -> None:
    alice = await a_person(db, "alice", zone="Europe/Berlin")
    id_ = await a_task(db, alice, creation_date="01/02/2020 10:00:00", completed=True, due_date="2020-02-03T10:00Z")
    task = await shown(db, alice, id_)
    assert (task.creation_date.isoformat(), task.group) == ("2020-02-01T10:00:00+01:00", "done")
    assert task.completed_at is not None


async def test_an_unknown_or_deleted_book_is_refused(db: Database) -> None:
    alice, book = await a_person(db), await a_book(db)
    task = await a_task(db, alice, book_id=book)
    async with db.writing() as session:
        await delete_book(session, GUEST, book, None)
    for wrong in (book, 999):
        with pytest.raises(Invalid) as caught:
            await a_task(db, alice, book_id=wrong)
        assert set(caught.value.errors) == {"book_id"}
    left = await edited(db, alice, task, book_id=book, name="Still about it")
    assert (left.book, left.book_id) == (None, book)
    assert (await edited(db, alice, task, book_id=None)).book_id is None


async def test_charlie_and_dora_find_nothing_of_alices(db: Database) -> None:
    alice, charlie, dora = await a_person(db), await a_person(db, "charlie"), await a_person(db, "dora")
    task = await a_task(db, alice)
    for stranger in (charlie, dora, GUEST):
        assert await names(db, stranger, show="all") == []
        told = set()
        for what in (shown, edited, ticked, deleted, restored):
            for id_ in (task, 999):
                with pytest.raises(NotFound) as caught:
                    await what(db, stranger, id_)  # type: ignore[operator]
                told.add(caught.value.detail)
        assert len(told) == 1, "an unknown task and somebody else's look the same"
    assert (await shown(db, alice, task)).version == 1


async def test_a_change_moves_the_version_and_nothing_else_does(db: Database) -> None:
    alice = await a_person(db)
    task = await a_task(db, alice)
    assert (await edited(db, alice, task, name="Read on")).version == 1
    changed = await edited(db, alice, task, version=1, name="Read more", note="Both parts", due_date=None)
    assert (changed.version, changed.name, changed.note) == (2, "Read more", "Both parts")
    with pytest.raises(Conflict) as caught:
        await edited(db, alice, task, version=1, name="Too late")
    assert caught.value.newer.name == "Read more"
    assert await names(db, alice, q="both") == ["Read more"]


async def test_ticking_off_twice_is_ticking_off_once(db: Database) -> None:
    alice = await a_person(db)
    task = await a_task(db, alice, due_date="2020-01-01")
    assert (await shown(db, alice, task)).is_overdue
    done = await ticked(db, alice, task)
    assert (done.completed, done.is_overdue, done.version) == (True, False, 2)
    assert await ticked(db, alice, task) == done
    again = await ticked(db, alice, task, completed=False)
    assert (again.completed, again.completed_at, again.version) == (False, None, 3)
    assert (await edited(db, alice, task, completed=True)).completed_at is not None


async def test_a_deleted_task_can_be_taken_back(db: Database) -> None:
    alice = await a_person(db)
    task = await a_task(db, alice, note="Keep me", due_date="2026-11-20")
    before = await shown(db, alice, task)
    await deleted(db, alice, task)
    assert await names(db, alice, show="all") == []
    with pytest.raises(NotFound) as caught:
        await shown(db, alice, task)
    assert caught.value.undo_url == f"/accounts/alice/tasks/{task}/restoration"
    with pytest.raises(NotFound):
        await ticked(db, alice, task)
    await restored(db, alice, task)
    await restored(db, alice, task)
    after = await shown(db, alice, task)
    assert (after.note, after.due_date, after.version) == (before.note, before.due_date, 3)


async def test_what_was_deleted_long_ago_is_gone(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    alice, bob = await a_person(db), await a_person(db, "bob")
    old, bobs = await a_task(db, alice), await a_task(db, bob)
    await deleted(db, alice, old)
    await deleted(db, bob, bobs)
    tomorrow = clock.now() + rules.KEPT + timedelta(minutes=1)
    monkeypatch.setattr(clock, "now", lambda: tomorrow)
    await a_task(db, alice)
    with pytest.raises(NotFound):
        await restored(db, alice, old)
    await restored(db, bob, bobs)


async def test_only_so_many_deleted_tasks_are_kept(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "MOST_KEPT", 3)
    alice = await a_person(db)
    for _ in range(5):
        await deleted(db, alice, await a_task(db, alice))
    async with db.reading() as session:
        assert await session.scalar(select(func.count()).select_from(Task)) == 3


async def test_a_list_has_an_end(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "MOST", 2)
    alice, bob = await a_person(db), await a_person(db, "bob")
    first, _ = await a_task(db, alice), await a_task(db, alice)
    with pytest.raises(Invalid, match="You have 2 tasks"):
        await a_task(db, alice)
    await a_task(db, bob)
    await deleted(db, alice, first)
    await a_task(db, alice)
    with pytest.raises(Invalid):
        await restored(db, alice, first)


async def test_somebody_without_an_account_has_no_list(db: Database) -> None:
    with pytest.raises(NotFound):
        await a_task(db, Actor(99, "gone"))


DUE = ("2026-11-17", "2026-11-18T08:00", "2026-11-18", "2026-11-19", "2026-11-22", "2026-11-23", "2027-01-01", None)


@pytest.mark.usefixtures("noon")
async def test_a_list_can_be_narrowed_to_what_is_due(db: Database) -> None:
    alice = await a_person(db, "alice", zone="Europe/Berlin")
    for due in reversed(DUE):
        await a_task(db, alice, due or "whenever", due_date=due)
    assert await names(db, alice) == [due or "whenever" for due in DUE]
    assert await names(db, alice, due="overdue") == ["2026-11-17", "2026-11-18T08:00"]
    assert await names(db, alice, due="today") == ["2026-11-18T08:00", "2026-11-18"]
    assert await names(db, alice, due="week") == list(DUE[:5])
    assert await names(db, alice, due="none") == ["whenever"]
    groups = [task.group for task in (await listed(db, alice)).tasks]
    assert groups == ["overdue", "overdue", "today", "week", "week", "later", "later", "none"]
    async with db.reading() as session:
        due_first = await queries.list_due(session, alice, NOON, 10)
        assert [task.name for task in due_first] == list(DUE[:6])
        assert len(await queries.list_due(session, alice, NOON, 2)) == 2


async def test_a_list_can_be_narrowed_by_book_words_and_state(db: Database) -> None:
    alice, book = await a_person(db), await a_book(db)
    await a_task(db, alice, "Éloge: 100% of it_all", note="straße", book_id=book)
    done = await a_task(db, alice, "Return it", completed=True)
    assert await names(db, alice, book=book) == ["Éloge: 100% of it_all"]
    assert (await listed(db, alice, book=book)).book is not None
    assert (await names(db, alice, book=999), (await listed(db, alice, book=999)).book) == ([], None)
    for q in ("eloge", "ELOGE 100", "strasse", "it all", "!"):
        assert await names(db, alice, q=q) == ["Éloge: 100% of it_all"], q
    for q in ("eloge return", "100x", "%_%x"):
        assert await names(db, alice, q=q) == [], q
    assert await names(db, alice, show="done") == ["Return it"]
    assert await names(db, alice, show="all") == ["Éloge: 100% of it_all", "Return it"]
    assert (await ticked(db, alice, done, completed=False)).group == "none"


@pytest.mark.parametrize("show", ["open", "done", "all"])
@pytest.mark.parametrize("limit", [1, 2, 3])
async def test_paging_meets_each_task_once(
    db: Database, show: str, limit: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice = await a_person(db)
    for number in range(9):
        stopped = NOON + timedelta(seconds=number // 2)
        monkeypatch.setattr(clock, "now", lambda stopped=stopped: stopped)
        due = None if number % 3 else f"2026-11-{18 + number % 2}"
        await a_task(db, alice, str(number), due_date=due, completed=number % 2 == 0)
    whole = await names(db, alice, show=show)
    met: list[str] = []
    address: str | None = ""
    question: dict[str, Any] = {"show": show, "limit": limit}
    while address is not None:
        page = await listed(db, alice, **question)
        met += [task.name for task in page.tasks]
        assert page.total == len(whole)
        address = page.next
        question["cursor"] = (address or "").partition("cursor=")[2].partition("&")[0]
    assert met == whole
    assert len(met) == {"open": 4, "done": 5, "all": 9}[show]


@pytest.mark.parametrize("show", ["open", "done", "all"])
@pytest.mark.parametrize(
    "cursor", ["bad", "WzFd", "WzkyMjMzNzIwMzY4NTQ3NzU4MDcsMV0", "WzAsOTIyMzM3MjAzNjg1NDc3NTgwNywxXQ"]
)
async def test_a_strange_cursor_is_refused(db: Database, show: str, cursor: str) -> None:
    with pytest.raises(Invalid):
        await listed(db, GUEST, show=show, cursor=cursor)


async def test_tasks_go_with_their_account(db: Database) -> None:
    from bookapp.accounts.models import Account

    alice = await a_person(db)
    await a_task(db, alice)
    async with db.writing() as session:
        await session.delete(await session.get_one(Account, alice.id))
    async with db.reading() as session:
        assert await session.scalar(select(func.count()).select_from(Task)) == 0


async def test_the_feed_of_a_locked_account_is_closed(db: Database) -> None:
    from bookapp.accounts.models import Account

    alice = await a_person(db)
    async with db.reading() as session:
        owner = await queries.show_feed_owner(session, alice.id or 0)
    assert (owner.id, owner.number) == (alice.id, 1)
    async with db.writing() as session:
        assert await actions.renew_feed(session, alice) == 2
        await session.execute(update(Account).values(disabled_at=NOON))
    async with db.reading() as session:
        for number in (alice.id or 0, 99, 0):
            with pytest.raises(NotFound, match=queries.NO_FEED):
                await queries.show_feed_owner(session, number)
