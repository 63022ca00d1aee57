"""Other sites cannot make a browser change something: Go's table of Sec-Fetch-Site and Origin."""

import pytest

from bookapp.config import Settings
from bookapp.web.csrf import is_forged
from tests.clients import Browser
from tests.house.plan import WRITES, Route

SITES = {None: None, "same-origin": False, "none": False, "same-site": True, "cross-site": True, "": True}
ORIGINS = {
    None: False,
    "http://localhost": False,
    "https://localhost": False,
    "https://evil.example": True,
    "http://localhost:9": True,
    "null": True,
    "http://[": True,
    "": True,
}


@pytest.mark.parametrize("site", list(SITES))
@pytest.mark.parametrize("origin", list(ORIGINS))
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_a_browser_that_says_where_it_comes_from_is_believed(method: str, origin: str | None, site: str | None) -> None:
    headers = {"host": "localhost"}
    if site is not None:
        headers["sec-fetch-site"] = site
    if origin is not None:
        headers["origin"] = origin
    refused = SITES[site] if SITES[site] is not None else ORIGINS[origin]
    assert is_forged(method, headers.get, "") == refused
    assert not is_forged("GET", headers.get, "")
    assert not is_forged("HEAD", headers.get, "")
    assert not is_forged(method, (headers | {"authorization": "Bearer x"}).get, "")


def test_the_base_url_counts_when_a_proxy_changed_the_host() -> None:
    headers = {"host": "127.0.0.1:8000", "origin": "https://books.example"}
    assert is_forged("POST", headers.get, "")
    assert not is_forged("POST", headers.get, "https://books.example")


@pytest.mark.parametrize("route", WRITES, ids=lambda route: route.name)
async def test_no_write_is_missed(sqlite_client: Browser, route: Route) -> None:
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}):
        answer = await sqlite_client.ask(route.method, route.path(), "json", headers=headers)
        assert answer.status == 403, route.name


async def test_a_refused_write_changes_nothing(sqlite_client: Browser) -> None:
    body = {"title": "Forged", "author": "Mallory"}
    answer = await sqlite_client.post("/books", data=body, headers={"Origin": "https://evil.example"})
    assert answer.status == 403
    assert (await sqlite_client.get("/books")).json["books"] == []


async def test_our_own_page_may(sqlite_client: Browser) -> None:
    body = {"title": "Emma", "author": "Jane Austen"}
    headers = {"Sec-Fetch-Site": "same-origin", "Origin": "http://localhost"}
    assert (await sqlite_client.post("/books", data=body, headers=headers)).status == 201


def test_the_settings_know_the_base_url() -> None:
    assert Settings(BOOKAPP_BASE_URL="https://Books.Example/").base_url == "https://books.example"
