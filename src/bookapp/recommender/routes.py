"""The addresses of what is recommended to a person."""

from quart import Blueprint

from bookapp.recommender import actions, dismissal_queries, page_queries
from bookapp.recommender.commands import DismissBook, FindDismissals, FindRecommendations, MuteThing, SetTaste
from bookapp.recommender.results import DismissalList, DismissalShown, Muted, Recommendations, TasteShown
from bookapp.recommender.rules import DISMISSALS_URL
from bookapp.web.auth import actor, signed_in
from bookapp.web.db import reading, writing
from bookapp.web.flash import flash
from bookapp.web.parse import asks, takes
from bookapp.web.respond import Removed, Updated, gives

recommendations = Blueprint("recommendations", __name__)
HERE = "/recommendations"


async def _page() -> Recommendations:
    async with reading() as db:
        return await page_queries.show_recommendations(db, actor(), FindRecommendations())


@recommendations.get(HERE)
@signed_in
@asks(FindRecommendations)
@gives(Recommendations, page="recommendations/index.html", fragment="recommendations")
async def index(question: FindRecommendations) -> Recommendations:
    """What may be something for you, computed from your ratings as they are now, each with its true reasons."""
    async with reading() as db:
        return await page_queries.show_recommendations(db, actor(), question)


@recommendations.get(DISMISSALS_URL)
@signed_in
@asks(FindDismissals)
@gives(DismissalList, page="recommendations/dismissals.html", fragment="dismissals")
async def list_dismissals(question: FindDismissals) -> DismissalList:
    """What you put aside, the newest first, and until when it is not recommended to you."""
    async with reading() as db:
        return await dismissal_queries.list_dismissals(db, actor(), question)


@recommendations.post(DISMISSALS_URL)
@signed_in
@takes(DismissBook)
@gives(DismissalShown, page="recommendations/dismissed.html", fragment="dismissed")
async def dismiss(command: DismissBook) -> Updated:
    """Do not recommend a book to you for three months. A DELETE takes that back."""
    async with writing() as db:
        shown = await actions.dismiss(db, actor(), command)
    flash(f"Put away: {shown.title}.", undo_url=f"{shown.url}/delete")
    return Updated(shown, at=HERE)


@recommendations.delete("/recommendations/dismissals/<id:book_id>")
@recommendations.post("/recommendations/dismissals/<id:book_id>/delete")
@signed_in
@gives(type(None), page="recommendations/dismissed.html", fragment="dismissed", status=204)
async def take_back(book_id: int) -> Removed:
    """Let a book be recommended to you again."""
    async with writing() as db:
        title = await actions.take_back(db, actor(), book_id)
    flash(f"{title} may be recommended again.")
    return Removed(at=DISMISSALS_URL)


@recommendations.post("/recommendations/mutes")
@signed_in
@takes(MuteThing, form="recommendations/index.html", block="muting", of=_page)
@gives(Muted, page="recommendations/muted.html", fragment="muted")
async def mute(command: MuteThing) -> Updated:
    """Recommend nothing to you by an author, or about a subject. A DELETE takes that back."""
    async with writing() as db:
        shown = await actions.mute(db, actor(), command)
    flash(f"Muted: {shown.name}.", undo_url=f"{shown.url}/delete")
    return Updated(shown, at=HERE)


@recommendations.delete("/recommendations/mutes/authors/<id:author_id>")
@recommendations.post("/recommendations/mutes/authors/<id:author_id>/delete")
@signed_in
@gives(type(None), page="recommendations/muted.html", fragment="muted", status=204)
async def unmute_author(author_id: int) -> Removed:
    """Let an author be recommended to you again."""
    return await _unmute("author", author_id)


@recommendations.delete("/recommendations/mutes/subjects/<id:subject_id>")
@recommendations.post("/recommendations/mutes/subjects/<id:subject_id>/delete")
@signed_in
@gives(type(None), page="recommendations/muted.html", fragment="muted", status=204)
async def unmute_subject(subject_id: int) -> Removed:
    """Let a subject be recommended to you again."""
    return await _unmute("subject", subject_id)


async def _unmute(kind: str, key: int) -> Removed:
    async with writing() as db:
        name = await actions.unmute(db, actor(), kind, key)
    flash(f"No longer muted: {name}.")
    return Removed(at=HERE)


@recommendations.put("/recommendations/taste")
@recommendations.post("/recommendations/taste")
@signed_in
@takes(SetTaste, form="recommendations/index.html", block="taste", of=_page)
@gives(TasteShown, page="recommendations/taste.html", fragment="taste")
async def set_taste(command: SetTaste) -> Updated:
    """Say how far from what you know you want to be led."""
    async with writing() as db:
        await actions.set_taste(db, actor(), command.adventure)
    flash("That counts from now on.")
    return Updated(TasteShown(command.adventure), at=HERE)
