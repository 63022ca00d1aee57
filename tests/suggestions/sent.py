"""Recommendations that were sent through the application."""

from typing import Any

from tests.clients import Browser


async def suggested(client: Browser, to: Any = "bob", book_id: int = 1, **fields: Any) -> dict[str, Any]:
    """What the sender gets to see of a new recommendation."""
    answer = await client.post("/suggestions", json={"to": to, "book_id": book_id, **fields})
    assert answer.status == 201, answer.text
    line: dict[str, Any] = answer.json["suggestions"][0]
    return line


async def inbox(client: Browser) -> list[dict[str, Any]]:
    """What somebody got, the latest first."""
    found: list[dict[str, Any]] = (await client.get("/suggestions")).json["suggestions"]
    return found


async def sent(client: Browser) -> list[dict[str, Any]]:
    """What somebody sent, the latest first."""
    found: list[dict[str, Any]] = (await client.get("/suggestions?box=sent")).json["suggestions"]
    return found


async def counts(client: Browser) -> tuple[int, int]:
    """What is new in the two boxes."""
    found = (await client.get("/suggestions/counts")).json
    return found["inbox"], found["news"]
