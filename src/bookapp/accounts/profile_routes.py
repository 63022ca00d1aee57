"""A person's own pages: profile, password, browsers that are signed in, keys for programs."""

from dataclasses import replace
from typing import cast

from quart import Blueprint, current_app

from bookapp.accounts import actions, queries, token_actions
from bookapp.accounts.commands import ChangePassword, DeleteAccount, EditAccount, MakeToken
from bookapp.accounts.neighbours import Neighbours
from bookapp.accounts.results import AccountShown, SessionList, SignedOut, TokenList, TokenMade
from bookapp.accounts.routes import keep_in, passwords
from bookapp.accounts.signing import new_hash, prove_again
from bookapp.web import session_cookie
from bookapp.web.auth import actor, signed_in
from bookapp.web.context import facts
from bookapp.web.db import database, reading, writing
from bookapp.web.flash import flash
from bookapp.web.parse import expected_version, takes
from bookapp.web.rates import ADDRESS, take
from bookapp.web.respond import Onward, Removed, ShownOnce, Updated, gives, secret

profiles = Blueprint("profiles", __name__)


async def _own(username: str) -> AccountShown:
    async with reading() as db:
        return queries.shown(await queries.find_account(db, actor(), username), actor())


async def _tokens(username: str) -> TokenList:
    async with reading() as db:
        return await queries.list_tokens(db, actor(), username)


async def _proven(username: str, password: str | None) -> None:
    await prove_again(database(), passwords(), actor(), username, password, address=facts().client)


@profiles.get("/accounts/<name:username>/edit")
@signed_in
@gives(AccountShown, page="accounts/edit.html", fragment="form")
async def edit(username: str) -> AccountShown:
    """The form for one's own profile."""
    return await _own(username)


@profiles.put("/accounts/<name:username>")
@profiles.patch("/accounts/<name:username>")
@profiles.post("/accounts/<name:username>/edit")
@signed_in
@takes(EditAccount, form="accounts/edit.html", of=_own, conflict="accounts/conflict.html")
@gives(AccountShown, page="accounts/show.html", fragment="profile")
async def update(username: str, command: EditAccount) -> Updated:
    """Change one's own profile; another e-mail address needs the password."""
    before = await _own(username)
    if command.get("email", before.email) != before.email:
        await _proven(username, command.get("password"))
        # Who may try one address after the other learns who is here.
        async with database().writing() as db:
            await take(db, ADDRESS, f"account {before.id}")
    async with writing() as db:
        account = await actions.edit_account(
            db, actor(), username, command, expected_version(command.get("version")), address=facts().client
        )
        if account.time_zone != before.time_zone:
            neighbours = cast(Neighbours, current_app.extensions["neighbours"])
            await neighbours.move_dates(db, actor(), before.time_zone or "UTC", account.time_zone)
    shown = queries.shown(account, actor())
    flash("Saved your profile.")
    return Updated(shown, at=shown.url)


@profiles.get("/accounts/<name:username>/password")
@signed_in
@gives(AccountShown, page="accounts/password.html", fragment="form")
async def edit_password(username: str) -> AccountShown:
    """The form for another password."""
    return await _own(username)


@profiles.put("/accounts/<name:username>/password")
@profiles.post("/accounts/<name:username>/password")
@signed_in
@takes(ChangePassword, form="accounts/password.html", of=_own)
@gives(AccountShown, page="accounts/show.html", fragment="profile")
async def update_password(username: str, command: ChangePassword) -> Onward:
    """Choose another password; every other browser is signed out."""
    person = await prove_again(database(), passwords(), actor(), username, command.password, address=facts().client)
    hashed = await new_hash(
        passwords(),
        command.new_password,
        person.username,
        person.email,
        field="new_password",
        has_factor=person.has_factor,
    )
    async with writing() as db:
        await actions.hold_proven(db, person)
        remember = await actions.change_password(db, actor(), hashed, address=facts().client)
    if actor().session_id is not None:
        await keep_in(replace(person, password_hash=hashed), remember=remember)
    flash("Your password is changed, and every other browser is signed out.")
    shown = await _own(username)
    return Onward(shown, at=shown.url)


