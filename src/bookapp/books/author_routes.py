"""The addresses of authors."""

from quart import Blueprint

from bookapp.books import author_actions, author_queries
from bookapp.books.commands import EditAuthor, FindAuthors
from bookapp.books.results import AuthorList, AuthorShown
from bookapp.web.auth import actor, editors, public
from bookapp.web.db import reading, writing
from bookapp.web.flash import flash
from bookapp.web.parse import asks, expected_version, takes
from bookapp.web.respond import Updated, gives

authors = Blueprint("authors", __name__)


async def _author(author_id: int) -> AuthorShown:
    async with reading() as db:
        return await author_queries.show_author(db, author_id)


@authors.get("/authors")
@public
@asks(FindAuthors)
@gives(AuthorList, page="authors/index.html", fragment="authors", shared=True)
async def index(question: FindAuthors) -> AuthorList:
    """List the authors with the number of their books."""
    async with reading() as db:
        return await author_queries.list_authors(db, question)


@authors.get("/authors/<id:author_id>")
@public
@gives(AuthorShown, page="authors/show.html", fragment="author", shared=True)
async def show(author_id: int) -> AuthorShown:
    """One author, with the first of their books."""
    return await _author(author_id)


@authors.get("/authors/<id:author_id>/edit")
@editors
@gives(AuthorShown, page="authors/edit.html", fragment="editing", shared=True)
async def edit(author_id: int) -> AuthorShown:
    """The form for an author's name."""
    return await _author(author_id)


@authors.put("/authors/<id:author_id>")
@authors.patch("/authors/<id:author_id>")
@authors.post("/authors/<id:author_id>/edit")
@editors
@takes(EditAuthor, form="authors/edit.html", block="editing", of=_author, conflict="authors/conflict.html")
@gives(AuthorShown, page="authors/show.html", fragment="author")
async def update(author_id: int, command: EditAuthor) -> Updated:
    """Rename an author, on all their books."""
    async with writing() as db:
        await author_actions.rename_author(db, actor(), author_id, command, expected_version(command.get("version")))
        author = await author_queries.show_author(db, author_id)
    flash(f"Saved {author.name}.")
    return Updated(author, at=author.url)
