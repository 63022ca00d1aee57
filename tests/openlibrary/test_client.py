"""Asking Open Library, and what hostile answers do: nothing."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from itertools import pairwise
from typing import Any

import httpx
import pytest

from bookapp.config import Settings
from bookapp.openlibrary.client import (
    BOOK,
    COVER,
    CROWDED,
    IN_LINE,
    SILENT,
    STRANGE,
    NoAnswer,
    OpenLibrary,
    is_public,
    library_of,
)
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
        (lambda _: httpx.Response(200, content=b" " * (BOOK.largest + 1)), STRANGE),
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


def picture(request: httpx.Request) -> httpx.Response:
    """The way that a cover really takes: from Open Library to the Internet Archive, to one of its machines."""
    onward = {
        "covers.openlibrary.org": "https://archive.org/download/l_covers_0012/l_covers_0012_54.zip/0012547191-L.jpg",
        "archive.org": "https://ia800100.us.archive.org/view_archive.php?archive=/5/items/l_covers_0012.zip",
        "ia800100.us.archive.org": "https://dn790007.ca.archive.org/0/items/l_covers_0012.zip",
    }
    host = request.headers["host"]
    if host in onward:
        return httpx.Response(302, headers={"Location": onward[host]})
    assert host == "dn790007.ca.archive.org"
    return httpx.Response(200, content=b"picture", headers={"Content-Type": "Image/JPEG; q=1"})


async def test_a_cover_is_brought_from_where_it_lies() -> None:
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return picture(request)

    assert await library(answer).ask_cover(12547191) == b"picture"
    assert asked[0].headers["accept"].startswith("image/jpeg")
    assert str(asked[0].url) == f"https://{PUBLIC}/b/id/12547191-L.jpg?default=false"
    assert [request.url.host for request in asked] == [PUBLIC] * 4
    assert await library(lambda _: httpx.Response(404)).ask_cover_of(EMMA) is None


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (httpx.Response(200, content=b"<html>", headers={"Content-Type": "text/html"}), STRANGE),
        (httpx.Response(200, content=b"<svg/>", headers={"Content-Type": "image/svg+xml"}), STRANGE),
        (httpx.Response(200, content=b"picture"), STRANGE),
        (httpx.Response(200, content=b" " * (COVER.largest + 1), headers={"Content-Type": "image/png"}), STRANGE),
        (httpx.Response(403), SILENT),
        (httpx.Response(302, headers={"Location": "http://archive.org/x"}), STRANGE),
        (httpx.Response(302, headers={"Location": "https://openlibrary.org/x"}), STRANGE),
        (httpx.Response(302, headers={"Location": "https://archive.org.evil.example/x"}), STRANGE),
        (httpx.Response(302, headers={"Location": "https://evil-archive.org/x"}), STRANGE),
        (httpx.Response(302, headers={"Location": "https://x.us.archive.org/x"}), STRANGE),
        (httpx.Response(302, headers={"Location": "https://ia1.us.archive.org:8443/x"}), STRANGE),
        (httpx.Response(302, headers={"Location": "https://ia1.us.archive.org./x"}), STRANGE),
    ],
)
async def test_a_cover_from_elsewhere_or_that_is_none_is_not_taken(answer: httpx.Response, words: str) -> None:
    with pytest.raises(NoAnswer) as trouble:
        await library(lambda _: answer).ask_cover_of(EMMA)
    assert str(trouble.value) == words


async def test_books_are_not_brought_from_where_pictures_lie() -> None:
    with pytest.raises(NoAnswer, match="could not be read"):
        await library(lambda _: httpx.Response(302, headers={"Location": "https://archive.org/x"})).ask(EMMA)


async def test_of_covers_by_isbn_fewer_are_asked_for() -> None:
    began, slow = asyncio.get_running_loop().time(), library(lambda _: httpx.Response(404), pause=0.02)
    await slow.ask_cover(1)
    await slow.ask_cover_of(EMMA)
    sooner = asyncio.get_running_loop().time()
    await slow.ask_cover(1)
    assert (sooner - began >= 0.02, asyncio.get_running_loop().time() - sooner >= 0.07) == (True, True)


def test_nobody_is_asked_unless_it_is_switched_on() -> None:
    assert library_of(Settings(secret_key="k" * 32)) is None
    assert library_of(Settings(secret_key="k" * 32, openlibrary="on")) is not None