@profiles.get("/accounts/<name:username>/deletion")
@signed_in
@gives(AccountShown, page="accounts/deletion.html", fragment="form")
async def show_deletion(username: str) -> AccountShown:
    """What leaving means, and the form for it."""
    return await _own(username)


@profiles.delete("/accounts/<name:username>")
@profiles.post("/accounts/<name:username>/deletion")
@signed_in
@takes(DeleteAccount, form="accounts/deletion.html", of=_own)
@gives(SignedOut, page="accounts/logout.html", fragment="form")
async def remove(username: str, command: DeleteAccount) -> Onward:
    """Leave. The account is gone after two weeks, in which signing in takes it back."""
    await _proven(username, command.password)
    async with writing() as db:
        account = await actions.ask_to_leave(db, actor(), username, address=facts().client)
    session_cookie.forget()
    assert account.delete_at is not None
    words = f"Your account ends on {account.delete_at.day} {account.delete_at:%B %Y}. Log in before that to keep it."
    flash(words)
    return Onward(SignedOut(msg=words), at="/")


@profiles.get("/accounts/<name:username>/sessions")
@signed_in
@gives(SessionList, page="accounts/sessions.html", fragment="sessions")
async def list_sessions(username: str) -> SessionList:
    """Where I am signed in."""
    async with reading() as db:
        return await queries.list_sessions(db, actor(), username)


@profiles.delete("/accounts/<name:username>/sessions")
@profiles.post("/accounts/<name:username>/sessions/delete")
@signed_in
@gives(SignedOut, page="accounts/logout.html", fragment="form")
async def remove_sessions(username: str) -> Onward:
    """Sign out everywhere, here too."""
    async with writing() as db:
        await queries.find_account(db, actor(), username)
        await actions.end_all_sessions(db, actor(), address=facts().client)
    session_cookie.forget()
    flash("Signed out everywhere.")
    return Onward(SignedOut(msg="Signed out everywhere."), at="/login")


@profiles.delete("/accounts/<name:username>/sessions/<id:session_id>")
@profiles.post("/accounts/<name:username>/sessions/<id:session_id>/delete")
@signed_in
@gives(type(None), page="accounts/sessions.html", fragment="sessions", status=204)
async def remove_session(username: str, session_id: int) -> Removed:
    """Sign one browser out."""
    async with writing() as db:
        account = await queries.find_account(db, actor(), username)
        await actions.end_session(db, actor(), session_id)
    flash("That browser is signed out.")
    return Removed(at=f"/accounts/{account.username}/sessions")


@profiles.get("/accounts/<name:username>/tokens")
@signed_in
@gives(TokenList, page="accounts/tokens.html", fragment="tokens")
async def list_tokens(username: str) -> TokenList:
    """The keys of my programs."""
    return await _tokens(username)


@profiles.post("/accounts/<name:username>/tokens")
@signed_in
@secret
@takes(MakeToken, form="accounts/tokens.html", of=_tokens)
@gives(TokenMade, page="accounts/token.html", fragment="made", status=201)
async def create_token(username: str, command: MakeToken) -> ShownOnce:
    """Make a key for a program. It is shown now and never again."""
    if actor().session_id is None:
        await _proven(username, command.password)
    async with writing() as db:
        await queries.find_account(db, actor(), username, to_change=True)  # or two at once would both be the last one
        return ShownOnce(await token_actions.make_token(db, actor(), command, address=facts().client))


@profiles.delete("/accounts/<name:username>/tokens/<id:token_id>")
@profiles.post("/accounts/<name:username>/tokens/<id:token_id>/delete")
@signed_in
@gives(type(None), page="accounts/tokens.html", fragment="tokens", status=204)
async def remove_token(username: str, token_id: int) -> Removed:
    """Take a key back, at once."""
    async with writing() as db:
        account = await queries.find_account(db, actor(), username)
        name = await token_actions.delete_token(db, actor(), token_id, address=facts().client)
    flash(f"{name} opens nothing any more.")
    return Removed(at=f"/accounts/{account.username}/tokens")
