"""The addresses by which one takes one's things along."""

from quart import Blueprint, Response

from bookapp.transfer import account_archive
from bookapp.web.auth import actor, signed_in
from bookapp.web.db import database
from bookapp.web.respond import download, streams

transfer = Blueprint("transfer", __name__)


@transfer.get("/exports/account.zip")
@signed_in
@streams("application/zip")
async def export_account() -> Response:
    """All that is yours, as a ZIP file."""
    return download(account_archive.pieces(database(), actor()), "application/zip", f"bookapp-{actor().name}.zip")
