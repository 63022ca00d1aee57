"""Every route says who may enter, what it takes and what it gives."""

import inspect
import re
from typing import get_args

import pytest

from bookapp.web.auth import Who
from tests.house.plan import PAGES, PLAN, READS, ROUTES, WRITES, Route, names, needs

DOORS = {"accounts.create", "accounts.login", "accounts.logout", "factors.enter_code", "system.choose"} | {
    "resets.create",
    "resets.update",
}
"""What a guest may send: coming in, going out, and the look of pages."""
BY_ADDRESS = {"own_shelves.put_on"}
"""What is put there, and where, the address says by itself."""
OF_READERS = {
    "shelves.put_on_shelf", "shelves.take_off_shelf", "shelves.rate", "shelves.unrate", "shelves.update",
    "shelves.update_detail",
    "reviews.write", "reviews.remove", "readings.create", "readings.update", "readings.remove",
    "readings.note_progress", "quotes.create", "quotes.update", "quotes.remove",
    "advice.update", "advice.remove", "pairs.create",
}  # fmt: skip
"""What a reader says about a book, at its address: that changes no book."""
FOR_EVERYBODY = {
    "person_pages.show", "own_shelves.index", "own_shelves.show", "reviews.index_of", "lists.calendar",
    "feeds.person", "feeds.shelf", "statistics.list_years", "statistics.show_year",
}  # fmt: skip
"""A profile and a year that their viewer may see, and a calendar at a secret address."""

ALIASES = [
    ("POST", "/submit", "POST", "/books"),
    ("GET", "/get-edit-form/<id:book_id>", "GET", "/books/<id:book_id>/edit"),
    ("GET", "/get-book-row/<id:book_id>", "GET", "/books/<id:book_id>/row"),
    ("PUT", "/update/<id:book_id>", "PUT", "/books/<id:book_id>"),
    ("DELETE", "/delete/<id:book_id>", "DELETE", "/books/<id:book_id>"),
    ("POST", "/books/<id:book_id>/edit", "PATCH", "/books/<id:book_id>"),
    ("POST", "/books/<id:book_id>/edit", "PUT", "/books/<id:book_id>"),
    ("POST", "/books/<id:book_id>/delete", "DELETE", "/books/<id:book_id>"),
    ("POST", "/authors/<id:author_id>/edit", "PUT", "/authors/<id:author_id>"),
    ("POST", "/register", "POST", "/accounts"),
    ("POST", "/login", "POST", "/accounts/login"),
    ("PATCH", "/authors/<id:author_id>", "PUT", "/authors/<id:author_id>"),
]


def _templates() -> object:
    return PLAN.extensions["templates"].env


def _blocks(template: str) -> set[str]:
    return set(PLAN.extensions["templates"].env.get_template(template).blocks)


@pytest.mark.parametrize("route", ROUTES, ids=names(ROUTES))
def test_it_says_who_may_enter(route: Route) -> None:
    assert route.handler.who in get_args(Who)


@pytest.mark.parametrize("route", [r for r in WRITES if r.handler.who == "public"], ids=lambda r: r.name)
def test_guests_change_nothing_but_who_they_are(route: Route) -> None:
    assert route.endpoint in DOORS


@pytest.mark.parametrize(
    "route", [r for r in WRITES if r.rule.startswith(("/books", "/authors"))], ids=lambda r: r.name
)
def test_only_editors_change_the_catalogue(route: Route) -> None:
    assert route.handler.who == ("signed in" if route.endpoint in OF_READERS else "editors")


@pytest.mark.parametrize("route", [r for r in ROUTES if "<name:" in r.rule], ids=lambda r: r.name)
def test_what_is_a_persons_is_for_people(route: Route) -> None:
    assert route.handler.who == "signed in" or route.endpoint in FOR_EVERYBODY


@pytest.mark.parametrize("route", ROUTES, ids=names(ROUTES))
def test_it_says_what_it_gives(route: Route) -> None:
    gives, streams = hasattr(route.handler, "gives"), hasattr(route.handler, "streams")
    assert gives != streams, "exactly one of @gives and @streams"


@pytest.mark.parametrize("route", ROUTES, ids=names(ROUTES))
def test_its_page_has_the_block_that_travels(route: Route) -> None:
    declared = getattr(route.handler, "gives", None)
    if declared is not None:
        assert declared.fragment in _blocks(declared.page)


@pytest.mark.parametrize("route", WRITES, ids=names(WRITES))
def test_a_write_says_what_it_takes(route: Route) -> None:
    takes, takes_file = hasattr(route.handler, "takes"), hasattr(route.handler, "takes_file")
    assert not (takes and takes_file)
    assert takes == needs(route, "command")
    if route.method in ("PUT", "PATCH") and route.endpoint not in BY_ADDRESS:
        assert takes or takes_file


@pytest.mark.parametrize("route", READS, ids=names(READS))
def test_a_read_takes_no_body(route: Route) -> None:
    assert not hasattr(route.handler, "takes")
    assert not hasattr(route.handler, "takes_file")
    assert hasattr(route.handler, "asks") == needs(route, "question")


@pytest.mark.parametrize("route", WRITES, ids=names(WRITES))
def test_a_form_that_comes_back_has_its_block(route: Route) -> None:
    takes = getattr(route.handler, "takes", None)
    if takes is None:
        return
    if takes.form is not None:
        assert takes.block in _blocks(takes.form)
    if takes.conflict is not None:
        assert "conflict" in _blocks(takes.conflict)


@pytest.mark.parametrize("route", WRITES, ids=names(WRITES))
def test_nothing_that_is_kept_for_everybody_writes(route: Route) -> None:
    declared = getattr(route.handler, "gives", None)
    assert declared is None or not declared.shared


@pytest.mark.parametrize("route", ROUTES, ids=names(ROUTES))
def test_it_is_described_in_a_sentence(route: Route) -> None:
    first = (inspect.getdoc(route.handler) or "").split("\n")[0]
    assert first.endswith(".")


@pytest.mark.parametrize("route", ROUTES, ids=names(ROUTES))
def test_ids_are_ids_and_nothing_else_is_variable(route: Route) -> None:
    assert "<" not in re.sub(r"<id:|<name:username>|<slug:shelf>|<isbn:isbn>", "", route.rule)
    assert not route.rule.endswith("/") or route.rule == "/"


@pytest.mark.parametrize(("method", "alias", "real_method", "rule"), ALIASES)
def test_an_old_address_names_the_same_handler(method: str, alias: str, real_method: str, rule: str) -> None:
    handlers = {(r.method, r.rule): r.endpoint for r in ROUTES}
    assert handlers[method, alias] == handlers[real_method, rule]


def test_there_are_routes_at_all() -> None:
    assert len(ROUTES) > 35
    assert len(PAGES) > 12
