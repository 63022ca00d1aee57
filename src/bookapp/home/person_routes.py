"""The page of a person, composed: who they are, and what they let others see of their reading."""

from quart import Blueprint

from bookapp.home import pages
from bookapp.home.results import PersonPage
from bookapp.web.auth import actor, public
from bookapp.web.db import reading
from bookapp.web.respond import gives

person_pages = Blueprint("person_pages", __name__)


@person_pages.get("/accounts/<name:username>")
@public
@gives(PersonPage, page="home/person.html", fragment="person")
async def show(username: str) -> PersonPage:
    """A person, with as much of their reading as you may see; what is private is shown to themselves alone."""
    async with reading() as db:
        return await pages.show_person(db, actor(), username)
