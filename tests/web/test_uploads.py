"""Large files, which go to disk while they arrive."""

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from bookapp.config import Settings
from bookapp.web import uploads
from bookapp.web.application import Application
from tests.clients import Browser
from tests.people import as_person

FORM = {"Content-Type": "multipart/form-data; boundary=x", "Accept": "application/json"}
HEAD = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'
ISBN = b"ISBN\n9780306406157\n"


@pytest.fixture
async def alice(sqlite_app: Application) -> Browser:
    return await as_person(sqlite_app)


def _left(app: Application) -> list[Path]:
    settings: Settings = app.extensions["settings"]
    return list(settings.imports_dir.iterdir()) if settings.imports_dir.exists() else []


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (HEAD + ISBN + b"\r\n--x--\r\n", 202),
        (HEAD + ISBN, 400),  # cut off
        (b"x" * 400_000, 400),
        (b"--x\r\n" + b"a: b\r\n" * 50_000, 400),
        (b'--x\r\nContent-Disposition: form-data; name="file"; filename=""\r\n\r\n\r\n--x--\r\n', 422),
        (b'--x\r\nContent-Disposition: form-data; name="shelf"\r\n\r\nwant\r\n--x--\r\n', 422),
        (b'--x\r\nContent-Disposition: form-data; name="shelf"\r\n\r\n' + b"w" * 100_000 + b"\r\n--x--\r\n", 413),
        (b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n' * 2 + b"--x--\r\n", 400),
        (b"--x\r\nnothing\r\n\r\n1\r\n--x--\r\n", 400),
        (b'--x\r\nContent-Disposition: form-data; name="shelf"\r\n\r\n\xff\r\n' + HEAD + ISBN + b"\r\n--x--\r\n", 400),
    ],
)
async def test_a_form_with_a_file_is_read_or_refused(alice: Browser, body: bytes, status: int) -> None:
    answer = await alice.post("/imports", data=body, headers=FORM)
    assert answer.status == status, answer.text
    assert len(_left(alice.app)) == (status == 202)


async def test_a_file_has_an_end(alice: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "UPLOAD", 100_000)
    answer = await alice.post("/imports", data=b"9780306406157\n" * 10_000, headers={"Content-Type": "text/csv"})
    assert answer.status == 413
    assert not _left(alice.app)


async def test_a_disk_that_is_nearly_full_takes_no_file(alice: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads.os, "statvfs", lambda _path: SimpleNamespace(f_bavail=10, f_frsize=4096))
    answer = await alice.post("/imports", data=ISBN, headers={"Content-Type": "text/csv"})
    assert answer.status == 507
    assert not _left(alice.app)


async def test_who_sends_nothing_any_more_is_not_waited_for(alice: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "STILL", 0.05)
    came = [{"type": "http.request", "body": b"x", "more_body": True}]
    told: list[Any] = []

    async def receive() -> Any:
        return came.pop() if came else await asyncio.Future[Any]()

    async def send(message: Any) -> None:
        told.append(message)

    cookie = "; ".join(f"{one.name}={one.value}" for one in alice.cookies)
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": "/imports",
        "raw_path": b"/imports",
        "query_string": b"",
        "root_path": "",
        "headers": [(b"host", b"localhost"), (b"content-type", b"text/csv"), (b"cookie", cookie.encode())],
        "client": ("127.0.0.1", 1),
        "extensions": {},
    }
    async with asyncio.timeout(10):
        await alice.app(scope, receive, send)  # type: ignore[arg-type]  # a plain dict is what servers pass
    assert told[0]["status"] == 408
    assert not _left(alice.app)
