"""The addresses of recommendations from person to person."""

from quart import Blueprint, g

from bookapp.suggestions import actions, draft_queries, queries, rules, sending_actions
from bookapp.suggestions.commands import (
    AcceptSuggestion,
    BeginSuggestion,
    ChooseWelcome,
    DeclineSuggestion,
    FindSuggestions,
    SeeSuggestions,
    Suggest,
    ThankFor,
)
from bookapp.suggestions.results import (
    ChoiceShown,
    NewCount,
    Sent,
    SuggestionDraft,
    SuggestionLine,
    SuggestionList,
)
from bookapp.web.auth import actor, signed_in
from bookapp.web.context import home
from bookapp.web.db import reading, writing
from bookapp.web.flash import flash
from bookapp.web.parse import asks, takes
from bookapp.web.rates import SUGGEST, limited
from bookapp.web.respond import Created, Removed, ShownOnce, Updated, gives, secret

suggestions = Blueprint("suggestions", __name__)


async def _line(suggestion_id: int) -> SuggestionLine:
    async with reading() as db:
        return await queries.show_suggestion(db, actor(), suggestion_id)


async def _choice() -> ChoiceShown:
    async with reading() as db:
        return await queries.show_choice(db, actor())


async def _draft() -> SuggestionDraft:
    """What stands around a form that comes back: the book, the person and the wish that were typed."""
    typed: dict[str, str] = g.typed
    book, ask = (typed.get(name, "") for name in ("book_id", "ask_id"))
    begun = BeginSuggestion(book=_number(book), to=typed.get("to", ""), ask=_number(ask))
    async with reading() as db:
        return await draft_queries.show_draft(db, actor(), begun)


def _number(typed: str) -> int | None:
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 19 else None


@suggestions.get("/suggestions")
@signed_in
@asks(FindSuggestions)
@gives(SuggestionList, page="suggestions/index.html", fragment="suggestions")
async def index(question: FindSuggestions) -> SuggestionList:
    """What was recommended to you, or what you recommended; send what you have seen to `seen_url`."""
    async with reading() as db:
        return await queries.list_suggestions(db, actor(), question)


@suggestions.get("/suggestions/new")
@signed_in
@asks(BeginSuggestion)
@gives(SuggestionDraft, page="suggestions/new.html", fragment="form")
async def new(question: BeginSuggestion) -> SuggestionDraft:
    """The form for a recommendation, with the people you are likely to mean."""
    async with reading() as db:
        return await draft_queries.show_draft(db, actor(), question)


@suggestions.post("/suggestions")
@signed_in
@secret
@limited(SUGGEST)
@takes(Suggest, form="suggestions/new.html", of=_draft)
@gives(Sent, page="suggestions/sent.html", fragment="made", status=201)
async def create(command: Suggest) -> Created | ShownOnce:
    """Recommend a book: to people here, or by a link to somebody outside."""
    async with writing() as db:
        sending = await sending_actions.suggest(db, actor(), command)
        lines = await queries.list_sent(db, actor(), sending.ids)
    link = f"{home()}{rules.link_url(sending.token)}" if sending.token else None
    at = lines[0].url if len(lines) == 1 else rules.box_url("sent")
    sent = Sent(id=lines[0].id, url=at, suggestions=lines, told=sending.told, link=link)
    if link:
        return ShownOnce(sent)
    people = rules.names([line.other for line in lines])
    flash(" ".join((f"Recommended to {people}.", *sending.told)))
    return Created(sent, at=at)


@suggestions.get("/suggestions/counts")
@signed_in
@gives(NewCount, page="suggestions/counts.html", fragment="counts")
async def count() -> NewCount:
    """How many recommendations you have not looked at, and of how many of yours something came."""
    async with reading() as db:
        return await queries.show_counts(db, actor())


@suggestions.post("/suggestions/seen")
@signed_in
@takes(SeeSuggestions)
@gives(NewCount, page="suggestions/counts.html", fragment="counts")
async def see(command: SeeSuggestions) -> Updated:
    """Say what you have seen: reading a list alone does not say so."""
    async with writing() as db:
        await actions.see(db, actor(), command)
        counts = await queries.show_counts(db, actor())
    return Updated(counts, at=rules.box_url(command.get("box", "inbox")))


@suggestions.get("/suggestions/choice")
@signed_in
@gives(ChoiceShown, page="suggestions/choice.html", fragment="form")
async def show_choice() -> ChoiceShown:
    """From whom you take recommendations, and what you tell them."""
    return await _choice()


