"""Everybody is let in where they may, and nowhere else: each route as each role, each change from each site."""

import pytest

from bookapp.web.application import Application
from bookapp.web.parse import field_names
from tests.clients import Browser
from tests.house import matrix
from tests.house.plan import ROUTES, WRITES, Route
from tests.house.stage import body_of

TABLES = (
    matrix.OPEN,
    matrix.TOWARDS,
    matrix.BY_KEY,
    matrix.AFTER_PASSWORD,
    matrix.ENDS_TOKENS,
    matrix.PERSONAL,
    matrix.SHARED,
)


async def test_each_role_enters_what_it_may(app: Application) -> None:
    count = await matrix.ask_everybody(app)
    print(f"who may enter: {count.cells} cells, {len(count.surprises)} surprises")
    assert count.surprises == []
    assert count.cells >= len(ROUTES) * len(matrix.ROLES)


async def test_no_other_site_changes_anything(sqlite_app: Application) -> None:
    count = await matrix.ask_from_everywhere(sqlite_app)
    print(f"from which site: {count.cells} cells, {len(count.surprises)} surprises")
    assert count.surprises == []
    assert count.cells >= len(WRITES) * 20


@pytest.mark.parametrize(
    ("rule", "who"),
    [("/shelves/<id:shelf_id>", "signed in"), ("/accounts/<name:username>/shelf", "public"), ("/x", "nobody")],
)
def test_a_route_that_nobody_thought_about_is_a_surprise(rule: str, who: str) -> None:
    def handler() -> None: ...

    handler.who = who  # type: ignore[attr-defined]  # as the decorators do
    with pytest.raises(LookupError, match=r"no row|knows nothing"):
        matrix.expected(Route("GET", rule, "nooks.show", handler), "other member")


@pytest.mark.parametrize("endpoint", sorted(set().union(*TABLES)))
def test_a_row_is_about_a_route(endpoint: str) -> None:
    assert endpoint in {route.endpoint for route in ROUTES}


async def test_no_change_takes_more_than_it_says(sqlite_app: Application) -> None:
    stage = matrix.Stage(sqlite_app)
    await stage.set()
    columns = {column.name for table in stage.before for column in table.columns}
    for route in WRITES:
        if not hasattr(route.handler, "takes"):
            continue
        extra = dict.fromkeys(columns - field_names(route.handler.takes.kind), 1)
        role = "administrator" if route.handler.who == "admins" else "owner"
        sent = body_of(route, b"")
        more = sent | {"json": sent["json"] | extra, "headers": sent["headers"] | matrix.ROLES[role]}
        answer = await Browser(sqlite_app).ask(route.method, matrix.path_of(route), "json", **more)
        assert (answer.status, set(extra) - set(answer.json["errors"])) == (422, set()), route.name
    assert await stage.is_untouched()
