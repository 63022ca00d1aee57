"""Coming in and going out: register, sign in, sign out."""

from contextlib import suppress
from typing import cast

from quart import Blueprint, current_app, request

from bookapp.accounts import actions, queries, rules, token_actions
from bookapp.accounts.commands import AskForWay, Register, SignIn
from bookapp.accounts.passwords import Passwords
from bookapp.accounts.results import AccountShown, DoorShown, Sealed, SignedIn, SignedOut
from bookapp.accounts.second_step import complete, second_step
from bookapp.accounts.signing import WRONG, WrongPassword, new_hash, prove
from bookapp.core.actor import Actor
from bookapp.core.errors import Invalid, NotFound, SignInNeeded
from bookapp.core.paging import address
from bookapp.web import session_cookie
from bookapp.web.auth import actor, is_local, public
from bookapp.web.context import facts, settings, wants
from bookapp.web.db import database, reading, writing
from bookapp.web.flash import flash
from bookapp.web.parse import asks, takes
from bookapp.web.rates import LOGIN, SIGN_UP, limited
from bookapp.web.respond import Onward, gives, secret

accounts = Blueprint("accounts", __name__)
HOME, AFTER_SIGNING_IN = "/", "/dashboard"


def passwords() -> Passwords:
    """This application's hasher."""
    return cast(Passwords, current_app.extensions["passwords"])


async def _door(question: AskForWay | None = None) -> DoorShown:
    """What the doors say, also when they are shown again with what was wrong."""
    asked = question or AskForWay(next=request.args.get("next", "")[:2000], invite=request.args.get("invite", "")[:100])
    async with reading() as db:
        is_first = not await queries.is_claimed(db)
        counts = await queries.count_invite(db, asked.invite) if asked.invite else None
    return DoorShown(
        next=rules.safe_path(asked.next, ""),
        invite=asked.invite,
        is_first=is_first,
        needs_setup_code=is_first and not is_local(),
        registration="open" if is_first else settings().registration,
        invite_counts=counts,
    )


@accounts.get("/register")
@public
@asks(AskForWay)
@gives(DoorShown, page="accounts/register.html", fragment="form")
async def new(question: AskForWay) -> DoorShown | Onward:
    """The form for a new account."""
    door = await _door(question)
    return Onward(door, at=HOME) if actor().id is not None else door


@accounts.post("/register")
@accounts.post("/accounts")
@public
@takes(Register, form="accounts/register.html", of=_door)
@limited(SIGN_UP)
@gives(AccountShown, page="accounts/show.html", fragment="profile", status=201)
async def create(command: Register) -> Onward:
    """Make an account. The first one administers, and needs the set-up code unless it comes from the machine."""
    hashed = await new_hash(passwords(), command.password, command.username, command.email, field="password")
    key = settings().secret()
    owns_server = is_local() or (command.code is not None and rules.is_setup_code(key, command.code))
    async with writing() as db:
        account = await actions.register(
            db,
            command,
            hashed,
            registration=settings().registration,
            owns_server=owns_server,
            address=facts().client,
        )
    flash("Registration successful! Please log in.")
    shown = queries.shown(account, Actor(account.id, account.username))
    return Onward(shown, at=address("/login", next=rules.safe_path(command.next, "")), created=shown.url)


@accounts.get("/login")
@public
@asks(AskForWay)
@gives(DoorShown, page="accounts/login.html", fragment="form")
async def show_login(question: AskForWay) -> DoorShown | Onward:
    """The form for signing in."""
    door = await _door(question)
    return Onward(door, at=HOME) if actor().id is not None else door


@accounts.post("/login")
@accounts.post("/accounts/login")
@public
@secret
@limited(LOGIN)
@takes(SignIn, form="accounts/login.html", of=_door)
@gives(SignedIn, page="accounts/login.html", fragment="form")
async def login(command: SignIn) -> Onward:
    """Sign in: a browser by a cookie, a program by a token."""
    account = await _proven(command)
    if wants() != "json" and account.has_factor and command.code is None:
        return second_step(account, command.remember, command.next)
    await complete(account, command.code, address=facts().client)
    if wants() == "json":
        return Onward(await token_for(account), at=HOME)
    await enter(account, remember=command.remember)
    return Onward(None, at=rules.safe_path(command.next, AFTER_SIGNING_IN))


async def _proven(command: SignIn) -> Sealed:
    try:
        return await prove(database(), passwords(), command.username, command.password, address=facts().client)
    except WrongPassword:
        if wants() == "json":
            raise SignInNeeded(WRONG, by="token") from None
        raise Invalid({"": [WRONG]}) from None


async def enter(account: Sealed, *, remember: bool) -> None:
    """Sign this browser in; whoever was signed in here before is not any more."""
    before = actor()
    async with writing() as db:
        if before.session_id is not None:
            with suppress(NotFound):  # somebody who clicks twice ended it a moment ago
                await actions.end_session(db, before, before.session_id)
    await keep_in(account, remember=remember)
    flash("Welcome back. Your account stays." if account.leaving else "Logged in successfully!")


async def keep_in(account: Sealed, *, remember: bool) -> None:
    """Give this browser a session of its own."""
    agent = request.headers.get("User-Agent", "")
    async with writing() as db:
        await actions.hold_proven(db, account)
        token, seconds = await actions.start_session(
            db, account.id, remember=remember, agent=agent, address=facts().client
        )
    session_cookie.keep(token, seconds)


async def token_for(account: Sealed) -> SignedIn:
    """Sign a program in: the token that it sends from now on."""
    person = Actor(account.id, account.username)
    async with writing() as db:
        await actions.hold_proven(db, account)
        await actions.stay(db, account.id, address=facts().client)
        made = await token_actions.make_login_token(db, person, address=facts().client)
    return SignedIn(token=made.token, username=account.username, expires_at=made.expires_at)


@accounts.get("/logout")
@public
@gives(SignedOut, page="accounts/logout.html", fragment="form")
async def show_logout() -> SignedOut:
    """Ask once before signing out; a link alone must not do it."""
    return SignedOut(msg="")


@accounts.post("/logout")
@public
@gives(SignedOut, page="accounts/logout.html", fragment="form")
async def logout() -> Onward:
    """Sign this browser or this program out."""
    return await _leave()


@accounts.get("/accounts/logout")
@public
@gives(SignedOut, page="accounts/logout.html", fragment="form")
async def logout_token() -> SignedOut | Onward:
    """End the token that the request came with. For a browser, ask once before signing out."""
    ends = actor().token_id is not None and request.method == "GET"  # a HEAD request looks, and ends nothing
    return await _leave() if ends else SignedOut(msg="")


async def _leave() -> Onward:
    person = actor()
    async with writing() as db:
        with suppress(NotFound):  # somebody who clicks twice ended it a moment ago
            if person.token_id is not None:
                await token_actions.delete_token(db, person, person.token_id, address=facts().client)
            elif person.session_id is not None:
                await actions.end_session(db, person, person.session_id)
    session_cookie.forget()
    flash("Logged out.")
    return Onward(SignedOut(), at=HOME)