@suggestions.put("/suggestions/choice")
@suggestions.post("/suggestions/choice")
@signed_in
@takes(ChooseWelcome, form="suggestions/choice.html", of=_choice)
@gives(ChoiceShown, page="suggestions/choice.html", fragment="form")
async def choose(command: ChooseWelcome) -> Updated:
    """Choose from whom you take recommendations, and what you tell them."""
    async with writing() as db:
        await actions.choose(db, actor(), command)
        choice = await queries.show_choice(db, actor())
    flash("Saved.")
    return Updated(choice, at="/suggestions/choice")


@suggestions.get("/suggestions/<id:suggestion_id>")
@signed_in
@gives(SuggestionLine, page="suggestions/show.html", fragment="suggestion")
async def show(suggestion_id: int) -> SuggestionLine:
    """One recommendation that you got or sent."""
    return await _line(suggestion_id)


@suggestions.post("/suggestions/<id:suggestion_id>/acceptance")
@signed_in
@takes(AcceptSuggestion, form="suggestions/show.html", block="suggestion", of=_line)
@gives(SuggestionLine, page="suggestions/show.html", fragment="suggestion")
async def accept(suggestion_id: int, command: AcceptSuggestion) -> Updated:
    """Take it: onto your shelf `want` or `reading`, or as a task with a date. The sender learns that you took it."""
    async with writing() as db:
        await actions.accept(db, actor(), suggestion_id, command)
        line = await queries.show_suggestion(db, actor(), suggestion_id)
    where = {"reading": "You are reading", "task": "Among your tasks:"}.get(command.get("as", "want"), "Saved")
    flash(f"{where} {line.book.title}.")
    return Updated(line, at=rules.box_url("inbox"))


@suggestions.post("/suggestions/<id:suggestion_id>/decline")
@signed_in
@takes(DeclineSuggestion, form="suggestions/show.html", block="suggestion", of=_line)
@gives(SuggestionLine, page="suggestions/show.html", fragment="suggestion")
async def decline(suggestion_id: int, command: DeclineSuggestion) -> Updated:
    """Decline it with thanks, and with a word if you like. The sender reads that."""
    async with writing() as db:
        await actions.decline(db, actor(), suggestion_id, command.get("answer"))
        line = await queries.show_suggestion(db, actor(), suggestion_id)
    flash("Declined with thanks.")
    return Updated(line, at=rules.box_url("inbox"))


@suggestions.post("/suggestions/<id:suggestion_id>/thanks")
@signed_in
@takes(ThankFor, form="suggestions/show.html", block="suggestion", of=_line)
@gives(SuggestionLine, page="suggestions/show.html", fragment="suggestion")
async def thank(suggestion_id: int, command: ThankFor) -> Updated:
    """Say something to who recommended it."""
    async with writing() as db:
        await actions.thank(db, actor(), suggestion_id, command.answer)
        line = await queries.show_suggestion(db, actor(), suggestion_id)
    flash(f"Told {line.other}.")
    return Updated(line, at=rules.box_url("inbox"))


@suggestions.delete("/suggestions/<id:suggestion_id>")
@suggestions.post("/suggestions/<id:suggestion_id>/delete")
@signed_in
@gives(type(None), page="suggestions/show.html", fragment="suggestion", status=204)
async def remove(suggestion_id: int) -> Removed:
    """Take it out of your own box; it stays in the other one's. A POST to its `restoration` undoes that."""
    async with writing() as db:
        box = (await queries.show_suggestion(db, actor(), suggestion_id)).box
        can_return = await actions.remove(db, actor(), suggestion_id)
    undo = f"{rules.suggestion_url(suggestion_id)}/restoration" if can_return else None
    flash("Out of your box." if can_return else "That link has ended.", undo_url=undo)
    return Removed(at=rules.box_url(box))


@suggestions.post("/suggestions/<id:suggestion_id>/restoration")
@signed_in
@gives(SuggestionLine, page="suggestions/show.html", fragment="suggestion")
async def restore(suggestion_id: int) -> Updated:
    """Put it back into your box."""
    async with writing() as db:
        await actions.restore(db, actor(), suggestion_id)
        line = await queries.show_suggestion(db, actor(), suggestion_id)
    flash(f"{line.book.title} is back.")
    return Updated(line, at=rules.box_url(line.box))
