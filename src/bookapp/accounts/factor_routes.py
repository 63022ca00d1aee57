"""The second factor: typing its code at the door, switching it on and off, recovery codes."""

from dataclasses import replace
from urllib.parse import urlsplit

from quart import Blueprint

from bookapp.accounts import factor_actions, factor_queries, factor_rules, rules
from bookapp.accounts.commands import ConfirmFactor, EnterCode, ProveAgain
from bookapp.accounts.results import CodeAsked, CodesMade, FactorShown, Sealed, SignedIn
from bookapp.accounts.routes import AFTER_SIGNING_IN, HOME, enter, passwords, token_for
from bookapp.accounts.second_step import COOKIE, complete, halfway
from bookapp.accounts.signing import prove_again
from bookapp.core import clock
from bookapp.core.errors import Invalid, SignInNeeded
from bookapp.web import besides
from bookapp.web.auth import actor, public, signed_in
from bookapp.web.context import facts, settings, wants
from bookapp.web.db import database, reading, writing
from bookapp.web.flash import flash
from bookapp.web.parse import takes
from bookapp.web.rates import LOGIN, limited
from bookapp.web.respond import Onward, Removed, ShownOnce, gives, secret

factors = Blueprint("factors", __name__)


async def _asked() -> CodeAsked:
    return CodeAsked(is_waiting=await halfway() is not None)


@factors.get("/login/code")
@public
@gives(CodeAsked, page="accounts/code.html", fragment="form")
async def show_code() -> CodeAsked:
    """The form for the code of the second factor."""
    return await _asked()


@factors.post("/login/code")
@public
@secret
@limited(LOGIN)
@takes(EnterCode, form="accounts/code.html", of=_asked)
@gives(SignedIn, page="accounts/code.html", fragment="form")
async def enter_code(command: EnterCode) -> Onward:
    """Finish signing in: the password was right a moment ago in this browser, and now the code is."""
    person = await halfway()
    if person is None:
        raise SignInNeeded("That took longer than five minutes. Please begin with your password again.")
    await complete(person.account, command.code, address=facts().client)
    besides.forget(COOKIE)
    if wants() == "json":
        return Onward(await token_for(person.account), at=HOME)
    await enter(person.account, remember=person.remember)
    return Onward(None, at=rules.safe_path(person.next, AFTER_SIGNING_IN))


async def _factor(username: str) -> FactorShown:
    async with reading() as db:
        shown = await factor_queries.show_factor(db, actor(), username)
        last_step = await factor_queries.find_last_step(db, actor(), username)
    if shown.is_on:
        return shown
    besides.guard_page()
    offered, _ = _offered(last_step)
    return replace(shown, secret=offered, link=factor_rules.link(offered, shown.username, _place()))


def _offered(last_step: int) -> tuple[str, str]:
    """The secrets that this browser was shown in this hour and in the one before."""
    person, hour = actor(), factor_rules.hour_of(clock.now())
    assert person.id is not None
    who, key = f"{person.session_id} {person.token_id}", settings().secret()
    this, before = (factor_rules.secret_to_set_up(key, person.id, last_step, who, shown) for shown in (hour, hour - 1))
    return this, before


def _place() -> str:
    return urlsplit(settings().base_url).netloc or "bookapp"


async def _proven(username: str, password: str) -> Sealed:
    return await prove_again(database(), passwords(), actor(), username, password, address=facts().client)


@factors.get("/accounts/<name:username>/second-factor")
@signed_in
@gives(FactorShown, page="accounts/factor.html", fragment="factor")
async def show(username: str) -> FactorShown:
    """Whether the second factor is on, and what an authenticator app needs to set it up."""
    return await _factor(username)


@factors.post("/accounts/<name:username>/second-factor")
@signed_in
@secret
@takes(ConfirmFactor, form="accounts/factor.html", of=_factor)
@gives(CodesMade, page="accounts/codes.html", fragment="made", status=201)
async def create(username: str, command: ConfirmFactor) -> ShownOnce:
    """Switch the second factor on. The recovery codes are shown now and never again."""
    await _proven(username, command.password)
    async with reading() as db:
        offered = _offered(await factor_queries.find_last_step(db, actor(), username))
    now = clock.now()
    for chosen in offered:
        if (step := factor_rules.matching_step(chosen, command.code, now)) is not None:
            break
    else:
        raise Invalid({"code": ["That is not what the app should show; check that the clock of your phone is right"]})
    async with writing() as db:
        made = await factor_actions.switch_on(db, actor(), username, chosen, step, address=facts().client)
    besides.guard_page()
    return ShownOnce(made)


@factors.post("/accounts/<name:username>/second-factor/codes")
@signed_in
@secret
@takes(ProveAgain, form="accounts/factor.html", of=_factor)
@gives(CodesMade, page="accounts/codes.html", fragment="made", status=201)
async def create_codes(username: str, command: ProveAgain) -> ShownOnce:
    """Make new recovery codes; the old ones open nothing any more."""
    await _proven(username, command.password)
    async with writing() as db:
        made = await factor_actions.renew_codes(db, actor(), username, address=facts().client)
    besides.guard_page()
    return ShownOnce(made)


@factors.delete("/accounts/<name:username>/second-factor")
@factors.post("/accounts/<name:username>/second-factor/delete")
@signed_in
@secret
@takes(ProveAgain, form="accounts/factor.html", of=_factor)
@gives(type(None), page="accounts/factor.html", fragment="factor", status=204)
async def remove(username: str, command: ProveAgain) -> Removed:
    """Switch the second factor off; a password that was long enough only with it has to be changed first."""
    person = await _proven(username, command.password)
    if (wrong := rules.wrong_password(command.password, person.username, person.email)) is not None:
        raise Invalid({"password": [f"Choose another password first: {wrong[0].lower()}{wrong[1:]}"]})
    async with writing() as db:
        await factor_actions.switch_off(db, actor(), person.id, address=facts().client)
    flash("The second factor is off. Your password alone opens your account.")
    return Removed(at=f"/accounts/{person.username}/second-factor")
