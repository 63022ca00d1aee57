"""Bodies that are too large, too slow or broken."""

import asyncio
import json
from typing import Any

import pytest

from bookapp.web import body, limits
from bookapp.web.application import Application
from tests.clients import Browser
from tests.web.asgi import FORM, JSON, ask

MULTIPART = {"Content-Type": "multipart/form-data; boundary=x", "Accept": "application/json"}


def _part(name: str, value: str) -> bytes:
    return f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()


@pytest.mark.parametrize(
    "headers",
    [JSON, FORM, MULTIPART, MULTIPART | {"Transfer-Encoding": "chunked"}, {"Content-Type": "image/png"}],
)
@pytest.mark.parametrize("path", ["/books", "/books/1/edit", "/nowhere"])
async def test_a_body_without_length_is_counted(sqlite_app: Application, headers: dict[str, str], path: str) -> None:
    answer = await ask(sqlite_app, "POST", path, headers=headers, chunks=[b"x" * 50_000] * 100)
    assert answer.status == 413


async def test_a_cover_may_be_larger_but_not_endless(sqlite_app: Application) -> None:
    headers = {"Content-Type": "image/png"}
    small = await ask(sqlite_app, "PUT", "/books/9/cover", headers=headers, chunks=[b"x" * 100_000] * 3)
    assert small.status == 404
    large = await ask(sqlite_app, "PUT", "/books/1/cover", headers=headers, chunks=[b"x" * 1_000_000] * 9)
    assert large.status == 413
    plain = await ask(sqlite_app, "PUT", "/books/1", headers=headers, chunks=[b"x" * 100_000])
    assert plain.status == 413


async def test_reading_stops_at_the_limit(sqlite_app: Application) -> None:
    """The rest of a body that is refused is not even asked for."""
    taken = 0

    class Endless(list[bytes]):
        def __len__(self) -> int:
            return 10**9

        def __getitem__(self, _index: Any) -> Any:
            nonlocal taken
            taken += 1000
            return b"x" * 1000

    assert (await ask(sqlite_app, "POST", "/books", headers=JSON, chunks=Endless())).status == 413
    assert taken <= limits.BODY + 1000


async def test_a_length_that_is_too_large_is_refused_unread(sqlite_app: Application) -> None:
    headers = JSON | {"Content-Length": "999999999"}
    assert (await ask(sqlite_app, "POST", "/books", headers=headers, chunks=[b"{}"])).status == 413


@pytest.mark.parametrize("length", ["-1", "1e3", "5, 5", "٣", " ", "+5"])
async def test_a_length_is_one_number(sqlite_app: Application, length: str) -> None:
    more = [(b"content-length", length.encode())]
    answer = await ask(sqlite_app, "POST", "/books", headers=JSON, chunks=[b"{}"], more_headers=more)
    assert answer.status == 400


async def test_a_body_in_many_small_pieces_arrives(sqlite_app: Application) -> None:
    data = json.dumps({"title": "Emma", "author": "Jane Austen"}).encode()
    answer = await ask(sqlite_app, "POST", "/books", headers=JSON, chunks=[bytes([b]) for b in data])
    assert answer.status == 201
    assert answer.json["title"] == "Emma"


async def test_a_slow_body_is_not_waited_for(sqlite_app: Application, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(body, "body_seconds", lambda _limit: 0.05)

    async def receive() -> dict[str, Any]:
        await asyncio.sleep(0.02)
        return {"type": "http.request", "body": b"x", "more_body": True}

    told: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        told.append(message)

    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": "/books",
        "raw_path": b"/books",
        "query_string": b"",
        "root_path": "",
        "headers": [(b"host", b"localhost")],
        "client": ("127.0.0.1", 1),
        "extensions": {},
    }
    await sqlite_app(scope, receive, send)  # type: ignore[arg-type]
    assert told[0]["status"] == 408


async def test_a_large_body_may_take_longer() -> None:
    assert limits.body_seconds(limits.BODY) == limits.BODY_SECONDS
    assert limits.body_seconds(limits.COVER) > limits.BODY_SECONDS


DEEP = b'{"a":' * 30_000


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b'"text"',
        b"7",
        b"\xff\xfe{\x00}\x00",
        b'{"title": "\xff"}',
        b'{"title": NaN}',
        b'{"title": Infinity}',
        b'{"title": -Infinity}',
        b'{"title": "a", "title": "b"}',
        b'{"series": {"a": 1, "a": 2}}',
        b"[" * 60_000,
        DEEP[:60_000],
        b'{"title": ' + b"1" * 5000 + b"}",
        b'{"title": "a"} x',
    ],
)
async def test_broken_json_is_a_bad_request(sqlite_app: Application, data: bytes) -> None:
    answer = await ask(sqlite_app, "POST", "/books", headers=JSON, chunks=[data])
    assert answer.status == 400, answer.body


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/xml", "text/json", "image/png", "application/octet-stream"]
)
async def test_other_content_types_are_not_read(sqlite_app: Application, kind: str) -> None:
    answer = await ask(sqlite_app, "POST", "/books", headers={"Content-Type": kind}, chunks=[b"{}"])
    assert answer.status == 415


