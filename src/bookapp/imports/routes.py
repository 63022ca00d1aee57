"""The addresses of imports."""

import asyncio
from pathlib import Path

from pydantic import TypeAdapter
from quart import Blueprint, Response, request

from bookapp.core.errors import AppError, Invalid
from bookapp.imports import actions, errors_file, queries, rules
from bookapp.imports.commands import FindImports, NewImport, Options, StartImport
from bookapp.imports.formats.records import open_records
from bookapp.imports.results import ImportList, ImportShown
from bookapp.imports.storage import ImportStore
from bookapp.web.auth import actor, signed_in
from bookapp.web.context import settings
from bookapp.web.db import database, reading, writing
from bookapp.web.flash import flash
from bookapp.web.parse import answer_with_form, asks, field_names, validated
from bookapp.web.rates import FILES, limited
from bookapp.web.respond import Accepted, Removed, download, gives, streams, takes_file
from bookapp.web.uploads import Arrived, arriving, let_arrive

imports = Blueprint("imports", __name__)
_CHECK: TypeAdapter[StartImport] = TypeAdapter(StartImport)
_NAMES = field_names(StartImport)
_KINDS = ("text/csv", "text/tab-separated-values", "text/plain", "application/json", "application/zip")


def _store() -> ImportStore:
    return ImportStore(settings().imports_dir)


async def _list(question: FindImports | None = None) -> ImportList:
    async with reading() as db:
        return await queries.list_imports(db, actor(), question or FindImports())


@imports.get("/imports")
@signed_in
@asks(FindImports)
@gives(ImportList, page="imports/index.html", fragment="imports")
async def index(question: FindImports) -> ImportList:
    """The files that you brought along, the newest first."""
    return await _list(question)


@imports.post("/imports")
@signed_in
@limited(FILES)
@asks(StartImport)
@takes_file("file", *_KINDS, beside=StartImport)
@gives(ImportShown, page="imports/show.html", fragment="import", status=202)
async def create(question: StartImport) -> Accepted:
    """Bring your books along: a file as the body with its `name` in the query, or as the field `file` of a form."""
    await _check_room()
    async with arriving(settings().imports_dir, "file") as file:
        answer_with_form(file.fields, "imports/index.html", "bringing", _list)
        command = validated(_CHECK, _NAMES, {**request.args, **file.fields}) if file.fields else question
        shown = await _begin(file, command)
    flash("It is being looked at; nothing is put in yet." if command.dry_run else "It is being put in.")
    return Accepted(shown, at=shown.url)


async def _check_room() -> None:
    async with reading() as db:
        try:
            await actions.check_room(db, actor())
        except AppError:
            await let_arrive()
            raise


async def _begin(file: Arrived, command: StartImport) -> ImportShown:
    """Write the import down with its job, in one transaction; without it the file is thrown away again."""
    name = rules.shown_name(file.name or command.name or "")
    if file.size == 0:
        raise Invalid({"file": ["The file is empty"]})
    try:
        format_name, total = await asyncio.to_thread(_look_into, file.path, name)
    except AppError as error:
        raise Invalid({"file": [error.detail]}) from error
    store = _store()
    async with reading() as db:
        known = await queries.find_tokens(db)
    await asyncio.to_thread(store.sweep, known)
    token = await asyncio.to_thread(store.keep, file.path)
    options = Options(
        doubtful=command.doubtful, visibility=command.visibility, overwrite=command.overwrite, shelf=command.shelf
    )
    new = NewImport(
        file_name=name, token=token, size=file.size, format=format_name, options=options,
        dry_run=command.dry_run, total=total,
    )  # fmt: skip
    try:
        async with writing() as db:
            key = await actions.add_import(db, actor(), new)
            return await queries.show_import(db, actor(), key)
    except BaseException:
        store.throw_away(token)
        raise


def _look_into(path: Path, name: str) -> tuple[str, int | None]:
    with open_records(path, name) as source:
        return source.format, source.approximate_total


@imports.get("/imports/<id:import_id>")
@signed_in
@gives(ImportShown, page="imports/show.html", fragment="import")
async def show(import_id: int) -> ImportShown:
    """One of your imports, and how far it is."""
    async with reading() as db:
        return await queries.show_import(db, actor(), import_id)


@imports.post("/imports/<id:import_id>/confirmation")
@signed_in
@gives(ImportShown, page="imports/show.html", fragment="import", status=202)
async def confirm(import_id: int) -> Accepted:
    """Put in what was only looked at."""
    async with writing() as db:
        await actions.confirm(db, actor(), import_id)
        shown = await queries.show_import(db, actor(), import_id)
    flash("It is being put in.")
    return Accepted(shown, at=shown.url)


@imports.delete("/imports/<id:import_id>")
@imports.post("/imports/<id:import_id>/delete")
@signed_in
@gives(type(None), page="imports/show.html", fragment="import", status=204)
async def remove(import_id: int) -> Removed:
    """Stop an import that is on its way, or delete one that has ended, with its file. What is in stays in."""
    async with writing() as db:
        is_gone, token = await actions.remove_import(db, actor(), import_id)
    if is_gone:
        await asyncio.to_thread(_store().throw_away, token)
    flash("It is deleted; what is in stays in." if is_gone else "It stops; what is in stays in.")
    return Removed(at="/imports" if is_gone else rules.import_url(import_id))


@imports.get("/imports/<id:import_id>/errors.csv")
@signed_in
@streams("text/csv")
async def show_errors(import_id: int) -> Response:
    """The rows that failed, with the reason in the last column: correct them, and send the file again."""
    async with reading() as db:
        columns = await queries.find_columns(db, actor(), import_id)
    pieces = errors_file.pieces(database(), actor(), import_id, columns)
    return download(pieces, "text/csv; charset=utf-8", f"bookapp-import-{import_id}-errors.csv")
