"""The addresses of the to-do list."""

from dataclasses import asdict, replace
from typing import cast
from urllib.parse import quote

from quart import Blueprint, Response, current_app

from bookapp.accounts.rules import username_key
from bookapp.core.actor import Actor
from bookapp.core.errors import NotFound
from bookapp.lists import actions, feed, queries, rules
from bookapp.lists.commands import AddTask, EditTask, FindFeed, FindTasks
from bookapp.lists.results import FeedShown, TaskLine, TaskList, TaskPosted
from bookapp.web.auth import actor, public, signed_in
from bookapp.web.context import home
from bookapp.web.db import reading, writing
from bookapp.web.flash import flash
from bookapp.web.parse import asks, expected_version, matched_version, takes, versioned
from bookapp.web.respond import Created, Removed, Updated, finish, gives, streams

lists = Blueprint("lists", __name__)


def _own(username: str) -> Actor:
    """The person whose list that is, if they are the one who asks. Raises NotFound for everybody else's."""
    if username_key(username) != username_key(actor().name):
        raise NotFound(queries.ABSENT)
    return actor()


def _feed_url(person: Actor, number: int) -> str:
    key = rules.feed_key(_secret(), person.id or 0, number)
    return f"{home()}/feeds/{quote(person.name)}/tasks.ics?key={key}"


def _secret() -> bytes:
    return cast(bytes, current_app.secret_key)


async def _task(username: str, task_id: int) -> TaskLine:
    async with reading() as db:
        return await queries.show_task(db, _own(username), task_id)


async def _list(username: str, question: FindTasks | None = None) -> TaskList:
    async with reading() as db:
        found = await queries.list_tasks(db, _own(username), question or FindTasks())
        number = await queries.find_feed_number(db, actor())
    return replace(found, feed_url=_feed_url(actor(), number), renewal_url=rules.renewal_url(actor().name))


@lists.get("/accounts/<name:username>/tasks")
@signed_in
@asks(FindTasks)
@gives(TaskList, page="tasks/index.html", fragment="tasks")
async def index(username: str, question: FindTasks) -> TaskList:
    """Your tasks, what is due first comes first."""
    return await _list(username, question)


@lists.post("/accounts/<name:username>/tasks")
@signed_in
@takes(AddTask, form="tasks/index.html", block="adding", of=_list)
@gives(TaskPosted, page="tasks/row.html", fragment="row", status=201)
async def create(username: str, command: AddTask) -> Created:
    """Add a task to your list."""
    async with writing() as db:
        task_id = await actions.add_task(db, _own(username), command)
        task = await queries.show_task(db, actor(), task_id)
    flash(f"Added {task.name}.")
    return Created(TaskPosted(**asdict(task) | {"book": task.book}), at=task.url)


@lists.get("/accounts/<name:username>/tasks/<id:task_id>")
@signed_in
@gives(TaskLine, page="tasks/row.html", fragment="row")
async def show(username: str, task_id: int) -> TaskLine:
    """One of your tasks."""
    return await _task(username, task_id)


@lists.get("/accounts/<name:username>/tasks/<id:task_id>/edit")
@signed_in
@gives(TaskLine, page="tasks/edit.html", fragment="editing")
async def edit(username: str, task_id: int) -> TaskLine:
    """The row of a task as a form."""
    return await _task(username, task_id)


@lists.put("/accounts/<name:username>/tasks/<id:task_id>")
@lists.patch("/accounts/<name:username>/tasks/<id:task_id>")
@lists.post("/accounts/<name:username>/tasks/<id:task_id>/edit")
@signed_in
@takes(EditTask, form="tasks/edit.html", block="editing", of=_task, conflict="tasks/conflict.html")
@gives(TaskLine, page="tasks/row.html", fragment="row")
async def update(username: str, task_id: int, command: EditTask) -> Updated:
    """Change the fields that are sent; send If-Match or `version` to change only what you have read."""
    async with writing() as db:
        await actions.edit_task(db, _own(username), task_id, command, expected_version(command.get("version")))
        task = await queries.show_task(db, actor(), task_id)
    flash(f"Saved {task.name}.")
    return Updated(task, at=rules.tasks_url(actor().name))