async def test_a_body_without_a_type_is_not_read_and_none_is_empty(sqlite_app: Application) -> None:
    assert (await ask(sqlite_app, "POST", "/books", chunks=[b"{}"])).status == 415
    assert (await ask(sqlite_app, "POST", "/books")).status == 422


@pytest.mark.parametrize(
    "data",
    [
        b"title=%ff&author=x",
        b"&".join(b"f%d=1" % n for n in range(70)),
        b"title=a&title=b&author=c",
    ],
)
async def test_a_broken_form_is_a_bad_request(sqlite_app: Application, data: bytes) -> None:
    assert (await ask(sqlite_app, "POST", "/books", headers=FORM, chunks=[data])).status == 400


@pytest.mark.parametrize(
    ("headers", "data"),
    [
        ({"Content-Type": "multipart/form-data"}, _part("title", "Emma") + b"--x--\r\n"),
        ({"Content-Type": "multipart/form-data; boundary=y"}, _part("title", "Emma") + b"--x--\r\n"),
        (MULTIPART, b"--x\r\nContent-Disposition: attachment\r\n\r\nEmma\r\n--x--\r\n"),  # of which field?
        (MULTIPART, b"no parts at all"),
        (MULTIPART, _part("title", "Emma")[:40]),
        (MULTIPART, b"".join(_part(f"f{n}", "1") for n in range(70)) + b"--x--\r\n"),
        (MULTIPART, _part("title", "a") + _part("title", "b") + b"--x--\r\n"),
        (MULTIPART, b'--x\r\nContent-Disposition: form-data; name="title"\r\n\r\n\xff\xfe\r\n--x--\r\n'),
    ],
)
async def test_a_broken_multipart_form_is_a_bad_request(
    sqlite_app: Application, headers: dict[str, str], data: bytes
) -> None:
    answer = await ask(sqlite_app, "POST", "/books", headers=headers, chunks=[data])
    assert answer.status == 400, answer.body


async def test_a_whole_multipart_form_is_read(sqlite_app: Application) -> None:
    data = _part("title", "Emma") + _part("author", "Jane Austen") + _part("isbn", "") + b"--x--\r\n"
    answer = await ask(sqlite_app, "POST", "/books", headers=MULTIPART, chunks=[data])
    assert answer.status == 201, answer.body
    assert answer.json["isbn"] is None


@pytest.mark.parametrize("form", ["page", "fragment"])
async def test_a_form_comes_back_with_what_was_typed(sqlite_client: Browser, form: str) -> None:
    data = {"title": '<Emma> & "co"', "author": "", "year": "soon"}
    answer = await sqlite_client.post("/books", form, data=data)
    assert answer.status == 422
    assert "&lt;Emma&gt; &amp; &#34;co&#34;" in answer.text
    assert "Please fill this in" in answer.text
    assert "Must be a whole number" in answer.text
    assert ("<html" in answer.text) == (form == "page")


async def test_an_unknown_field_is_refused_by_name(sqlite_client: Browser) -> None:
    answer = await sqlite_client.post("/books", json={"title": "Emma", "author": "J", "id": 7, "created_by": "x"})
    assert answer.status == 422
    assert set(answer.json["errors"]) == {"id", "created_by"}


@pytest.mark.parametrize("value", [7, True, None, ["a"], {"a": 1}, 1.5, "", "   ", "\t\n"])
async def test_a_title_is_text_and_says_something(sqlite_client: Browser, value: object) -> None:
    answer = await sqlite_client.post("/books", json={"title": value, "author": "J"})
    assert answer.status == 422
    assert list(answer.json["errors"]) == ["title"]


async def test_hanging_up_before_the_body_is_there_does_nothing(sqlite_client: Browser) -> None:
    data = json.dumps({"title": "Emma", "author": "Jane Austen"}).encode()
    chunks = [data[:20], data[20:]]
    answer = await ask(sqlite_client.app, "POST", "/books", headers=JSON, chunks=chunks, hang_up_after=1)
    assert answer.status == 400
    assert (await sqlite_client.get("/books")).json["books"] == []


async def test_a_get_may_bring_a_body_that_nobody_reads(sqlite_app: Application) -> None:
    answer = await ask(sqlite_app, "GET", "/about", headers={"Content-Length": "2"}, chunks=[b"{}"])
    assert answer.status == 200


async def test_a_hidden_query_never_fills_a_body_field(sqlite_client: Browser) -> None:
    answer = await sqlite_client.post("/books?author=Mallory", json={"title": "Emma"})
    assert answer.status == 422
