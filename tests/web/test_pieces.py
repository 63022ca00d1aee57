"""Cookies, messages, the way back, static files and the log."""

import asyncio
import io
import json
import logging
from typing import Any

import pytest

from bookapp.app import create_app
from bookapp.config import Settings
from bookapp.web import flash, log, messages, static
from bookapp.web.application import Application
from bookapp.web.lines import Lines
from tests.clients import Browser
from tests.web.asgi import ask

BOOK = {"title": "Emma", "author": "Jane Austen"}


async def test_a_page_that_goes_on_leaves_a_message_that_is_shown_once(sqlite_client: Browser) -> None:
    answer = await sqlite_client.post("/books", "page", data=BOOK)
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("bookapp_flash=")
    for flag in ("HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=300"):
        assert flag in cookie
    page = await sqlite_client.get(answer.headers["Location"], "page")
    assert "Added Emma." in page.text
    assert page.headers["Cache-Control"].startswith("private")
    assert "Max-Age=0" in page.headers["Set-Cookie"]
    assert "Added Emma." not in (await sqlite_client.get(answer.headers["Location"], "page")).text


async def test_a_message_with_a_way_back(sqlite_client: Browser) -> None:
    await sqlite_client.post("/books", json=BOOK)
    answer = await sqlite_client.post("/books/1/delete", "page")
    page = await sqlite_client.get(answer.headers["Location"], "page")
    assert "Deleted Emma." in page.text
    assert 'action="/books/1/restoration"' in page.text


async def test_htmx_hears_at_once_in_ascii(sqlite_client: Browser) -> None:
    answer = await sqlite_client.post("/books", "fragment", data={"title": "Émile — 語", "author": "R"})
    told = answer.headers["HX-Trigger"]
    assert told.isascii()
    events = json.loads(told)
    assert events["toast"]["text"] == "Added Émile — 語."
    assert "books-changed" in events
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("value", ["", "x", "x.y.z", "W10.x.y", '"', "é"])
async def test_a_forged_message_is_no_message(sqlite_client: Browser, value: str) -> None:
    answer = await ask(
        sqlite_client.app, path="/about", headers={"Cookie": f"bookapp_flash={value}", "Accept": "text/html"}
    )
    assert answer.status == 200
    assert b'class="toast" data-kind' not in answer.body


async def test_a_message_of_another_release_is_left_alone(sqlite_client: Browser) -> None:
    from itsdangerous import URLSafeTimedSerializer

    value = URLSafeTimedSerializer(b"k" * 32, salt="flash").dumps([{"unknown": 1}])
    value = value if isinstance(value, str) else value.decode()
    answer = await sqlite_client.get("/about", "page", headers={"Cookie": f"bookapp_flash={value}"})
    assert answer.status == 200


async def test_cookies_are_secure_behind_https(tmp_path: Any) -> None:
    app = create_app(Settings(data_dir=tmp_path, secret_key="k" * 32, BOOKAPP_TRUSTED_PROXIES="127.0.0.1"))
    async with app.test_app():
        for proto, secure in (("https", True), ("http", False)):
            answer = await ask(
                app,
                "POST",
                "/preferences",
                headers={"Content-Type": "application/json", "X-Forwarded-Proto": proto},
                chunks=[b'{"theme": "dark"}'],
            )
            assert answer.status == 200
            assert ("Secure" in answer.headers["set-cookie"]) == secure


async def test_the_look_is_remembered(sqlite_client: Browser) -> None:
    answer = await sqlite_client.post("/preferences", "page", data={"theme": "dark", "view": "table"})
    assert answer.status == 303
    cookies = answer.headers.getlist("Set-Cookie")
    assert len(cookies) == 2
    assert all("SameSite=Lax" in cookie and "Path=/" in cookie for cookie in cookies)
    assert 'data-theme="dark"' in (await sqlite_client.get("/books", "page")).text
    told = await sqlite_client.post("/preferences", "fragment", data={"theme": "light"})
    assert told.headers["HX-Refresh"] == "true"
    assert (await sqlite_client.post("/preferences", json={"theme": "light"})).json == {
        "theme": "light",
        "view": "table",
    }
    assert (await sqlite_client.post("/preferences", json={"theme": "pink"})).status == 422


