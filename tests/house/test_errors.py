"""Errors have one shape, whatever went wrong and whoever noticed it."""

from typing import Any

import pytest

from tests.clients import FORMS, Browser
from tests.house.plan import fill

JSON_TYPE = {"Content-Type": "application/json"}
MEMBERS = {"type", "title", "status", "detail", "request_id"}

ERRORS: list[tuple[int, str, str, dict[str, Any]]] = [
    (400, "POST", "/books", {"data": b"{", "headers": JSON_TYPE}),
    (400, "POST", "/books", {"data": b"\xff\xfe", "headers": JSON_TYPE}),
    (400, "GET", "/", {"headers": {"Host": "evil.example"}}),
    (401, "GET", "/metrics", {"headers": {"X-Forwarded-For": "192.0.2.1"}}),
    (403, "POST", "/books", {"json": {}, "headers": {"Origin": "https://evil.example"}}),
    (404, "GET", "/nowhere", {}),
    (404, "GET", "/books/99", {}),
    (404, "GET", "/static/nowhere.css", {}),
    (405, "DELETE", "/books", {}),
    (405, "CONNECT", "/", {}),
    (409, "PATCH", "/books/1", {"json": {"title": "Late", "version": 7}}),
    (412, "PATCH", "/books/1", {"json": {"title": "Late"}, "headers": {"If-Match": '"7-x"'}}),
    (412, "PATCH", "/books/1", {"json": {"title": "Late"}, "headers": {"If-Match": '"strange"'}}),
    (413, "POST", "/books", {"data": b"[" * 70_000, "headers": JSON_TYPE}),
    (414, "GET", "/books?q=" + "a" * 5000, {}),
    (415, "POST", "/books", {"data": b"<a/>", "headers": {"Content-Type": "text/xml"}}),
    (422, "POST", "/books", {"json": {"title": ""}}),
    (422, "GET", "/books?limit=0", {}),
    (422, "GET", "/books?cursor=bad", {}),
    (428, "PATCH", "/books/1", {"json": {"title": "Which"}}),
    (431, "GET", "/", {"headers": {"X-Long": "a" * 20_000}}),
]


@pytest.mark.parametrize(("status", "method", "path", "more"), ERRORS)
@pytest.mark.parametrize("form", list(FORMS))
async def test_an_error_answers_in_the_wanted_form(
    sqlite_client: Browser, form: str, status: int, method: str, path: str, more: dict[str, Any]
) -> None:
    await fill(sqlite_client.app.extensions["db"], 1)
    answer = await sqlite_client.ask(method, path, form, **more)
    assert answer.status == status, answer.text
    assert "Traceback" not in answer.text
    assert "sqlalchemy" not in answer.text.lower()
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Vary"].startswith("HX-Request")
    if form == "json":
        assert answer.headers["Content-Type"] == "application/problem+json"
        problem = answer.json
        extra = {"errors"} if status == 422 else {"newer"} if status in (409, 412) else set()
        assert MEMBERS <= set(problem) <= MEMBERS | extra
        assert problem["status"] == status
        assert problem["request_id"] == answer.headers["X-Request-Id"]
        if status == 422:
            assert all(isinstance(text, str) for texts in problem["errors"].values() for text in texts)
    else:
        assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
        assert ("<html" in answer.text) == (form == "page")
    if status == 405:
        assert answer.headers["Allow"]
    if status == 401:
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


async def test_an_unexpected_error_has_the_same_shape(sqlite_client: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*_args: object) -> None:
        raise RuntimeError("SELECT secret FROM /etc/passwd")

    monkeypatch.setattr("bookapp.books.queries.list_books", broken)
    answer = await sqlite_client.get("/books")
    assert answer.status == 500
    assert set(answer.json) == MEMBERS
    assert answer.json["request_id"] in answer.json["detail"]
    assert "secret" not in answer.text
    assert 'id="problem"' in (await sqlite_client.get("/books", "fragment")).text
