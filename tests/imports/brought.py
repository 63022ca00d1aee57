"""Small ways to bring a file along, and to have it put in."""

import csv
import io
from collections.abc import Sequence
from typing import Any

from bookapp.config import Settings
from bookapp.core.db import Database
from bookapp.jobs.worker import run_one
from bookapp.web.application import Application
from bookapp.works import works
from tests.clients import Answer, Browser

COLUMNS = (
    "Book Id", "Title", "Author", "Author l-f", "Additional Authors", "ISBN", "ISBN13", "My Rating", "Average Rating",
    "Publisher", "Binding", "Number of Pages", "Year Published", "Original Publication Year", "Date Read", "Date Added",
    "Bookshelves", "Bookshelves with positions", "Exclusive Shelf", "My Review", "Spoiler", "Private Notes",
    "Read Count", "Owned Copies",
)  # fmt: skip
EMMA = {"Book Id": "6969", "Title": "Emma", "Author": "Jane Austen", "ISBN13": '="9780141439587"', "My Rating": "4",
        "Exclusive Shelf": "read", "Date Added": "2020/01/02", "Date Read": "2020/02/03"}  # fmt: skip
DUNE = {"Book Id": "234225", "Title": "Dune (Dune, #1)", "Author": "Frank Herbert", "ISBN13": '="9780441013593"',
        "My Rating": "5", "Exclusive Shelf": "to-read", "Date Added": "2021/01/02"}  # fmt: skip
NAMELESS = {"Book Id": "1", "Author": "Nobody", "Exclusive Shelf": "read"}


def goodreads(*rows: dict[str, str]) -> bytes:
    """A file as Goodreads makes it."""
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def form(data: bytes, name: str = "goodreads_library_export.csv", **fields: str) -> dict[str, Any]:
    """A request that sends a file as the form of the page does."""
    parts = [
        f'--edge\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n' for key, value in fields.items()
    ]
    head = f'--edge\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\nContent-Type: text/csv\r\n\r\n'
    body = "".join(parts).encode() + head.encode() + data + b"\r\n--edge--\r\n"
    return {"data": body, "headers": {"Content-Type": "multipart/form-data; boundary=edge"}}


async def bring(client: Browser, data: bytes, answer: str = "json", **fields: str) -> Answer:
    """Send a file as the form of the page does."""
    return await client.post("/imports", answer, **form(data, **fields))


async def work(app: Application) -> None:
    """Do all jobs that wait."""
    db: Database = app.extensions["db"]
    settings: Settings = app.extensions["settings"]
    while await run_one(db, works(settings)):
        pass


async def put_in(app: Application, client: Browser, *rows: dict[str, str], **fields: str) -> dict[str, Any]:
    """Bring these rows along, have them put in, and say what became of them."""
    answer = await bring(client, goodreads(*rows), **fields)
    assert answer.status == 202, answer.text
    await work(app)
    shown: dict[str, Any] = (await client.get(answer.headers["Location"])).json
    return shown


def numbers(shown: dict[str, Any]) -> dict[str, int]:
    """What became of the rows, without what is nought."""
    return {name: count for name, count in shown["counts"].items() if count}


async def titles(client: Browser) -> Sequence[str]:
    """The titles of all books in the catalogue."""
    return sorted(book["title"] for book in (await client.get("/books?limit=100")).json["books"])