@lists.delete("/accounts/<name:username>/tasks/<id:task_id>")
@lists.post("/accounts/<name:username>/tasks/<id:task_id>/delete")
@signed_in
@versioned
@gives(type(None), page="tasks/row.html", fragment="row", status=204)
async def remove(username: str, task_id: int) -> Removed:
    """Delete a task. A POST to its `restoration` undoes that for a day."""
    async with writing() as db:
        name = await actions.delete_task(db, _own(username), task_id, matched_version())
    flash(f"Deleted {name}.", undo_url=f"{rules.task_url(actor().name, task_id)}/restoration")
    return Removed(at=rules.tasks_url(actor().name))


@lists.post("/accounts/<name:username>/tasks/<id:task_id>/restoration")
@signed_in
@versioned
@gives(TaskLine, page="tasks/row.html", fragment="row")
async def restore(username: str, task_id: int) -> Updated:
    """Bring a deleted task back."""
    async with writing() as db:
        await actions.restore_task(db, _own(username), task_id, matched_version())
        task = await queries.show_task(db, actor(), task_id)
    flash(f"{task.name} is back.")
    return Updated(task, at=rules.tasks_url(actor().name))


@lists.post("/accounts/<name:username>/tasks/<id:task_id>/completion")
@signed_in
@versioned
@gives(TaskLine, page="tasks/row.html", fragment="row")
async def complete(username: str, task_id: int) -> Updated:
    """Tick a task off. A DELETE takes that back."""
    task = await _complete(username, task_id, completed=True)
    flash(f"Done: {task.name}.", undo_url=f"{task.url}/completion/delete")
    return Updated(task, at=rules.tasks_url(actor().name))


@lists.delete("/accounts/<name:username>/tasks/<id:task_id>/completion")
@lists.post("/accounts/<name:username>/tasks/<id:task_id>/completion/delete")
@signed_in
@versioned
@gives(TaskLine, page="tasks/row.html", fragment="row")
async def reopen(username: str, task_id: int) -> Updated:
    """Say that a task is to be done after all."""
    task = await _complete(username, task_id, completed=False)
    flash(f"To do again: {task.name}.")
    return Updated(task, at=rules.tasks_url(actor().name))


async def _complete(username: str, task_id: int, *, completed: bool) -> TaskLine:
    async with writing() as db:
        await actions.complete_task(db, _own(username), task_id, completed=completed, version=matched_version())
        return await queries.show_task(db, actor(), task_id)


@lists.post("/accounts/<name:username>/feed")
@signed_in
@gives(FeedShown, page="tasks/feed.html", fragment="feed")
async def renew(username: str) -> Updated:
    """Give your calendar a new secret address; the old one ends."""
    async with writing() as db:
        number = await actions.renew_feed(db, _own(username))
    flash("Your calendar has a new address. The old one no longer works.")
    url = rules.tasks_url(actor().name)
    return Updated(FeedShown(_feed_url(actor(), number), rules.renewal_url(actor().name)), at=url)


@lists.get("/feeds/<name:username>/tasks.ics")
@public
@asks(FindFeed)
@streams("text/calendar")
async def calendar(username: str, question: FindFeed) -> Response:
    """Somebody's tasks as a calendar, for whoever holds the secret address."""
    async with reading() as db:
        # By the key and not by the name: who takes another name keeps the calendars that they set up.
        owner = await queries.show_feed_owner(db, rules.feed_owner(question.key))
        if not rules.is_feed_key(question.key, _secret(), owner.id, owner.number):
            raise NotFound(queries.NO_FEED)
        tasks = await queries.list_feed(db, owner)
    mark = feed.tag(owner, tasks, home())
    etag = f'"{mark}"'
    unchanged = finish(Response(b"", headers={"ETag": etag}))
    if unchanged.status_code == 304:
        return unchanged
    calendars = cast(feed.Calendars, current_app.extensions["calendars"])
    body = await calendars.draw(mark, owner, tasks, home())
    return finish(Response(body, headers={"ETag": etag}, content_type="text/calendar; charset=utf-8"))
