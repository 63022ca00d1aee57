"""Which of the three answers a request gets: the table of the contract."""

import pytest

from bookapp.web.negotiate import wanted
from tests.clients import Browser

HX = {"HX-Request": "true", "Accept": "*/*"}
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
TABLE: list[tuple[dict[str, str], str]] = [
    (HX, "fragment"),
    (HX | {"Accept": BROWSER}, "fragment"),
    (HX | {"Accept": "application/json"}, "fragment"),
    (HX | {"HX-Request-Type": "partial"}, "fragment"),
    (HX | {"HX-Boosted": "false"}, "fragment"),
    (HX | {"Authorization": "Bearer x"}, "fragment"),
    (HX | {"HX-Request-Type": "full"}, "page"),
    (HX | {"HX-Boosted": "true"}, "page"),
    (HX | {"HX-History-Restore-Request": "true"}, "page"),
    ({"HX-Request": "false", "Accept": BROWSER}, "page"),
    ({"HX-Request": "yes", "Accept": "*/*"}, "json"),
    ({"HX-Boosted": "true"}, "json"),
    ({"Authorization": "Bearer x", "Accept": BROWSER}, "json"),
    ({"Authorization": "bearer x", "Accept": BROWSER}, "json"),
    ({"Authorization": "Basic eDp5", "Accept": BROWSER}, "page"),
    ({"Accept": BROWSER}, "page"),
    ({"Accept": "text/html"}, "page"),
    ({"Accept": "TEXT/HTML"}, "page"),
    ({"Accept": "text/html;charset=utf-8"}, "page"),
    ({"Accept": "application/json"}, "json"),
    ({"Accept": "application/json, text/html"}, "json"),
    ({"Accept": "text/html, application/json"}, "page"),
    ({"Accept": "text/html;q=0.4, application/json;q=0.9"}, "json"),
    ({"Accept": "application/json;q=0.4, text/html;q=0.9"}, "page"),
    ({"Accept": "text/html;q=0"}, "json"),
    ({"Accept": "text/html;q=bad"}, "json"),
    ({"Accept": "text/html;level=1;q=0.7, application/json;q=0.6"}, "page"),
    ({"Accept": "*/*"}, "json"),
    ({"Accept": ""}, "json"),
    ({}, "json"),
    ({"Accept": "image/png"}, "json"),
    ({"Accept": ",".join(["a/b"] * 60) + ",text/html"}, "json"),
]


@pytest.mark.parametrize(("headers", "form"), TABLE)
def test_the_first_rule_that_fits_wins(headers: dict[str, str], form: str) -> None:
    lower = {name.lower(): value for name, value in headers.items()}
    assert wanted(lower.get, False) == form


@pytest.mark.parametrize(("headers", "form"), TABLE)
def test_the_api_door_is_json_unless_htmx_asks(headers: dict[str, str], form: str) -> None:
    lower = {name.lower(): value for name, value in headers.items()}
    assert wanted(lower.get, True) == (form if headers.get("HX-Request") == "true" else "json")


@pytest.mark.parametrize(("headers", "form"), TABLE)
async def test_the_whole_application_says_the_same(sqlite_client: Browser, headers: dict[str, str], form: str) -> None:
    answer = await sqlite_client.get("/about", headers={"Accept": "", **headers})
    got = (
        "json"
        if answer.headers["Content-Type"] in ("application/json", "application/problem+json")  # no such token
        else "page"
        if b"<html" in answer.body
        else "fragment"
    )
    assert got == form
    assert {"HX-Request", "Accept", "Cookie"} <= set(answer.headers["Vary"].split(", "))


async def test_a_path_that_only_looks_like_the_api_door_is_none(sqlite_client: Browser) -> None:
    answer = await sqlite_client.get("/api/v1x", "page")
    assert answer.status == 404
    assert b"<html" in answer.body


async def test_the_api_door_alone_is_the_list_of_routes(sqlite_client: Browser) -> None:
    for path in ("/api/v1", "/api/v1/"):
        assert "routes" in (await sqlite_client.get(path, "page")).json
