"""The addresses by which one takes one's things along."""

from typing import cast

from quart import Blueprint, Response, current_app

from bookapp.books.storage import CoverStore
from bookapp.transfer import account_archive, goodreads, storygraph
from bookapp.transfer.results import ExportList
from bookapp.transfer.rules import EXPORTS, URL
from bookapp.web.auth import actor, signed_in
from bookapp.web.db import database
from bookapp.web.respond import download, gives, streams

transfer = Blueprint("transfer", __name__)


@transfer.get("/exports")
@signed_in
@gives(ExportList, page="exports/index.html", fragment="exports")
async def index() -> ExportList:
    """What you can take along, and in which files."""
    return ExportList(exports=EXPORTS, url=URL)


@transfer.get("/exports/account.zip")
@signed_in
@streams("application/zip")
async def export_account() -> Response:
    """All that is yours, as a ZIP file that any bookapp takes in again."""
    covers = cast(CoverStore, current_app.extensions["covers"])
    file = account_archive.pieces(database(), actor(), covers)
    return download(file, "application/zip", f"bookapp-{actor().name}.zip")


@transfer.get("/exports/goodreads.csv")
@signed_in
@streams("text/csv")
async def export_goodreads() -> Response:
    """Your shelves as a CSV file with the columns of Goodreads, which most places for readers take."""
    return download(goodreads.pieces(database(), actor()), "text/csv; charset=utf-8", "goodreads_library_export.csv")


@transfer.get("/exports/storygraph.csv")
@signed_in
@streams("text/csv")
async def export_storygraph() -> Response:
    """Your shelves as a CSV file with the columns of StoryGraph, which has moods, warnings and quarter stars."""
    return download(storygraph.pieces(database(), actor()), "text/csv; charset=utf-8", "storygraph_export.csv")
