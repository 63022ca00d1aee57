"""One of everything that a member can have, made at a server from outside: what is asked for by its id is there."""

import http.client
import json
from collections import defaultdict
from typing import Any

FILE = "Title,Author,ISBN,My Rating,Exclusive Shelf\nEmma,Jane Austen,,4,read\nWhite Nights,Nobody,,5,to-read\n,,,,\n"
BOOKS = 40
"""So many of the demo's books, by their numbers, are what people talk about."""


class Member:
    """Somebody who is signed in, and the ids of what they have."""

    def __init__(self, port: int, name: str, session: str) -> None:
        self.port, self.name = port, name
        self.headers = {"Cookie": f"bookapp_session={session}", "Accept": "application/json"}
        self.ids: dict[str, list[int]] = defaultdict(list)

    def ask(self, method: str, path: str, body: Any = None, kind: str = "application/json") -> Any:
        """Send one request. Returns the JSON that came back, also of a refusal: what is there already is as good."""
        data = body.encode() if kind == "text/csv" else None if body is None else json.dumps(body)
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method, path, data, self.headers | ({"Content-Type": kind} if data else {}))
            answer = connection.getresponse()
            said = answer.read()
        finally:
            connection.close()
        assert answer.status < 500, (method, path, said)
        return json.loads(said or b"{}")

    def make(self, key: str, path: str, body: Any, kind: str = "application/json") -> None:
        """Make something, and keep its id as one of those that stand for `key` in addresses."""
        said = self.ask("POST", path, body, kind)
        self.ids[key] += [said["id"]] if "id" in said else []

    def settle_in(self, other: str, number: int) -> None:
        """Have one of everything; `number` makes it about another book each time."""
        book, home = number % BOOKS + 1, f"/accounts/{self.name}"
        for more in range(2):  # the first one of each is soon deleted
            self.make("task_id", f"{home}/tasks", {"name": "Read on", "book_id": book})
            self.make("token_id", f"{home}/tokens", {"name": f"Script {number}"})
            self.make("quote_id", f"/books/{book}/quotes", {"text": f"A truth ({number})", "page": 7 + more})
            self.make("reading_id", f"/books/{book}/readings", {"started": "2024-05", "note": "On the train"})
            self.make("ask_id", "/asks", {"text": f"Something short, {number}"})
            self.make("import_id", "/imports?name=mine.csv&dry_run=true", FILE, "text/csv")
            self.make("suggestion_id", "/suggestions", {"book_id": book + more, "to": other, "reason": "Tales"})
        self.make("suggestion_id", "/suggestions", {"book_id": book, "link": True})
        self.make("review_id", f"/books/{book}/review", {"text": "Why *not*", "visibility": "everyone"})
        self._put_on_shelves(book, home)
        self._say_in_public(book)
        self.ids["job_id"] += [job["id"] for job in self.ask("GET", "/jobs").get("items", ())][:4]
        self.ids["book_id"] += [book, book + 1, book + 2]

    def _put_on_shelves(self, book: int, home: str) -> None:
        self.ask("POST", f"{home}/shelves", {"name": "Classics", "visibility": "everyone"})
        self.ask("PUT", f"{home}/shelves/classics/books/{book}")
        self.ask("PUT", f"/books/{book}/shelf", {"state": "reading"})
        self.ask("PUT", f"/books/{book}/rating", {"stars": 4.5})
        self.ask("PUT", f"/books/{book}/entry", {"tags": ["sea", "whales"], "note": "Lent", "is_owned": True})
        self.ask("PUT", f"/books/{book}/entry/detail", {"moods": ["sad"], "warnings": ["graphic: Death"]})
        self.ask("PUT", f"{home}/goals/2024", {"books": 24})

    def _say_in_public(self, book: int) -> None:
        self.ask("PUT", f"/books/{book}/praise", {"reason": "It is kind"})
        self.ask("POST", f"/books/{book}/pairs", {"other_id": book + 1, "reason": "Alike"})
        self.ids["pair_id"] += [pair["id"] for pair in self.ask("GET", f"/books/{book}/pairs").get("pairs", ())]
        self.ids["praise_id"] += [one["id"] for one in self.ask("GET", f"/books/{book}/praise").get("praise", ())]
        self.ask("POST", "/recommendations/dismissals", {"book_id": book + 2})
        for kind, name in (("author", "Jane Austen"), ("subject", "classics")):
            said = self.ask("POST", "/recommendations/mutes", {"kind": kind, "name": name})
            self.ids[f"{kind}_id"] += [said["key"]] if "key" in said else []


def ids_of(*members: Member) -> dict[str, list[int]]:
    """What stands for each key in addresses: what the first one has, and what belongs to others."""
    return {
        key: sorted({number for member in members for number in member.ids[key]})
        for key in sorted({key for member in members for key in member.ids})
    }
