"""Covers: what is taken, what is refused, how they are stored and how they are sent."""

import asyncio
import hashlib
import io
import os
import re
import struct
import zlib
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from quart.datastructures import FileStorage

from bookapp.books import storage
from bookapp.books.storage import CoverStore
from bookapp.core.errors import Invalid
from tests.clients import Answer, Browser
from tests.factories import a_picture, a_sent_book

KINDS = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp", "GIF": "image/gif"}
SECRET = b"taken at 59.3293 north by Alice"


@pytest.fixture
async def client(sqlite_client: Browser) -> Browser:
    """Somebody who looks at a library of one book."""
    await a_sent_book(sqlite_client)
    return sqlite_client


@pytest.fixture
def folder(client: Browser) -> Path:
    found: Path = client.app.extensions["settings"].covers_dir
    return found


def stored(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file()) if folder.exists() else []


def beside(folder: Path) -> set[Path]:
    return set(folder.parent.rglob("*")) - set(folder.rglob("*")) - {folder}


async def put(client: Browser, data: bytes, kind: str = "image/png", form: str = "json") -> Answer:
    return await client.put("/books/1/cover", form, data=data, headers={"Content-Type": kind})


async def upload(client: Browser, data: bytes, name: str = "cover.png", form: str = "page") -> Answer:
    """As a form of a page sends it."""
    file = FileStorage(io.BytesIO(data), filename=name, name="cover", content_type="image/png")
    return await client.post("/books/1/cover", form, files={"cover": file})


async def cover(client: Browser, query: str = "", **headers: str) -> Answer:
    return await client.get(
        f"/books/1/cover{query}", "page", headers={name.replace("_", "-"): v for name, v in headers.items()}
    )


async def refused(client: Browser, folder: Path, data: bytes, kind: str = "image/png") -> None:
    for answer in (await put(client, data, kind), await upload(client, data)):
        assert answer.status == 422, answer.text[:200]
    assert stored(folder) == []
    assert (await client.get("/books/1")).json["cover_drawn"]


@pytest.mark.parametrize("kind", KINDS)
async def test_every_kind_of_picture_is_taken_as_it_is_and_from_a_form(client: Browser, kind: str) -> None:
    raw = await put(client, a_picture(kind), KINDS[kind])
    assert raw.status == 200
    assert (raw.json["cover_drawn"], raw.json["version"]) == (False, 2)
    assert re.fullmatch(r"/books/1/cover\?v=[0-9a-f]{12}", raw.json["cover_url"])
    form = await upload(client, a_picture(kind, (80, 80)))
    assert (form.status, form.headers["Location"]) == (303, "/books/1")
    shown = await cover(client)
    assert shown.headers["Content-Type"] == "image/webp"
    picture = Image.open(io.BytesIO(shown.body))
    assert (picture.format, picture.size) == ("WEBP", (80, 80))


async def test_a_cover_is_set_and_taken_away_in_three_forms(client: Browser) -> None:
    assert 'id="book"' in (await upload(client, a_picture(), form="fragment")).text
    assert (await client.delete("/books/1/cover")).status == 204
    assert (await client.get("/books/1")).json["cover_drawn"]
    await put(client, a_picture())
    page = await client.post("/books/1/cover/removal", "page")
    assert (page.status, page.headers["Location"]) == (303, "/books/1")
    await put(client, a_picture())
    assert (await client.delete("/books/1/cover", "page")).status == 303
    await put(client, a_picture())
    assert (await client.delete("/books/1/cover", "fragment")).status == 200
    assert (await cover(client)).headers["Content-Type"] == "image/svg+xml"


async def test_what_hides_in_a_picture_does_not_come_along(client: Browser, folder: Path) -> None:
    exif = Image.Exif()
    exif[0x010E] = SECRET.decode()
    info = PngInfo()
    info.add_text("Comment", SECRET.decode())
    pictures = [
        (a_picture("JPEG", exif=exif, comment=SECRET, icc_profile=SECRET * 20), "image/jpeg"),
        (a_picture("PNG", pnginfo=info), "image/png"),
        (a_picture("GIF", comment=SECRET), "image/gif"),
        (a_picture("WEBP", exif=exif, xmp=SECRET), "image/webp"),
        (a_picture("JPEG") + SECRET, "image/jpeg"),
    ]
    for data, kind in pictures:
        assert SECRET in data
        assert (await put(client, data, kind)).status == 200
        shown = Image.open(io.BytesIO((await cover(client)).body))
        assert not {"exif", "xmp", "icc_profile", "comment"} & set(shown.info)
    for path in stored(folder):
        assert SECRET not in path.read_bytes()


async def test_a_picture_that_lies_on_its_side_is_put_upright(client: Browser) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    await put(client, a_picture("JPEG", (90, 60), exif=exif), "image/jpeg")
    assert Image.open(io.BytesIO((await cover(client)).body)).size == (60, 90)


