"""The addresses where administrators look after accounts."""

from quart import Blueprint, Response

from bookapp.admin import actions, export, queries
from bookapp.admin.commands import EditPerson, FindAccounts
from bookapp.admin.results import AccountLine, AccountList, LinkMade
from bookapp.admin.rules import account_url
from bookapp.web.auth import actor, admins
from bookapp.web.context import facts, home
from bookapp.web.db import database, reading, writing
from bookapp.web.flash import flash
from bookapp.web.parse import asks, expected_version, takes
from bookapp.web.respond import ShownOnce, Updated, download, gives, secret, streams

admin_accounts = Blueprint("admin_accounts", __name__)


async def _account(account_id: int) -> AccountLine:
    """The account that a form shows again when something in it was wrong."""
    async with reading() as db:
        return await queries.show_account(db, actor(), account_id)


@admin_accounts.get("/admin/accounts")
@admins
@asks(FindAccounts)
@gives(AccountList, page="admin/accounts.html", fragment="accounts")
async def index(question: FindAccounts) -> AccountList:
    """List and search the accounts, the newest first."""
    async with reading() as db:
        return await queries.list_accounts(db, actor(), question)


@admin_accounts.get("/admin/accounts.csv")
@admins
@asks(FindAccounts)
@streams("text/csv")
async def table(question: FindAccounts) -> Response:
    """The accounts as a CSV file, streamed, with the filters of the list."""
    return download(export.accounts(database(), actor(), question), "text/csv; charset=utf-8", "accounts.csv")


@admin_accounts.get("/admin/accounts/<id:account_id>")
@admins
@gives(AccountLine, page="admin/account.html", fragment="row")
async def show(account_id: int) -> AccountLine:
    """One account, and what can be done for who lost the key to it."""
    return await _account(account_id)


@admin_accounts.get("/admin/accounts/<id:account_id>/edit")
@admins
@gives(AccountLine, page="admin/edit.html", fragment="editing")
async def edit(account_id: int) -> AccountLine:
    """The row of an account as a form for its role and its state."""
    return await _account(account_id)


@admin_accounts.put("/admin/accounts/<id:account_id>")
@admin_accounts.patch("/admin/accounts/<id:account_id>")
@admin_accounts.post("/admin/accounts/<id:account_id>/edit")
@admins
@takes(EditPerson, form="admin/edit.html", block="editing", of=_account, conflict="admin/conflict.html")
@gives(AccountLine, page="admin/account.html", fragment="row")
async def update(account_id: int, command: EditPerson) -> Updated:
    """Change what somebody may do, or shut them out and let them in; send If-Match or `version`."""
    version = expected_version(command.get("version"))
    async with writing() as db:
        await actions.edit_account(db, actor(), account_id, command, version, address=facts().client)
        person = await queries.show_account(db, actor(), account_id)
    flash(f"Saved {person.username}.")
    return Updated(person, at=account_url(account_id))


@admin_accounts.post("/admin/accounts/<id:account_id>/reset-link")
@admins
@secret
@gives(LinkMade, page="admin/link.html", fragment="made", status=201)
async def create_reset_link(account_id: int) -> ShownOnce:
    """Make a link by which somebody chooses a new password. It is shown now, opens once, and lasts ten minutes."""
    async with writing() as db:
        made = await actions.make_reset_link(db, actor(), account_id, home(), address=facts().client)
    return ShownOnce(made)


@admin_accounts.delete("/admin/accounts/<id:account_id>/second-factor")
@admin_accounts.post("/admin/accounts/<id:account_id>/second-factor/delete")
@admins
@gives(AccountLine, page="admin/account.html", fragment="row")
async def remove_factor(account_id: int) -> Updated:
    """Take the second factor off for somebody who lost it."""
    async with writing() as db:
        await actions.take_factor_off(db, actor(), account_id, address=facts().client)
        person = await queries.show_account(db, actor(), account_id)
    flash(f"{person.username} signs in by password alone now.")
    return Updated(person, at=account_url(account_id))
