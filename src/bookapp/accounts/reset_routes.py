"""A forgotten password: asking for a link, and choosing a new password with it."""

from quart import Blueprint

from bookapp.accounts import reset_actions, reset_mail, reset_queries
from bookapp.accounts.commands import AskByLink, AskForReset, AskWhetherAsked, ChooseByLink
from bookapp.accounts.results import ChoiceShown, ResetDoor, SignedOut
from bookapp.accounts.routes import passwords
from bookapp.accounts.signing import forgive, new_hash
from bookapp.core.errors import Invalid
from bookapp.web import besides
from bookapp.web.auth import public
from bookapp.web.context import facts, settings
from bookapp.web.db import reading, writing
from bookapp.web.flash import flash
from bookapp.web.parse import asks, takes
from bookapp.web.rates import LOGIN, RESET, limited
from bookapp.web.respond import Onward, gives, secret

resets = Blueprint("resets", __name__)
ON_ITS_WAY = "If there is such an account, a link is on its way to its mail address. It lasts ten minutes."
NO_MAIL = "No mail is set up here. Ask whoever runs this place for a link."


async def _door(asked: bool = False) -> ResetDoor:
    sends = bool(settings().smtp_url)
    return ResetDoor(sends_mail=sends, asked=asked, msg=(ON_ITS_WAY if sends else NO_MAIL) if asked else "")


@resets.get("/login/reset")
@public
@asks(AskWhetherAsked)
@gives(ResetDoor, page="accounts/reset.html", fragment="form")
async def show(question: AskWhetherAsked) -> ResetDoor:
    """The form for a link by which a forgotten password is replaced."""
    return await _door(bool(question.asked))


@resets.post("/login/reset")
@public
@secret
@limited(RESET)
@takes(AskForReset, form="accounts/reset.html", of=_door)
@gives(ResetDoor, page="accounts/reset.html", fragment="form")
async def create(command: AskForReset) -> Onward:
    """Ask for a link. The answer is the same, and takes as long, whether or not there is such an account."""
    reset_mail.send_later(settings(), command.username, address=facts().client)
    return Onward(await _door(asked=True), at="/login/reset?asked=1")


async def _choice() -> ChoiceShown:
    besides.guard_page(referrer=False)
    return ChoiceShown()


@resets.get("/login/reset/choose")
@public
@asks(AskByLink)
@gives(ChoiceShown, page="accounts/choose.html", fragment="form")
async def edit(question: AskByLink) -> ChoiceShown:
    """The form that a link opens. Reading it does not use the link up."""
    besides.guard_page(referrer=False)
    async with reading() as db:
        account = await reset_queries.find_by_link(db, question.token)
    if account is None:
        return ChoiceShown(is_alive=False)
    return ChoiceShown(token=question.token, username=account.username)


@resets.post("/login/reset/choose")
@public
@secret
@limited(LOGIN)
@takes(ChooseByLink, form="accounts/choose.html", of=_choice)
@gives(SignedOut, page="accounts/choose.html", fragment="form")
async def update(command: ChooseByLink) -> Onward:
    """Choose a new password. Whoever is signed in with the old one is signed out everywhere."""
    async with reading() as db:
        account = await reset_queries.find_by_link(db, command.token)
    if account is None:
        raise Invalid({"token": [reset_actions.USED_UP]})
    hashed = await new_hash(
        passwords(),
        command.new_password,
        account.username,
        account.email,
        field="new_password",
        has_factor=account.has_factor,
    )
    async with writing() as db:
        await reset_actions.use_link(db, command.token, hashed, address=facts().client)
        await forgive(db, account.id, address=facts().client)
    words = "Your new password counts. Please log in."
    flash(words)
    return Onward(SignedOut(msg=words), at="/login")
