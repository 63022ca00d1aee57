"""The addresses of statistics."""

from typing import cast

from quart import Blueprint, current_app

from bookapp.accounts.rules import username_key
from bookapp.core.actor import Actor
from bookapp.core.errors import NotFound
from bookapp.statistics import actions, place_queries, queries, rules, year_queries
from bookapp.statistics.commands import SetGoal
from bookapp.statistics.numbers import Numbers
from bookapp.statistics.results import PlaceShown, YearList, YearShown
from bookapp.web.auth import actor, public, signed_in
from bookapp.web.db import reading, writing
from bookapp.web.flash import flash
from bookapp.web.parse import takes
from bookapp.web.respond import Updated, gives

statistics = Blueprint("statistics", __name__)


def _own(username: str) -> Actor:
    """The person whose year that is, if they are the one who asks. Raises NotFound for everybody else's."""
    if username_key(username) != username_key(actor().name):
        raise NotFound(rules.ABSENT)
    return actor()


async def _year(username: str, year: int) -> YearShown:
    async with reading() as db:
        return await year_queries.show_year(db, _own(username), username, year)


async def _count() -> PlaceShown:
    async with reading() as db:
        return await place_queries.count_place(db)


@statistics.get("/statistics")
@public
@gives(PlaceShown, page="statistics/index.html", fragment="place", shared=True)
async def index() -> PlaceShown:
    """The numbers of the whole place: only what everyone may see."""
    return await cast(Numbers, current_app.extensions["numbers"]).get(_count)


@statistics.get("/accounts/<name:username>/years")
@public
@gives(YearList, page="statistics/years.html", fragment="years")
async def list_years(username: str) -> YearList:
    """The years in which a person finished books, as far as you may see."""
    async with reading() as db:
        return await queries.list_years(db, actor(), username)


@statistics.get("/accounts/<name:username>/years/<id:year>")
@public
@gives(YearShown, page="statistics/year.html", fragment="year")
async def show_year(username: str, year: int) -> YearShown:
    """A person's year in numbers, as far as you may see it."""
    async with reading() as db:
        return await year_queries.show_year(db, actor(), username, year)


@statistics.put("/accounts/<name:username>/goals/<id:year>")
@statistics.post("/accounts/<name:username>/goals/<id:year>")
@signed_in
@takes(SetGoal, form="statistics/year.html", block="goal", of=_year)
@gives(YearShown, page="statistics/year.html", fragment="goal")
async def set_goal(username: str, year: int, command: SetGoal) -> Updated:
    """Mean to finish so many books in a year."""
    async with writing() as db:
        await actions.set_goal(db, _own(username), year, command)
        shown = await year_queries.show_year(db, actor(), username, year)
    flash(f"You mean to read {rules.counted(command.books)} in {year}.")
    return Updated(shown, at=shown.url)


@statistics.delete("/accounts/<name:username>/goals/<id:year>")
@statistics.post("/accounts/<name:username>/goals/<id:year>/delete")
@signed_in
@gives(YearShown, page="statistics/year.html", fragment="goal")
async def drop_goal(username: str, year: int) -> Updated:
    """Have no goal for a year any more."""
    async with writing() as db:
        await actions.drop_goal(db, _own(username), year)
        shown = await year_queries.show_year(db, actor(), username, year)
    flash(f"No goal for {year} any more.")
    return Updated(shown, at=shown.url)