@pytest.mark.parametrize(
    ("referer", "target"),
    [
        ("http://localhost/books?q=a&sort=title", "/books?q=a&sort=title"),
        ("http://localhost/", "/"),
        ("", "/"),
        ("https://evil.example/books", "/"),
        ("http://localhost.evil.example/", "/"),
        ("http://localhost@evil.example/", "/"),
        ("//evil.example/", "/"),
        ("http://localhost//evil.example/", "/"),
        ("http://localhost/\\evil.example", "/"),
        ("http://localhost/a%0d%0aSet-Cookie:%20x=1", "/a%0d%0aSet-Cookie:%20x=1"),
        ("http://localhost/a\x0bb", "/"),
        ("http://localhost/a\tb", "/ab"),
        ("javascript:alert(1)", "/"),
        ("http://[::1", "/"),
        ("http://localhost/\xe9", "/"),
        ("/books", "/"),
    ],
)
async def test_the_way_back_stays_in_the_house(sqlite_app: Application, referer: str, target: str) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "text/html", "Referer": referer}
    answer = await ask(sqlite_app, "POST", "/preferences", headers=headers, chunks=[b"theme=dark"])
    assert answer.status == 303
    assert answer.headers["location"] in (target, "/")
    assert "x=1" not in answer.headers["set-cookie"]


@pytest.mark.parametrize(
    "path",
    [
        "/static/../config.py",
        "/static/%2e%2e/config.py",
        "/static/..%2fconfig.py",
        "/static//etc/passwd",
        "/static/" + "a" * 300,
        "/static/" + "a/" * 300,
        "/static/css/",
        "/static/",
        "/static/css/app.css/",
        "/static/css/app.css\x00",
        "/static/CSS/app.css",
    ],
)
async def test_only_files_of_the_manifest_are_served(sqlite_app: Application, path: str) -> None:
    answer = await ask(sqlite_app, path=path)
    assert answer.status in (404, 200)
    if answer.status == 200:
        assert path == "/static/css/app.css/", path
        assert answer.headers["content-type"].startswith("text/css")


async def test_a_file_may_be_kept_for_ever_under_its_digest(sqlite_app: Application) -> None:
    url = sqlite_app.extensions["templates"].env.globals["static"]("css/app.css")
    answer = await ask(sqlite_app, path=url)
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert (await ask(sqlite_app, path="/static/css/app.css")).headers["cache-control"] == "public, max-age=300"
    packed = await ask(sqlite_app, path=url, headers={"Accept-Encoding": "br, gzip"})
    assert packed.headers["content-encoding"] == "gzip"
    assert len(packed.body) < len(answer.body)
    assert packed.headers["etag"] != answer.headers["etag"]
    known = await ask(sqlite_app, path=url, headers={"If-None-Match": answer.headers["etag"]})
    assert known.status == 304
    assert known.body == b""
    head = await ask(sqlite_app, "HEAD", url)
    assert head.body == b""
    assert head.headers["content-length"] == str(len(answer.body))
    assert (await ask(sqlite_app, "POST", url)).status in (404, 405)


def test_a_typing_error_in_a_template_is_noticed(tmp_path: Any) -> None:
    (tmp_path / "a.css").write_text("a")
    (tmp_path / "strange.unknown-kind").write_bytes(b"\x00")
    files = static.StaticFiles(tmp_path)
    assert files.url("a.css").endswith("/a.css")
    with pytest.raises(KeyError):
        files.url("b.css")
    answer = files.answer("/static/strange.unknown-kind", {})
    assert answer is not None
    assert dict(answer.headers)[b"content-type"] == b"application/octet-stream"


async def test_a_request_is_one_line_of_json(sqlite_app: Application, capsys: pytest.CaptureFixture[str]) -> None:
    log.configure("info")
    capsys.readouterr()
    path = '/a\nb"c\u2028\x1b[31m/' + "x" * 400
    answer = await ask(sqlite_app, path=path, query=b"q=private")
    assert not capsys.readouterr().out  # it waits a moment for others
    log.flush()
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 1
    assert lines[0].isascii()
    told = json.loads(lines[0])
    assert told["path"] == path[:300]
    assert told["id"] == answer.headers["x-request-id"]
    assert told["status"] == 404
    assert told["client"] == "127.0.0.1"
    assert "private" not in lines[0]
    assert told["timestamp"].endswith("Z")


