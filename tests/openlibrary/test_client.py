"""Asking Open Library, and what hostile answers do: nothing."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from itertools import pairwise
from typing import Any

import httpx
import pytest

from bookapp.openlibrary.client import CROWDED, IN_LINE, LARGEST, SILENT, STRANGE, NoAnswer, OpenLibrary, is_public
from bookapp.openlibrary.drafts import draft_again, draft_of, kept_of

EMMA = "9780141439587"
TOLD = {
    "title": "Emma ",
    "subtitle": "A novel",
    "authors": [{"name": "Jane Austen", "url": "https://openlibrary.org/authors/OL21594A"}, {"name": "Fiona Stafford"}],
    "number_of_pages": 474,
    "publish_date": "May 6, 2003",
    "publishers": [{"name": "Penguin Classics"}],
    "subjects": [{"name": "England, fiction"}, {"name": "Courtship"}, {"name": "courtship"}],
}
Answer = Callable[[httpx.Request], httpx.Response]
PUBLIC = "198.35.26.96"


def library(answer: Answer, *, addresses: tuple[str, ...] = (PUBLIC,), **more: Any) -> OpenLibrary:
    """Open Library as a function, at these addresses."""

    async def resolve(_host: str) -> tuple[str, ...]:
        return addresses

    told = {"resolve": resolve, "pause": 0.0} | more
    return OpenLibrary("bookapp/test", transport=httpx.MockTransport(answer), **told)


def saying(book: Any) -> Answer:
    return lambda _request: httpx.Response(200, json={f"ISBN:{EMMA}": book})


async def test_a_book_comes_as_a_draft() -> None:
    draft = await library(saying(TOLD)).ask(EMMA)
    assert draft is not None
    assert (draft.isbn, draft.title, draft.author) == (EMMA, "Emma: A novel", "Jane Austen")
    assert (draft.year, draft.pages, draft.publisher) == (2003, 474, "Penguin Classics")
    assert draft.subjects == ("courtship",)
    assert draft_again(json.loads(json.dumps(kept_of(draft)))) == draft


async def test_it_asks_the_host_at_the_address_that_was_looked_at() -> None:
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200, json={})

    assert await library(answer).ask(EMMA) is None
    (request,) = asked
    assert (request.url.scheme, request.url.host, request.url.path) == ("https", PUBLIC, "/api/books")
    assert (request.headers["host"], request.headers["user-agent"]) == ("openlibrary.org", "bookapp/test")
    assert request.extensions["sni_hostname"] == "openlibrary.org"  # whose certificate it has to be
    assert EMMA in str(request.url)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.0.0.7", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
        "::1", "fe80::1", "fe80::1%eth0", "fd00::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "ff02::1",
        "::127.0.0.1", "::ffff:0:127.0.0.1", "64:ff9b:1::7f00:1", "fec0::1",
    ],
)  # fmt: skip
async def test_a_name_that_stands_for_a_machine_of_ours_is_not_asked(address: str) -> None:
    def never(_request: httpx.Request) -> httpx.Response:
        raise AssertionError("asked")

    assert not is_public(address)
    for addresses in ((address,), (PUBLIC, address)):
        with pytest.raises(NoAnswer, match="did not answer"):
            await library(never, addresses=addresses).ask(EMMA)
    assert is_public(PUBLIC)
    assert is_public("2620:0:861:ed1a::1")
    assert is_public("64:ff9b::c623:1a60")


async def test_names_are_really_looked_up() -> None:
    quiet = OpenLibrary("bookapp/test", transport=httpx.MockTransport(saying(TOLD)), pause=0.0)
    quiet._resolve = lambda _host: type(quiet)("x")._resolve("localhost")
    with pytest.raises(NoAnswer):
        await quiet.ask(EMMA)


@pytest.mark.parametrize(
    "to",
    [
        "http://openlibrary.org/x", "https://127.0.0.1/x", "https://evil.example/x", "http://localhost:8000/admin",
        "https://openlibrary.org:8443/x", "https://u:p@openlibrary.org/x", "//evil.example/", "file:///etc/passwd", "http://[",
    ],
)  # fmt: skip
async def test_it_is_not_sent_elsewhere(to: str) -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        return httpx.Response(302, headers={"Location": to})

    with pytest.raises(NoAnswer):
        await library(answer).ask(EMMA)
    assert len(asked) == 1


async def test_it_goes_on_three_times_and_no_further() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        step = int(request.url.params.get("step", "0")) + 1
        if step > most:
            return saying(TOLD)(request)
        return httpx.Response(301, headers={"Location": f"https://www.openlibrary.org/api/books?step={step}"})

    most = 3
    assert await library(answer).ask(EMMA) is not None
    most = 4
    with pytest.raises(NoAnswer):
        await library(answer).ask(EMMA)


async def endless() -> AsyncIterator[bytes]:
    for _ in range(100):
        yield b" " * 65536
    raise AssertionError("read on")


async def slow() -> AsyncIterator[bytes]:
    while True:
        await asyncio.sleep(0.01)
        yield b" "


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda _: httpx.Response(500), SILENT),
        (lambda _: httpx.Response(429), SILENT),
        (lambda _: httpx.Response(200, content=endless()), STRANGE),
        (lambda _: httpx.Response(200, content=slow()), SILENT),
        (lambda _: httpx.Response(200, content=b" " * (LARGEST + 1)), STRANGE),
        (lambda _: httpx.Response(200, content=slow(), headers={"Content-Encoding": "gzip"}), STRANGE),
        (lambda _: httpx.Response(200, content=b"<html>"), STRANGE),
        (lambda _: httpx.Response(200, content=b"\xff\xfe"), STRANGE),
        (lambda _: httpx.Response(200, content=b"[" * 100_000), STRANGE),
        (lambda _: httpx.Response(200, content=b"[]"), STRANGE),
        (lambda _: httpx.Response(302), STRANGE),
    ],
)
async def test_a_hostile_answer_is_a_sentence(answer: Answer, words: str) -> None:
    with pytest.raises(NoAnswer) as trouble:
        await library(answer, seconds=0.2).ask(EMMA)
    assert str(trouble.value) == words


async def test_an_unreachable_one_is_a_sentence() -> None:
    def gone(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    async def nowhere(_host: str) -> list[str]:
        raise OSError("no such name")

    for asked in (library(gone), library(gone, resolve=nowhere)):
        with pytest.raises(NoAnswer, match="added by hand"):
            await asked.ask(EMMA)


@pytest.mark.parametrize(
    "book",
    [
        {}, {"title": None}, {"title": "\x00"}, {"title": ["Emma"]}, {"title": " \u0007 "}, {"title": "\ud800"},
        "Emma", 7, None,
    ],
)  # fmt: skip
def test_what_has_no_title_is_no_book(book: Any) -> None:
    assert draft_of(EMMA, {f"ISBN:{EMMA}": book}) is None


def test_each_field_is_believed_only_as_far_as_it_is_one() -> None:
    odd = {
        "title": "E" * 9000,
        "authors": ["Jane", {"name": "Jane\x00Austen"}, {"name": {"x": 1}}, {"name": "A" * 9000}],
        "number_of_pages": "many",
        "publish_date": 1815,
        "publishers": {"name": "x"},
        "subjects": [{"name": f"Subject {number}"} for number in range(1000)],
    }
    draft = draft_of(EMMA, {f"ISBN:{EMMA}": odd})
    assert draft is not None
    assert (len(draft.title), draft.author, draft.pages, draft.year) == (500, "A" * 200, None, None)
    assert (draft.publisher, len(draft.subjects)) == (None, 5)
    for pages in (True, -1, 10**9, 3.5):
        told = draft_of(EMMA, {f"ISBN:{EMMA}": {"title": "Emma", "number_of_pages": pages}})
        assert told is not None
        assert told.pages is None


async def test_questions_are_asked_one_after_another() -> None:
    asked: list[float] = []

    def answer(_request: httpx.Request) -> httpx.Response:
        asked.append(asyncio.get_running_loop().time())
        return httpx.Response(200, json={})

    busy = library(answer, pause=0.05)
    done = await asyncio.gather(*(busy.ask(EMMA) for _ in range(IN_LINE + 2)), return_exceptions=True)
    assert [str(trouble) for trouble in done if trouble is not None] == [CROWDED, CROWDED]
    assert min(later - sooner for sooner, later in pairwise(asked)) >= 0.045
