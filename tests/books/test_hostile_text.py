"""Text that wants to be HTML or htmx stays text, on every page and in every fragment."""

from html.parser import HTMLParser

import pytest

from tests.clients import Browser
from tests.factories import a_sent_book

PAYLOADS = (
    "<script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    '"><script>alert(1)</script>',
    "'><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '" onmouseover="alert(1)',
    "' onmouseover='alert(1)",
    " onfocus=alert(1) autofocus ",
    "<svg/onload=alert(1)>",
    "</title><svg onload=alert(1)>",
    "</textarea><script>alert(1)</script>",
    "</style><script>alert(1)</script>",
    "<!--><img src=x onerror=alert(1)>",
    "--><script>alert(1)</script>",
    "]]><script>alert(1)</script>",
    "<iframe srcdoc='<script>alert(1)</script>'>",
    "<math><mtext><img src=x onerror=alert(1)>",
    '" hx-get="/books" hx-trigger="load',
    "<div hx-get=/books hx-trigger=load></div>",
    "<b hx-on:load=alert(1)>x</b>",
    '<a data-hx-delete="/books/1">x</a>',
    "javascript:alert(1)",
    "{{7*7}}{% raw %}",
    "&lt;script&gt;&#60;&quot;",
    "<base href=//evil.example>",
    "<form action=//evil.example><input name=title>",
    '<meta http-equiv="refresh" content="0">',
)
TAME = "tame"
VOID = {
    "svg",
    "use",
    "path",
    "rect",
    "text",
    "tspan",
    "g",
    "circle",
    "line",
    "defs",
    "polygon",
    "ellipse",
    "clippath",
    "pattern",
}
FIELDS = ("title", "author", "description", "series", "subjects")
PATHS = (
    "/",
    "/books",
    "/books?q={id}&sort=title",
    "/books/{id}",
    "/books/{id}/row",
    "/books/{id}/edit",
    "/books/{id}/details",
    "/authors",
    "/authors/{id}",
    "/authors/{id}/edit",
)


