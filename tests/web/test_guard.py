"""What holds for every request, whoever answers it."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from bookapp.app import create_app
from bookapp.config import Settings
from bookapp.web import limits
from bookapp.web.application import Application
from bookapp.web.client import Proxies, is_address
from bookapp.web.facts import parse_cookies, read_preferences
from bookapp.web.hosts import HostCheck
from tests.clients import Browser
from tests.web.asgi import ask

GOOD = ["localhost", "LOCALHOST", "localhost:8000", "127.0.0.1", "127.0.0.1:8000", "[::1]", "[::1]:8000", "192.0.2.7"]
EVIL = [
    "evil.example",
    "localhost.evil.example",
    "localhost@evil.example",
    "evil.example:80",
    "",
    "localhost:99999999",
    "localhost, evil.example",
    "localhost\tx",
    "[::1",
    "http://localhost",
    "[::1]evil",
    "a" * 300,
]


@pytest.mark.parametrize("host", GOOD)
async def test_our_own_names_are_served(sqlite_app: Application, host: str) -> None:
    assert (await ask(sqlite_app, path="/healthz", host=host)).status == 200


@pytest.mark.parametrize("host", [*EVIL, None])
async def test_any_other_host_is_refused(sqlite_app: Application, host: str | None) -> None:
    assert (await ask(sqlite_app, path="/healthz", host=host)).status == 400


async def test_two_hosts_are_refused(sqlite_app: Application) -> None:
    answer = await ask(sqlite_app, path="/healthz", more_headers=[(b"host", b"localhost")])
    assert answer.status == 400


def test_with_a_base_url_only_that_name_counts() -> None:
    check = HostCheck(Settings(BOOKAPP_BASE_URL="https://books.example", BOOKAPP_ALLOWED_HOSTS="shelf.lan"))
    for host in ("books.example", "Books.Example:443", "shelf.lan", "localhost", "127.0.0.1:8000"):
        assert check.allows(host)
        assert check.allows(host), "remembered"
    for host in ("192.0.2.7", "books.example.evil", "other.lan"):
        assert not check.allows(host)


def test_what_a_host_check_remembers_is_bounded() -> None:
    check = HostCheck(Settings())
    for number in range(1500):
        assert not check.allows(f"evil{number}.example")
    assert len(check._known) <= 1000


@pytest.mark.parametrize("path", ["?a=b", "", "*", "http://localhost/books", "http://[::1", "localhost:443", "books"])
async def test_a_target_begins_with_a_slash(sqlite_app: Application, path: str) -> None:
    assert (await ask(sqlite_app, path=path)).status == 400


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "PROPFIND", "get", "X" * 300])
@pytest.mark.parametrize("path", ["/", "/books", "/nowhere"])
async def test_methods_that_nobody_takes_are_refused(sqlite_app: Application, method: str, path: str) -> None:
    answer = await ask(sqlite_app, method, path)
    assert answer.status == 405
    assert "GET" in answer.headers["allow"]


async def test_connect_to_an_authority_is_refused(sqlite_app: Application) -> None:
    assert (await ask(sqlite_app, "CONNECT", "example.org:443")).status in (400, 405)


async def test_long_targets_and_headers_are_refused(sqlite_app: Application) -> None:
    assert (await ask(sqlite_app, path="/" + "a" * limits.TARGET)).status == 414
    assert (await ask(sqlite_app, path="/books", query=b"q=" + b"a" * limits.TARGET)).status == 414
    assert (await ask(sqlite_app, path="/books", query=b"q=" + b"a" * 900)).status == 200
    assert (await ask(sqlite_app, headers={"X-Long": "a" * limits.HEADERS})).status == 431
    assert (await ask(sqlite_app, more_headers=[(b"x-many", b"1")] * limits.HEADER_COUNT)).status == 431


async def test_a_refusal_leaves_the_process_alive(sqlite_app: Application) -> None:
    """Quart asks for more of a body until it has to wait; a refusal that always gave some would stop everybody."""
    async with asyncio.timeout(5):
        refused = [ask(sqlite_app, host="evil.example") for _ in range(20)]
        assert {answer.status for answer in await asyncio.gather(*refused)} == {400}
    assert (await ask(sqlite_app, path="/healthz")).status == 200


@pytest.mark.parametrize(
    "number",
    [
        "0",
        "-1",
        "+1",
        "01",
        "1.0",
        "1e3",
        "٣",
        "３",
        "²",
        "99999999999999999999",
        "9223372036854775808",
        "1" * 400,
        "NaN",
        "%31%30",
        " 1",
        "1%00",
    ],
)
@pytest.mark.parametrize("form", ["json", "page", "fragment"])
async def test_a_strange_id_is_not_found(sqlite_client: Browser, number: str, form: str) -> None:
    assert (await sqlite_client.get(f"/books/{number}", form)).status == 404
    assert (await sqlite_client.ask("DELETE", f"/books/{number}", form)).status in (404, 405)


@pytest.mark.parametrize(
    "path",
    ["/accounts/{}", "/accounts/{}/shelves", "/accounts/alice/shelves/{}", "/accounts/alice/shelves/{}/edit"],
)
@pytest.mark.parametrize("name", ["%00", "%ED%A0%80", "%FF", "a%00b", "-", "read.txt%20", "x" * 21 + ".", "%0a"])
async def test_what_is_no_name_is_no_address(sqlite_client: Browser, path: str, name: str) -> None:
    for method in ("GET", "DELETE", "PUT"):
        assert (await sqlite_client.ask(method, path.format(name))).status == 404


async def test_the_largest_id_is_only_absent(client: Browser) -> None:
    for number in (2**63 - 1, 2**31, 2**53 + 1):
        assert (await client.get(f"/books/{number}")).status == 404
        assert (await client.get(f"/authors/{number}")).status == 404
    assert (await client.get(f"/books/{2**63}")).status == 404


async def test_head_is_get_without_a_body(sqlite_app: Application) -> None:
    for path in ("/", "/books", "/about", "/static/css/app.css"):
        get, head = await ask(sqlite_app, path=path), await ask(sqlite_app, "HEAD", path)
        assert head.status == get.status == 200
        assert head.headers["content-type"] == get.headers["content-type"]


async def test_head_of_the_table_makes_no_table(sqlite_client: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    async def rows(*_args: Any) -> Any:
        pytest.fail("a HEAD request made the rows")
        yield b""

    monkeypatch.setattr("bookapp.books.export.rows", rows)
    answer = await sqlite_client.ask("HEAD", "/books.csv")
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.body == b""


async def test_options_says_what_an_address_takes(sqlite_client: Browser) -> None:
    answer = await sqlite_client.ask("OPTIONS", "/books")
    assert answer.status == 200
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS", "POST"}


@pytest.mark.parametrize("form", ["page", "fragment", "json"])
async def test_a_wrong_method_names_the_right_ones(sqlite_client: Browser, form: str) -> None:
    answer = await sqlite_client.ask("DELETE", "/books", form)
    assert answer.status == 405
    assert {"GET", "POST"} <= set(answer.headers["Allow"].split(", "))
    answer = await sqlite_client.ask("PUT", "/about", form)
    assert answer.status == 405
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}


async def test_a_handler_for_everything_leaves_not_found_alone(sqlite_client: Browser) -> None:
    assert (await sqlite_client.get("/nowhere")).json["title"] == "Not found"


async def test_a_handler_that_takes_too_long_is_stopped(
    sqlite_client: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped = asyncio.Event()

    async def slow(*_args: Any) -> None:
        try:
            await asyncio.sleep(30)
        finally:
            stopped.set()

    monkeypatch.setattr(limits, "HANDLER_SECONDS", 0.1)
    monkeypatch.setattr("bookapp.books.queries.list_books", slow)
    for form in ("json", "page", "fragment"):
        answer = await sqlite_client.get("/books", form)
        assert answer.status == 503
        assert answer.headers["Retry-After"]
    assert stopped.is_set()
    assert (await sqlite_client.get("/about")).status == 200


async def test_a_stream_may_take_longer_than_a_handler(sqlite_client: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    async def rows(*_args: Any) -> Any:
        for _ in range(4):
            yield b"row\n"
            await asyncio.sleep(0.1)

    monkeypatch.setattr(limits, "HANDLER_SECONDS", 0.2)
    monkeypatch.setattr("bookapp.books.export.rows", rows)
    assert (await sqlite_client.get("/books.csv")).body == b"row\n" * 4


async def test_an_error_on_the_error_page_is_still_answered(
    sqlite_client: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_args: Any, **_kw: Any) -> str:
        raise ValueError("the error page is broken")

    monkeypatch.setattr("bookapp.web.templates.Templates.page", broken)
    told = await ask(sqlite_client.app, path="/nowhere", headers={"Accept": "text/html"})
    assert told.status == 500
    assert told.headers["content-type"] == "application/problem+json"
    assert told.json["status"] == 500
    assert told.headers["x-content-type-options"] == "nosniff"


async def test_a_stream_that_breaks_is_not_answered_twice(
    sqlite_client: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def rows(*_args: Any) -> Any:
        yield b"id\n"
        raise RuntimeError("in the middle")

    monkeypatch.setattr("bookapp.books.export.rows", rows)
    told = await ask(sqlite_client.app, path="/books.csv")
    assert told.status == 200
    assert b"Something went wrong" not in told.body


async def test_websockets_are_closed_at_once(sqlite_app: Application) -> None:
    told: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "websocket.connect"}

    async def send(message: dict[str, Any]) -> None:
        told.append(message)

    await sqlite_app({"type": "websocket", "path": "/", "headers": []}, receive, send)  # type: ignore[arg-type]
    assert told == [{"type": "websocket.close", "code": 1008}]


PEERS: list[tuple[tuple[str, ...], str, str | None, str, bool]] = [
    ((), "192.0.2.1", "203.0.113.9", "192.0.2.1", False),
    (("10.0.0.0/8",), "192.0.2.1", "203.0.113.9", "192.0.2.1", False),
    (("10.0.0.0/8",), "10.0.0.1", "203.0.113.9", "203.0.113.9", True),
    (("10.0.0.0/8",), "10.0.0.1", "198.51.100.1, 203.0.113.9", "203.0.113.9", True),
    (("10.0.0.0/8",), "10.0.0.1", "203.0.113.9, 10.0.0.2", "203.0.113.9", True),
    (("10.0.0.0/8",), "10.0.0.1", "forged, 10.0.0.2", "10.0.0.2", True),
    (("10.0.0.0/8",), "10.0.0.1", "<script>", "10.0.0.1", True),
    (("10.0.0.0/8",), "10.0.0.1", None, "10.0.0.1", True),
    (("::1",), "::1", "2001:db8::7", "2001:db8::7", True),
    (("10.0.0.0/8",), "local", "203.0.113.9", "local", False),
]


@pytest.mark.parametrize(("trusted", "peer", "told", "client", "secure"), PEERS)
def test_only_a_trusted_proxy_names_the_client(
    trusted: tuple[str, ...], peer: str, told: str | None, client: str, secure: bool
) -> None:
    headers = {"x-forwarded-proto": "https"} | ({} if told is None else {"x-forwarded-for": told})
    assert Proxies(trusted).see(peer, "http", headers.get) == (client, secure)


def test_an_address_is_an_address() -> None:
    assert is_address("192.0.2.1")
    assert is_address("::1")
    assert not is_address("books.example")


def _operator(folder: Path) -> Application:
    settings = Settings(data_dir=folder, secret_key="k" * 32, BOOKAPP_METRICS_TOKEN="t" * 20)
    return create_app(settings)


async def test_metrics_are_for_operators(sqlite_app: Application) -> None:
    assert (await ask(sqlite_app, path="/metrics", client="127.0.0.1")).status == 200
    assert (await ask(sqlite_app, path="/metrics", client="::1")).status == 200
    assert (await ask(sqlite_app, path="/metrics", client="192.0.2.1")).status == 401
    for name in ("Forwarded", "X-Forwarded-For", "X-Real-IP"):
        assert (await ask(sqlite_app, path="/metrics", headers={name: "192.0.2.1"})).status == 401


async def test_an_operator_from_elsewhere_brings_the_token(tmp_path: Path) -> None:
    app = _operator(tmp_path)
    async with app.test_app():
        for bearer, status in (("t" * 20, 200), ("wrong", 401), ("", 401), ("é", 401)):
            headers = {"Authorization": f"Bearer {bearer}"}
            assert (await ask(app, path="/metrics", client="192.0.2.1", headers=headers)).status == status


async def test_metrics_count_what_was_asked(sqlite_app: Application) -> None:
    await ask(sqlite_app, path="/about")
    await ask(sqlite_app, "BREW", "/coffee")
    text = (await ask(sqlite_app, path="/metrics")).body.decode()
    assert 'bookapp_requests_total{endpoint="system.about",method="GET",status="200"}' in text
    assert 'method="other"' in text
    assert "BREW" not in text


def test_cookies_are_read_leniently() -> None:
    assert parse_cookies('a=1; b="2";c; a=3') == {"a": "1", "b": "2"}
    assert len(parse_cookies(";".join(f"c{n}=1" for n in range(200)))) <= 60
    assert read_preferences({"bookapp_theme": "dark", "bookapp_view": "nonsense"}).view == "wall"