async def test_a_cover_comes_in_two_sizes(client: Browser) -> None:
    await put(client, a_picture("JPEG", (3000, 2000)), "image/jpeg")
    sizes = {}
    for query in ("?size=small", "?size=large", ""):
        sizes[query] = Image.open(io.BytesIO((await cover(client, query)).body)).size
    assert sizes == {"?size=small": (300, 200), "?size=large": (900, 600), "": (900, 600)}
    assert (await cover(client, "?size=huge")).status == 422


@pytest.mark.parametrize("mode", ["L", "LA", "P", "RGBA", "1", "I;16"])
async def test_pictures_of_few_colours_or_with_holes_are_taken(client: Browser, mode: str) -> None:
    out = io.BytesIO()
    Image.new(mode, (30, 40)).save(out, "PNG")
    assert (await put(client, out.getvalue())).status == 200


def a_bomb(width: int, height: int) -> bytes:
    """The beginning of a PNG that says it is very large; its pixels are not there."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("size", [(8000, 5001), (20000, 20000), (2**31 - 1, 2**31 - 1), (40_000_001, 1)])
async def test_too_large_a_picture_is_refused_before_it_is_decoded(
    client: Browser, folder: Path, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]
) -> None:
    def decoded(*_: object) -> None:
        raise AssertionError("the picture was decoded")

    monkeypatch.setattr(Image.Image, "convert", decoded)
    monkeypatch.setattr(Image.Image, "thumbnail", decoded)
    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", decoded)
    await refused(client, folder, a_bomb(*size))


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = b"<!doctype html><script>alert(1)</script>"


@pytest.mark.parametrize(
    "data",
    [
        b"x",
        b"\0" * 5000,
        os.urandom(5000),
        SVG,
        HTML,
        b"%PDF-1.4\n",
        b"GIF89a",
        b"\x89PNG\r\n\x1a\n",
        b"RIFF\0\0\0\0WEBPVP8 ",
        b"PK\x03\x04",
        b"\xff\xd8\xff",
        HTML + a_picture(),
        SVG + a_picture("JPEG"),
    ],
    ids=[
        "one-byte",
        "zeros",
        "noise",
        "svg",
        "html",
        "pdf",
        "gif-head",
        "png-head",
        "webp-head",
        "zip",
        "jpeg-head",
        "html-png",
        "svg-jpeg",
    ],
)
async def test_what_is_no_picture_is_refused(client: Browser, folder: Path, data: bytes) -> None:
    await refused(client, folder, data)


@pytest.mark.parametrize("kind", KINDS)
async def test_half_a_picture_is_refused(client: Browser, folder: Path, kind: str) -> None:
    out = io.BytesIO()
    Image.effect_noise((200, 300), 90).convert("RGB").save(out, kind)
    whole = out.getvalue()
    await refused(client, folder, whole[: len(whole) // 2], KINDS[kind])


@pytest.mark.parametrize("kind", ["TIFF", "BMP", "ICO", "PPM", "TGA", "PCX"])
async def test_other_kinds_of_pictures_are_refused(client: Browser, folder: Path, kind: str) -> None:
    await refused(client, folder, a_picture(kind))


async def test_a_picture_that_is_a_page_too_is_stored_as_a_picture_alone(client: Browser, folder: Path) -> None:
    info = PngInfo()
    info.add_text("Comment", HTML.decode())
    for polyglot in (a_picture() + HTML, a_picture(pnginfo=info), a_picture("GIF", comment=HTML)):
        await put(client, polyglot)
        shown = await cover(client)
        assert b"script" not in shown.body
        assert shown.headers["Content-Type"] == "image/webp"
    assert all(b"script" not in path.read_bytes() for path in stored(folder))


async def test_a_polyglot_that_begins_as_a_page_is_refused(client: Browser, folder: Path) -> None:
    await refused(client, folder, b"<html><script>alert(1)</script>" + a_picture("WEBP"), "image/webp")


async def test_nine_megabytes_are_too_many(client: Browser, folder: Path) -> None:
    data = a_picture() + b"\0" * 9 * 2**20
    for answer in (await put(client, data), await upload(client, data)):
        assert answer.status == 413
    assert stored(folder) == []


async def test_an_empty_form_is_told_in_words(client: Browser) -> None:
    answer = await put(client, b"")
    assert (answer.status, list(answer.json["errors"])) == (422, ["cover"])
    assert (await upload(client, b"", name="")).status == 422
    assert (await client.put("/books/1/cover", data=b"x", headers={"Content-Type": "text/plain"})).status == 415


async def test_a_book_that_is_not_there_gets_no_cover(client: Browser, folder: Path) -> None:
    answer = await client.put("/books/99/cover", data=a_picture(), headers={"Content-Type": "image/png"})
    assert answer.status == 404
    assert stored(folder) == []


async def test_a_cover_is_drawn_when_there_is_none(client: Browser) -> None:
    answer = await cover(client)
    assert answer.headers["Content-Type"] == "image/svg+xml"
    assert answer.text.partition("\n")[2].startswith("<svg")
    assert "Emma" in answer.text
    assert "script" not in answer.text


@pytest.mark.parametrize("drawn", [True, False], ids=["drawn", "uploaded"])
async def test_a_cover_can_be_shown_but_never_run(client: Browser, drawn: bool) -> None:
    if not drawn:
        await put(client, a_picture())
    headers = (await cover(client)).headers
    policy = headers["Content-Security-Policy"]
    assert "sandbox" in policy
    assert "default-src 'none'" in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"


@pytest.mark.parametrize("drawn", [True, False], ids=["drawn", "uploaded"])
async def test_a_known_cover_is_not_sent_again(client: Browser, drawn: bool) -> None:
    if not drawn:
        await put(client, a_picture())
    first = await cover(client)
    again = await cover(client, If_None_Match=first.headers["ETag"])
    assert (again.status, again.body) == (304, b"")
    assert (await cover(client, If_None_Match='"another"')).status == 200
    await put(client, a_picture(size=(70, 70)))
    changed = await cover(client, If_None_Match=first.headers["ETag"])
    assert changed.status == 200
    assert changed.headers["ETag"] != first.headers["ETag"]


async def test_the_sizes_have_tags_of_their_own(client: Browser) -> None:
    await put(client, a_picture())
    small, large = await cover(client, "?size=small"), await cover(client)
    assert small.headers["ETag"] != large.headers["ETag"]


async def test_only_the_address_of_this_very_picture_is_kept_for_ever(client: Browser) -> None:
    assert "immutable" not in (await cover(client)).headers["Cache-Control"]
    address = (await put(client, a_picture())).json["cover_url"]
    assert "immutable" in (await client.get(address, "page")).headers["Cache-Control"]
    assert "immutable" not in (await cover(client)).headers["Cache-Control"]
    await put(client, a_picture(size=(70, 70)))
    assert "immutable" not in (await client.get(address, "page")).headers["Cache-Control"]


@pytest.mark.parametrize(
    "name",
    ["../../evil.png", "/etc/passwd", "..\\evil.exe", "a\x00b.png", "cover.svg", "x" * 300, "💥.html", ".htaccess"],
)
async def test_files_have_names_of_ours(client: Browser, folder: Path, name: str) -> None:
    around = beside(folder)
    answer = await upload(client, a_picture(), name=name)
    assert answer.status in (303, 400)
    paths = stored(folder)
    for path in paths:
        assert re.fullmatch(r"[0-9a-f]{2}/[0-9a-f]{64}-(small|large)\.webp", str(path.relative_to(folder)))
    assert len(paths) == (2 if answer.status == 303 else 0)
    assert beside(folder) == around
    large = [path for path in paths if "large" in path.name]
    assert all(path.name.startswith(hashlib.sha256(path.read_bytes()).hexdigest()) for path in large)


async def test_the_same_picture_is_stored_once(client: Browser, folder: Path) -> None:
    await a_sent_book(client, title="Other")
    await asyncio.gather(*(put(client, a_picture()) for _ in range(8)))
    await client.put("/books/2/cover", data=a_picture(), headers={"Content-Type": "image/png"})
    assert len(stored(folder)) == 2


async def test_a_cover_whose_file_is_gone_is_drawn(client: Browser, folder: Path) -> None:
    await put(client, a_picture())
    for path in stored(folder):
        path.unlink()
    answer = await cover(client)
    assert (answer.status, answer.headers["Content-Type"]) == (200, "image/svg+xml")


@pytest.fixture
def nearly_full(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storage.os, "statvfs", lambda _: SimpleNamespace(f_bavail=100, f_frsize=4096))


@pytest.mark.usefixtures("nearly_full")
async def test_a_nearly_full_disk_takes_no_cover(client: Browser, folder: Path) -> None:
    answer = await put(client, a_picture())
    assert answer.status == 507
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert stored(folder) == []
    assert (await client.get("/books/1")).json["cover_drawn"]


@pytest.mark.parametrize("broken", ["mkdir", "fsync", "replace"])
async def test_a_disk_that_fails_takes_no_cover_and_keeps_no_half(
    client: Browser, folder: Path, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    def fails(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path if broken == "mkdir" else storage.os, broken, fails)
    answer = await put(client, a_picture())
    assert answer.status == 507
    assert "No space left" not in answer.text
    monkeypatch.undo()
    assert stored(folder) == []
    assert (await put(client, a_picture())).status == 200


async def test_any_bytes_are_a_picture_or_refused(tmp_path: Path) -> None:
    """A thousand pictures with some bytes turned: no other error than ours comes out."""
    import random

    store, chance = CoverStore(tmp_path), random.Random(1)
    originals = [a_picture(kind, (12, 18)) for kind in KINDS]
    for _ in range(1000):
        data = bytearray(chance.choice(originals))
        for _ in range(chance.randrange(1, 6)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        with suppress(Invalid):
            await store.keep(bytes(data))