class Skeleton(HTMLParser):
    """The elements and their attributes' names, in order; what is drawn counts by its kinds only."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.shape: list[tuple[str, ...]] = []
        self.drawn: set[tuple[str, ...]] = set()
        self.text: list[str] = []
        self.values: list[str] = []
        self.addresses: list[tuple[str, str]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = (tag, *(name for name, _ in attrs))
        if tag in VOID:
            self.drawn.add(names)
        else:
            self.shape.append(names)
        for name, value in attrs:
            self.values.append(value or "")
            if name in ("href", "src", "action", "formaction", "xlink:href") or name.startswith(("hx-", "data-hx-")):
                self.addresses.append((name, value or ""))

    def handle_data(self, data: str) -> None:
        self.text.append(data)


async def the_book(client: Browser, word: str) -> dict[str, object]:
    """A book that has this word everywhere, and has had it before."""
    facts = {
        "title": word,
        "author": word,
        "description": word,
        "series": word,
        "series_position": "1",
        "subjects": [word],
    }
    book = await a_sent_book(client, **facts)
    changed = {"title": f"{word}!", "subjects": ["x", word], "version": 1}
    answer = await client.put("/books/1", json=changed)
    assert answer.status == 200, answer.text
    answer = await client.put("/books/1", json={"title": word, "subjects": [word], "version": 2})
    assert answer.status == 200
    await a_sent_book(client, **facts)
    return book


def looks(path: str, word: str) -> str:
    from urllib.parse import quote

    return path.replace("?q={id}", f"?q={quote(word)}").replace("{id}", "1")


async def skeletons(client: Browser, word: str) -> dict[tuple[str, str], Skeleton]:
    found = {}
    for path in PATHS:
        for form in ("page", "fragment"):
            answer = await client.get(looks(path, word), form)
            assert answer.status == 200, (path, answer.text[:300])
            found[path, form] = Skeleton(answer.text)
    return found


async def answers_to_writes(client: Browser, word: str) -> list[Skeleton]:
    """Forms that come back, conflicts and problems carry what was typed, too."""
    typed = {
        "title": word,
        "author": word,
        "description": word,
        "series": word,
        "subjects": word,
        "isbn": word,
        "year": word,
    }
    drawn = []
    for form in ("page", "fragment"):
        for method, path, data in (
            ("POST", "/books", typed),
            ("POST", "/books/1/edit", {"title": word, "author": "", "version": "3"}),
            ("POST", "/books/1/details", typed | {"version": "3"}),
            ("PUT", "/books/1", {"title": word, "author": word, "version": "1"}),
            ("PUT", "/authors/1", {"name": word * 20, "version": "1"}),
            (
                "GET",
                "/books/2/edit/" + word.replace("/", "").replace("?", "").replace("#", "").replace("%", "") or "x",
                None,
            ),
        ):
            answer = await client.ask(method, path, form, **({"data": data} if data else {}))
            assert answer.status in (404, 409, 422), (path, answer.status)
            drawn.append(Skeleton(answer.text))
    return drawn


_tame: dict[tuple[str, str], Skeleton] = {}


@pytest.fixture
async def tame(sqlite_client: Browser) -> dict[tuple[str, str], Skeleton]:
    """How a tame book is shown, which is the same in every instance, and so looked at once."""
    await the_book(sqlite_client, TAME)
    if not _tame:
        _tame.update(await skeletons(sqlite_client, TAME))
    return _tame


@pytest.mark.parametrize("word", PAYLOADS)
async def test_hostile_text_changes_no_element_and_no_attribute(sqlite_client: Browser, word: str) -> None:
    await the_book(sqlite_client, word)
    hostile = await skeletons(sqlite_client, word)
    for asked, seen in hostile.items():
        for _, value in seen.addresses:
            assert not value.strip().lower().startswith(("javascript:", "data:", "//", "http:")), (asked, value)
        names = {name for element in (*seen.shape, *seen.drawn) for name in element[1:]}
        assert not [name for name in names if name.startswith(("on", "hx-on", "data-hx", "srcdoc", "style"))], asked
        scripts = [
            element for element in seen.shape if element[0] in ("script", "iframe", "base", "math", "object", "embed")
        ]
        assert scripts == ([("script", "src", "defer")] * 2 if asked[1] == "page" else []), asked
        assert not {element[0] for element in seen.drawn} & {"script", "foreignobject", "a", "image", "animate", "set"}
        assert "4949" not in "".join(seen.text)
    shown = "".join(hostile["/books/{id}", "page"].text)
    assert shown.count(word.strip()) >= 4
    for path in ("/books/{id}/edit", "/books/{id}/details"):
        assert word.strip() in [value.strip() for value in hostile[path, "fragment"].values]


@pytest.mark.parametrize("word", PAYLOADS)
async def test_a_hostile_book_has_the_shape_of_a_tame_one(
    tame: dict[tuple[str, str], Skeleton], sqlite_client: Browser, word: str
) -> None:
    changed = {"title": word, "description": word, "series": word, "author": word}
    for id_ in (1, 2):
        book = (await sqlite_client.get(f"/books/{id_}")).json
        answer = await sqlite_client.put(f"/books/{id_}", json=changed | {"version": book["version"]})
        assert answer.status == 200
    author = (await sqlite_client.get("/books/1")).json["author"]["id"]
    for path in ("/", "/books", "/books/{id}/row", "/books/{id}/edit", "/books/{id}/details"):
        for form in ("page", "fragment"):
            seen = Skeleton((await sqlite_client.get(path.format(id=1), form)).text)
            assert seen.shape == tame[path, form].shape, (path, form)
            assert seen.drawn <= tame[path, form].drawn | seen.drawn
    assert (
        Skeleton((await sqlite_client.get(f"/authors/{author}/edit", "page")).text).shape
        == tame["/authors/{id}/edit", "page"].shape
    )


@pytest.mark.parametrize("word", PAYLOADS)
async def test_what_was_typed_comes_back_as_text(sqlite_client: Browser, word: str) -> None:
    await the_book(sqlite_client, TAME)
    for seen in await answers_to_writes(sqlite_client, word):
        names = {name for element in seen.shape for name in element[1:]}
        assert not [name for name in names if name.startswith(("on", "hx-on", "data-hx", "srcdoc", "style"))]
        assert sum(element[0] == "script" for element in seen.shape) in (0, 2)
        assert not {"iframe", "base", "math", "img"} & {element[0] for element in seen.shape}


@pytest.mark.parametrize("word", PAYLOADS)
async def test_a_message_carries_hostile_text_as_text(sqlite_client: Browser, word: str) -> None:
    await a_sent_book(sqlite_client, title=word)
    fragment = await sqlite_client.delete("/books/1", "fragment")
    assert fragment.headers["HX-Trigger"].isascii()
    assert "\n" not in fragment.headers["HX-Trigger"]
    await sqlite_client.post("/books/1/restoration")
    gone = await sqlite_client.post("/books/1/delete", "page")
    page = Skeleton((await sqlite_client.get(gone.headers["Location"], "page")).text)
    assert f"Deleted {word.strip()}." in page.text
    assert sum(element[0] == "script" for element in page.shape) == 2


@pytest.mark.parametrize("word", PAYLOADS)
async def test_a_drawn_cover_holds_hostile_text_as_text(sqlite_client: Browser, word: str) -> None:
    from xml.etree import ElementTree

    await a_sent_book(sqlite_client, title=word, author=word)
    root = ElementTree.fromstring((await sqlite_client.get("/books/1/cover")).body)
    for element in root.iter():
        assert element.tag.rpartition("}")[2].lower() in VOID | {"title", "desc", "style"}, element.tag
        assert not [name for name in element.attrib if name.lower().startswith("on") or "href" in name]
