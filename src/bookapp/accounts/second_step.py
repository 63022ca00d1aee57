"""The second step of signing in, for people who set up a second factor."""

from dataclasses import dataclass

from bookapp.accounts import factor_actions, factor_queries, factor_rules, rules
from bookapp.accounts.actions import record
from bookapp.accounts.results import Sealed
from bookapp.core.actor import Actor
from bookapp.core.errors import Invalid
from bookapp.web import besides, rates
from bookapp.web.db import database
from bookapp.web.respond import Onward

COOKIE, SECONDS, AT = "step", 300, "/login/code"


@dataclass(frozen=True, slots=True, kw_only=True)
class Halfway:
    """Somebody whose password was right, and where they want to go."""

    account: Sealed
    remember: bool
    next: str


def second_step(account: Sealed, remember: bool, way: str | None) -> Onward:
    """Send the browser on to the form for the code, knowing for five minutes that the password was right."""
    besides.keep(COOKIE, [account.id, _mark(account), remember, rules.safe_path(way, "")], SECONDS)
    return Onward(None, at=AT)


async def halfway() -> Halfway | None:
    """Who typed the right password in this browser a moment ago, if it still is the right one."""
    value = besides.kept(COOKIE)
    if value is None:
        return None
    account_id, mark, remember, way = value
    async with database().reading() as db:
        account = await factor_queries.find_sealed_by_id(db, account_id)
    if account is None or account.is_disabled or mark != _mark(account):
        return None
    return Halfway(account=account, remember=remember, next=way)


def _mark(account: Sealed) -> str:
    # Changes with the password, and tells nothing about it: the hash in it has a salt that nobody sees.
    return rules.digest(f"{account.id} {account.password_hash}")[:32]


async def complete(account: Sealed, code: str | None, *, address: str) -> None:
    """Check the code of somebody with a second factor.

    Raises Invalid for a wrong one or none, TooMany after ten wrong ones, or thirty in a day.
    """
    if not account.has_factor:
        return
    if not code or not code.strip():
        raise Invalid({"code": ["Type the code that your authenticator app shows, or a recovery code"]})
    buckets = _buckets(account.id, code, address)
    async with database().writing() as db:
        for rate, whose in buckets:
            await rates.take(db, rate, whose)
    async with database().writing() as db:
        if opened := await factor_actions.open_by_code(db, account.id, code):
            for rate, whose in buckets:
                await rates.give_back(db, rate, whose)
            if not factor_rules.is_app_code(code):
                await record(db, Actor(account.id, account.username), "recovery code used", address=address)
        else:
            # Whoever comes so far knows the password: its owner should be able to see that.
            await record(db, Actor(account.id, account.username), "wrong second factor", address=address)
    if not opened:
        raise Invalid({"code": ["That code is wrong, too old or used already"]})


def _buckets(account_id: int, code: str, address: str) -> tuple[tuple[rates.Rate, str], ...]:
    # Six digits could be guessed from many networks, so their tries are counted for all together. A recovery code
    # cannot be guessed; counted apart, it lets its owner in while somebody else uses up the tries.
    if factor_rules.is_app_code(code):
        return (rates.FAILURES, f"code {account_id}"), (rates.CODES, f"code {account_id}")
    return ((rates.FAILURES, f"{rates.network(address)} recovery {account_id}"),)
