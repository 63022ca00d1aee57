"""Answering a wish for a link after the answer is out, so that its time tells nobody who has an account."""

import asyncio
import random

import structlog

from bookapp.accounts import queries, reset_actions, rules
from bookapp.accounts.mail import Mailer, NotSent, mailer_of
from bookapp.accounts.results import Sealed
from bookapp.config import Settings
from bookapp.core import clock
from bookapp.core.actor import GUEST
from bookapp.core.errors import AppError, TooMany
from bookapp.web import rates
from bookapp.web.db import database
from bookapp.web.later import later, pause
from bookapp.web.respond import templates

log = structlog.get_logger("bookapp.mail")
WAITS = (5, 60, 180)
"""Seconds before each further try: a server that greets strangers by sending them away wants some minutes."""
SUBJECT = "A new password for bookapp"


def send_later(settings: Settings, name: str, *, address: str) -> None:
    """Send a link to the person of that username or address, if there is one, once this request is answered."""
    if (mailer := mailer_of(settings)) is not None:
        later(_send, mailer, settings.address, name, address)


async def _send(mailer: Mailer, place: str, name: str, address: str) -> None:
    await pause(random.uniform(0.1, 0.6))  # what it costs is not felt by who asked, nor by what they ask next
    try:
        account, link = await _link_for(name, address)
    except TooMany:
        return  # somebody asks for this person again and again; enough links are on their way
    except AppError as error:
        log.warning("mail not sent", why=error.title)
        return
    if account is not None:
        words = templates().env.get_template("mail/reset.txt")
        text = words.render(username=account.username, link=place + link, place=place)
        await _deliver(mailer, account.email, text)


async def _link_for(name: str, address: str) -> tuple[Sealed | None, str]:
    async with database().reading() as db:
        account = await queries.find_sealed(db, name)
    # Names of nobody cost a write too: who writes next could otherwise feel the difference.
    whose = f"of {account.id}" if account else f"of nobody {rules.digest(rules.username_key(name))[:32]}"
    async with database().writing() as db:
        await rates.take(db, rates.RESET, whose)
        if account is None or account.is_disabled:
            return None, ""
        link = await reset_actions.make_link(db, GUEST, account.id, address=address)
        # The account is locked now: had its address been changed meanwhile, the link must not go to the old one.
        return await queries.find_sealed(db, name), link


async def _deliver(mailer: Mailer, to: str, text: str) -> None:
    """Send it, and try again while the link lives; when the application is about to stop, at once and once more."""
    tries, stopping = 0, False
    try:
        while True:
            tries += 1
            try:
                await mailer.send(to, SUBJECT, text, clock.now())
            except NotSent as error:
                last = error.is_final or stopping or tries > len(WAITS)
                log.warning("mail not sent", why=str(error), tries=tries, gives_up=last)
                if last:
                    return
            else:
                log.info("mail sent", tries=tries)
                return
            stopping = await pause(WAITS[tries - 1])
    except asyncio.CancelledError:
        log.warning("mail not sent", why="the server stopped", tries=tries, gives_up=True)
        raise
