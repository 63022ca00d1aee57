"""The addresses where administrators make one of what is there twice."""

from quart import Blueprint

from bookapp.admin import actions, double_queries, merge_queries
from bookapp.admin.commands import FindDoubles, FindOther, FindPlace, MergeInto
from bookapp.admin.results import Choice, DoubleList, MergeLine, MergeList
from bookapp.web.auth import actor, admins
from bookapp.web.context import facts
from bookapp.web.db import reading, writing
from bookapp.web.flash import flash
from bookapp.web.parse import asks, takes
from bookapp.web.respond import Created, Updated, gives

merges = Blueprint("merges", __name__)


async def _author_choice(author_id: int, question: FindOther | None = None) -> Choice:
    async with reading() as db:
        return await double_queries.show_author_choice(db, author_id, question.q if question else "")


async def _book_choice(book_id: int, question: FindOther | None = None) -> Choice:
    async with reading() as db:
        return await double_queries.show_book_choice(db, book_id, question.q if question else "")


@merges.get("/admin/authors")
@admins
@asks(FindDoubles)
@gives(DoubleList, page="admin/doubles.html", fragment="doubles")
async def list_authors(question: FindDoubles) -> DoubleList:
    """Authors that may be there twice."""
    async with reading() as db:
        return await double_queries.list_author_doubles(db, question)


@merges.get("/admin/books")
@admins
@asks(FindDoubles)
@gives(DoubleList, page="admin/doubles.html", fragment="doubles")
async def list_books(question: FindDoubles) -> DoubleList:
    """Books that may be there twice."""
    async with reading() as db:
        return await double_queries.list_book_doubles(db, question)


@merges.get("/admin/authors/<id:author_id>/merge")
@admins
@asks(FindOther)
@gives(Choice, page="admin/merge.html", fragment="choice")
async def new_author_merge(author_id: int, question: FindOther) -> Choice:
    """Choose into whom an author goes."""
    return await _author_choice(author_id, question)


@merges.post("/admin/authors/<id:author_id>/merge")
@admins
@takes(MergeInto, form="admin/merge.html", block="choice", of=_author_choice)
@gives(MergeLine, page="admin/merged.html", fragment="merge", status=201)
async def create_author_merge(author_id: int, command: MergeInto) -> Created:
    """Give all books of an author to another one. A POST to its `undo_url` takes that back."""
    async with writing() as db:
        merge_id = await actions.merge_authors(db, actor(), author_id, command.into, address=facts().client)
        merge = await merge_queries.show_merge(db, merge_id)
    flash(f"{merge.from_name} is {merge.into_name} now.", undo_url=merge.undo_url)
    return Created(merge, at=merge.url)


@merges.get("/admin/books/<id:book_id>/merge")
@admins
@asks(FindOther)
@gives(Choice, page="admin/merge.html", fragment="choice")
async def new_book_merge(book_id: int, question: FindOther) -> Choice:
    """Choose into which other book one goes."""
    return await _book_choice(book_id, question)


@merges.post("/admin/books/<id:book_id>/merge")
@admins
@takes(MergeInto, form="admin/merge.html", block="choice", of=_book_choice)
@gives(MergeLine, page="admin/merged.html", fragment="merge", status=201)
async def create_book_merge(book_id: int, command: MergeInto) -> Created:
    """Give another book what it lacks and delete this one. A POST to its `undo_url` takes that back."""
    async with writing() as db:
        merge_id = await actions.merge_books(db, actor(), book_id, command.into, address=facts().client)
        merge = await merge_queries.show_merge(db, merge_id)
    flash(f"Merged two books: {merge.into_name} stays.", undo_url=merge.undo_url)
    return Created(merge, at=merge.url)


@merges.get("/admin/merges")
@admins
@asks(FindPlace)
@gives(MergeList, page="admin/merges.html", fragment="merges")
async def index(question: FindPlace) -> MergeList:
    """What was merged, the newest first."""
    async with reading() as db:
        return await merge_queries.list_merges(db, question)


@merges.get("/admin/merges/<id:merge_id>")
@admins
@gives(MergeLine, page="admin/merged.html", fragment="merge")
async def show(merge_id: int) -> MergeLine:
    """One merge."""
    async with reading() as db:
        return await merge_queries.show_merge(db, merge_id)


@merges.post("/admin/merges/<id:merge_id>/separation")
@admins
@gives(MergeLine, page="admin/merged.html", fragment="merge")
async def separate(merge_id: int) -> Updated:
    """Make two of one again. What was edited since stays; `remarks` says what could not be brought back."""
    async with writing() as db:
        await actions.undo_merge(db, actor(), merge_id, address=facts().client)
        merge = await merge_queries.show_merge(db, merge_id)
    flash(f"{merge.from_name} and {merge.into_name} are two again.")
    return Updated(merge, at=merge.url)
