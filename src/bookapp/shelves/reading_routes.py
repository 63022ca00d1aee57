"""The addresses of readings."""

from quart import Blueprint

from bookapp.shelves import reading_actions as actions
from bookapp.shelves import reading_queries as queries
from bookapp.shelves.reading_commands import AddReading, EditReading, NoteProgress
from bookapp.shelves.reading_results import ReadingLine, ReadingList
from bookapp.web.auth import actor, signed_in
from bookapp.web.db import reading, writing
from bookapp.web.flash import flash
from bookapp.web.parse import expected_version, matched_version, takes, versioned
from bookapp.web.respond import Created, Removed, Updated, gives

readings = Blueprint("readings", __name__)


async def _list(book_id: int) -> ReadingList:
    async with reading() as db:
        return await queries.show_readings(db, actor(), book_id)


async def _line(book_id: int, reading_id: int) -> ReadingLine:
    async with reading() as db:
        return await queries.show_reading(db, actor(), book_id, reading_id)


@readings.get("/books/<id:book_id>/readings")
@signed_in
@gives(ReadingList, page="readings/index.html", fragment="own_readings")
async def index(book_id: int) -> ReadingList:
    """Every time that you read a book."""
    return await _list(book_id)


@readings.post("/books/<id:book_id>/readings")
@signed_in
@takes(AddReading, form="readings/index.html", block="own_readings", of=_list)
@gives(ReadingLine, page="readings/row.html", fragment="row", status=201)
async def create(book_id: int, command: AddReading) -> Created:
    """Write down that you read a book, or began to; it goes onto the shelf that follows from that."""
    async with writing() as db:
        reading_id = await actions.add_reading(db, actor(), book_id, command)
        line = await queries.show_reading(db, actor(), book_id, reading_id)
    flash(f"Noted when you read {line.book.title}.")
    return Created(line, at=line.url)


@readings.get("/books/<id:book_id>/readings/<id:reading_id>")
@signed_in
@gives(ReadingLine, page="readings/row.html", fragment="row")
async def show(book_id: int, reading_id: int) -> ReadingLine:
    """One time that you read a book."""
    return await _line(book_id, reading_id)


@readings.get("/books/<id:book_id>/readings/<id:reading_id>/edit")
@signed_in
@gives(ReadingLine, page="readings/edit.html", fragment="editing")
async def edit(book_id: int, reading_id: int) -> ReadingLine:
    """The row of a reading as a form."""
    return await _line(book_id, reading_id)


@readings.patch("/books/<id:book_id>/readings/<id:reading_id>")
@readings.post("/books/<id:book_id>/readings/<id:reading_id>/edit")
@signed_in
@takes(EditReading, form="readings/edit.html", block="editing", of=_line, conflict="readings/conflict.html")
@gives(ReadingLine, page="readings/row.html", fragment="row")
async def update(book_id: int, reading_id: int, command: EditReading) -> Updated:
    """Change the fields that are sent; send If-Match or `version` to change only what you have read."""
    async with writing() as db:
        version = expected_version(command.get("version"))
        await actions.edit_reading(db, actor(), book_id, reading_id, command, version)
        line = await queries.show_reading(db, actor(), book_id, reading_id)
    flash(f"Saved when you read {line.book.title}.")
    return Updated(line, at=line.url.rpartition("/")[0])


@readings.delete("/books/<id:book_id>/readings/<id:reading_id>")
@readings.post("/books/<id:book_id>/readings/<id:reading_id>/delete")
@signed_in
@versioned
@gives(type(None), page="readings/row.html", fragment="row", status=204)
async def remove(book_id: int, reading_id: int) -> Removed:
    """Forget one time that you read a book; the book stays on its shelf."""
    async with writing() as db:
        line = await queries.show_reading(db, actor(), book_id, reading_id)
        await actions.remove_reading(db, actor(), book_id, reading_id, matched_version())
    flash(f"Forgot that reading of {line.book.title}.")
    return Removed(at=line.url.rpartition("/")[0])


@readings.post("/books/<id:book_id>/progress")
@signed_in
@takes(NoteProgress, form="readings/index.html", block="own_readings", of=_list)
@gives(ReadingLine, page="readings/row.html", fragment="row")
async def note_progress(book_id: int, command: NoteProgress) -> Updated:
    """Say how far you are in the book that you are reading."""
    async with writing() as db:
        reading_id = await actions.note_progress(db, actor(), book_id, command)
        line = await queries.show_reading(db, actor(), book_id, reading_id)
    flash(f"{line.book.title}: {line.progress_words}.")
    return Updated(line, at=line.url.rpartition("/")[0])