async def test_a_mistake_is_logged_whole_and_told_short(
    sqlite_app: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_args: object) -> None:
        raise RuntimeError("the whole story")

    monkeypatch.setattr("bookapp.books.queries.list_books", broken)
    quiet = Quiet()
    monkeypatch.setattr("bookapp.web.errors.log", quiet)
    answer = await ask(sqlite_app, path="/books")
    assert answer.status == 500
    assert "the whole story" not in answer.body.decode()
    assert quiet.heard == [("unexpected", answer.headers["x-request-id"], "the whole story")]


class Quiet:
    """A logger that remembers what it was told."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, str, str]] = []

    def error(self, event: str, *, id: str, exc_info: BaseException) -> None:  # noqa: A002  # structlog's name
        self.heard.append((event, id, str(exc_info)))


def test_words_of_libraries_are_passed_on(capsys: pytest.CaptureFixture[str]) -> None:
    log.configure("info")
    capsys.readouterr()
    log.configure("info")  # a second application in one process must not say everything twice
    logging.getLogger("hypercorn.error").warning("Running on %s", "here")
    logging.getLogger("asyncio").info("of no interest")
    logging.getLogger("asyncio").log(35, "a level of its own")
    try:
        raise ValueError("broken")
    except ValueError:
        logging.getLogger("bookapp.serve").exception("Broken")
    first, own, second = map(json.loads, capsys.readouterr().out.splitlines())
    assert first["event"] == "Running on here"
    assert own["level"] == "warning"
    assert second["level"] == "error"
    assert "broken" in json.dumps(second)


def test_a_message_is_a_sentence_for_a_person() -> None:
    given: list[tuple[dict[str, Any], str]] = [
        ({"type": "missing", "input": {}, "msg": ""}, "Please fill this in"),
        ({"type": "int_parsing", "input": "x", "msg": ""}, "Must be a whole number"),
        ({"type": "less_than_equal", "input": 9, "ctx": {"le": 5}, "msg": ""}, "Must be 5 or less"),
        ({"type": "value_error", "input": "x", "msg": "Value error, must be text"}, "Must be text"),
        ({"type": "new", "input": "x", "msg": ""}, ""),
        ({"type": "int_type", "input": None, "msg": ""}, "Please fill this in"),
    ]
    for problem, sentence in given:
        assert messages.message(problem) == sentence  # type: ignore[arg-type]  # the parts that are read


def test_an_event_header_is_ascii() -> None:
    assert flash.header({"toast": {"text": "é"}}).isascii()


def test_metrics_of_all_workers_meet(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from bookapp.web import metrics

    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))
    assert metrics.exposition() == b""


async def test_guests_may_be_kept_from_editing(sqlite_copies: Any, tmp_path: Any) -> None:
    url = await sqlite_copies.fresh()
    for choice, status in (("never", 401), ("always", 201), ("until-claimed", 201)):
        settings = Settings(database_url=url, data_dir=tmp_path, secret_key="k" * 32, BOOKAPP_GUEST_EDITS=choice)
        app = create_app(settings)
        async with app.test_app():
            client = Browser(app)
            answer = await client.post("/books", json=BOOK)
            assert answer.status == status
            page = await client.get("/books", "page")
            assert ("Add a book" in page.text) == (status == 201)


async def test_years_and_times_read_well() -> None:
    from datetime import UTC, datetime

    from tests.house.plan import PLAN

    filters = PLAN.extensions["templates"].env.filters
    when = datetime(2026, 3, 3, 14, 5, tzinfo=UTC)
    assert filters["day"](when) == "3 March 2026"
    assert filters["moment"](when) == "3 March 2026, 14:05 UTC"
    assert filters["year"](-720) == "720 BCE"
    assert filters["year"](1815) == "1815"
    assert filters["percent"](0.254) == "25%"
    assert filters["number"](12345) == "12,345"


async def test_lines_are_written_together_and_a_warning_at_once() -> None:
    file = Written()
    lines = Lines(file)
    lines.info("1" * 3000)
    lines.info("2" * 1000)
    lines.info("3" * 1000)
    assert not file.parts
    lines.warning("!")
    assert [len(part) for part in file.parts] == [4002, 1003]
    lines.info("4")
    await asyncio.sleep(0.1)
    assert file.parts[-1] == "4\n"


def test_without_a_loop_a_line_is_written_at_once() -> None:
    file = Written()
    Lines(file).info("a command's word")
    assert file.parts == ["a command's word\n"]


class Written(io.StringIO):
    """Remembers each write."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []

    def write(self, text: str) -> int:
        self.parts.append(text)
        return len(text)
