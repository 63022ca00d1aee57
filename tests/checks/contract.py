"""S2: schemathesis asks what `/openapi.json` describes, as a program, as htmx and as a browser, on both databases.

`python -m tests.checks contract --cases 20000` asks at least so many times on each: 0 answers of 5xx, 0 statuses that
the description does not name, and nothing else that schemathesis finds wrong. With `--as member` or `--as admin` it is
signed in, as a browser is, and limits are out of reach, or they would soon answer everything with 429. There and at
bob's is one of everything, and most ids that are asked for are of what they have.
"""

import asyncio
import itertools
import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests import postgres
from tests.checks.belongings import Member, ids_of
from tests.checks.client import figure
from tests.checks.people import PASSWORD, call, register, sign_in
from tests.serving.servers import BOOKAPP, Server, environment

GENEROUS = (sys.executable, "-m", "tests.checks.generous")
CASES = 2000
EMAIL = "alice@example.org"
CHECKS = (
    "not_a_server_error,status_code_conformance,response_schema_conformance,content_type_conformance,"
    "response_headers_conformance,negative_data_rejection,missing_required_header,unsupported_method,"
    "allow_header_conformance,use_after_free"
)
FORMS = ((), ("-H", "HX-Request: true"), ("-H", "Accept: text/html"))
# A refusal is a refusal, also when it is for the version (412), for the size (413, 414, 431) or for coming too often
# (429). And a book whose picture was deleted has a cover again: a drawn one.
CONFIGURATION = """
[checks.negative_data_rejection]
expected-statuses = [400, 401, 403, 404, 405, 409, 412, 413, 414, 415, 422, 428, 429, 431]

[[operations]]
include-operation-id = "covers.show"
checks.use_after_free.enabled = false
"""
# One's own name and mostly the ids of what is there, or nearly all would be 404: for the same reason deleting hits less
# often. No keys that schemathesis makes up, and nothing that ends the session, or nearly all would be 401.
SIGNED_IN = """
[generation]
with-security-parameters = false

[parameters]
"path.username" = "alice"
"path.year" = { dictionary = "year", probability = 0.8 }
"path.shelf" = { dictionary = "shelf", probability = 0.9 }
"body.book_id" = { dictionary = "book_id", probability = 0.8 }
"body.other_id" = { dictionary = "book_id", probability = 0.8 }
"body.to" = { dictionary = "person", probability = 0.8 }
"""
OTHERS = """
[[operations]]
include-tag = "circles"

[operations.parameters]
"path.username" = { dictionary = "stranger", probability = 0.9 }

[[operations]]
include-operation-id-regex = "^profiles.update"

[operations.parameters]
"body.username" = { dictionary = "own_name", probability = 0.9 }

[[operations]]
include-operation-id-regex = "^\\\\w+\\\\.remove"

[operations.parameters]
"""
WORDS = {
    "own_name": ["alice"],
    "person": ["bob", "dora", "nobody"],
    "stranger": ["dora", "nobody"],
    "shelf": ["classics", "read", "reading", "want", "all", "nothing"],
    "year": [2024, 2025, 2026, 1],
}
ENDS_IT = (
    r"^(accounts\\.(login|logout|logout_token)|factors\\.(create|enter_code)"
    r"|profiles\\.(remove|remove_session|remove_sessions|update_password))(\\.post)?$"
)
UNASKED = f"""
[[operations]]
include-operation-id-regex = "{ENDS_IT}"
enabled = false
"""


@dataclass
class Seen:
    """What all rounds on one database found."""

    cases: int = 0
    server_errors: int = 0
    asked: set[str] = field(default_factory=set)
    reached: set[str] = field(default_factory=set)
    """The operations that were asked, and those that once did what was asked."""
    findings: Counter[str] = field(default_factory=Counter)
    examples: dict[str, str] = field(default_factory=dict)

    @property
    def undeclared(self) -> int:
        return sum(count for what, count in self.findings.items() if what.startswith("status_code_conformance "))

    def add(self, report: Path) -> None:
        for kind, event in _events(report):
            if kind == "NonFatalError":
                self._find(f"error {event.get('label')}", json.dumps(event.get("value")))
            elif kind == "ScenarioFinished":
                self._add(event.get("recorder", {}))

    def _add(self, recorder: dict[str, Any]) -> None:
        for case, exchange in recorder.get("interactions", {}).items():
            status = (exchange.get("response") or {}).get("status_code", 0)
            self.cases += 1
            self.asked.add(recorder["label"])
            if 200 <= status < 400:
                self.reached.add(recorder["label"])
            self.server_errors += status >= 500
            for check in recorder.get("checks", {}).get(case, ()):
                if check["status"] == "failure":
                    asked = json.dumps(exchange["request"])[:600]
                    self._find(f"{check['name']} {recorder['label']} {status}", asked)

    def _find(self, what: str, example: str) -> None:
        self.findings[what] += 1
        self.examples.setdefault(what, example)


def _events(report: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    with report.open() as lines:
        for line in lines:
            yield from json.loads(line).items()


def come_in(port: int, role: str, number: int) -> tuple[str, ...]:
    """What schemathesis sends along: a new session of alice's. She is the first here when she administers."""
    if role == "guest":
        return ()
    if number == 0:
        for name in ("alice", "bob") if role == "admin" else ("dora", "alice", "bob"):
            register(port, name)
    cookie = f"bookapp_session={sign_in(port, EMAIL)}"
    _, _, said = call(port, "POST", "/accounts/login", {"username": EMAIL, "password": PASSWORD})
    if said["username"] != "alice":  # the last round gave her another name
        call(port, "PATCH", f"/accounts/{said['username']}", {"username": "alice"}, Cookie=cookie, If_Match="*")
    return "-H", f"Cookie: {cookie}", "-H", "Sec-Fetch-Site: same-origin"


def still_in(port: int, headers: tuple[str, ...]) -> bool:
    """Whether the session outlived the round."""
    return not headers or call(port, "GET", "/dashboard", Cookie=headers[1].partition(": ")[2])[0] == 200


def configuration(port: int, number: int, headers: tuple[str, ...]) -> str:
    """What schemathesis is told. Who is signed in gets new things first, since the last round deleted most."""
    if not headers:
        return CONFIGURATION
    members = [Member(port, "alice", headers[1].partition("=")[2]), Member(port, "bob", sign_in(port, "bob"))]
    for member, other in zip(members, reversed(members), strict=True):
        member.ask("DELETE", f"/accounts/{other.name}/block")
        member.settle_in(other.name, number)
    ids = ids_of(*members)
    hits, seldom = (
        "".join(f'"path.{key}" = {{ dictionary = "{key}", probability = {share} }}\n' for key in ids)
        for share in (0.8, 0.1)
    )
    words = "".join(f"\n[dictionaries.{key}]\nvalues = {json.dumps(values)}\n" for key, values in (WORDS | ids).items())
    return SIGNED_IN + hits + words + CONFIGURATION + OTHERS + seldom + UNASKED


def ask(server: Server, place: Path, number: int, headers: tuple[str, ...]) -> Path:
    """One round of schemathesis: the first of each form tries each boundary, later ones only what is new."""
    report, config = place / f"round{number}.ndjson", place / "schemathesis.toml"
    config.write_text(configuration(server.port, number, headers))
    document = place / "openapi.json"  # fetched here: schemathesis waits ten seconds, a busy machine may need more
    document.write_bytes(server.get("/openapi.json", timeout=120)[1])
    phases = "examples,coverage,fuzzing,stateful" if number < len(FORMS) else "fuzzing,stateful"
    command = [
        *(str(Path(sys.executable).with_name("schemathesis")), "--config-file", str(config), "run"),
        *(str(document), "--url", f"http://127.0.0.1:{server.port}"),
        *("--phases", phases, "-n", "50", "-m", "all", "-c", CHECKS),
        *("--continue-on-failure", "--no-shrink", "--max-redirects", "0", "--seed", str(number + 1)),
        *("--report", "ndjson", "--report-ndjson-path", str(report), *FORMS[number % len(FORMS)], *headers),
    ]
    with (place / f"round{number}.txt").open("w") as said:
        subprocess.run(command, cwd=place, stdout=said, stderr=said, timeout=7200)
    return report


def check(name: str, place: Path, cases: int, **settings: object) -> Seen:
    """Rounds on one database, filled with the demo's books, until enough was asked."""
    seen, role = Seen(), os.environ.get("BOOKAPP_CHECK_AS", "guest")
    place.mkdir()
    with Server(place / "data", BOOKAPP if role == "guest" else GENEROUS, BOOKAPP_WORKERS=2, **settings) as server:
        fill = [sys.executable, "-m", "bookapp", "demo"]
        subprocess.run(fill, env=environment(place / "data", 1, **settings), check=True, stdout=subprocess.DEVNULL)
        for number in itertools.count():
            if seen.cases >= cases:
                break
            headers = come_in(server.port, role, number)
            report = ask(server, place, number, headers)
            before = seen.cases
            seen.add(report)
            if not still_in(server.port, headers):
                seen.findings["the session ended in the middle"] += 1
                seen.examples["the session ended in the middle"] = f"round {number}"
            assert seen.cases > before, report.with_suffix(".txt").read_text()
            report.unlink()
    print(f"     {name}: never did it: {', '.join(sorted(seen.asked - seen.reached)) or 'none'}", flush=True)
    for what, count in seen.findings.most_common(20):
        print(f"     {name}: {count} x {what}: {seen.examples[what]}", flush=True)
    return seen


def run(place: Path) -> bool:
    cases = int(os.environ.get("BOOKAPP_CHECK_CASES", CASES))
    found = {"sqlite": check("sqlite", place / "sqlite", cases)}
    with postgres.server() as base:
        if base:
            url = f"{base}/bookapp_contract"
            asyncio.run(_database(url, "DROP DATABASE IF EXISTS {} WITH (FORCE)", "CREATE DATABASE {}"))
            found["postgresql"] = check("postgresql", place / "postgresql", cases, DATABASE_URL=url)
            asyncio.run(_database(url, "DROP DATABASE {} WITH (FORCE)"))
    errors, undeclared = (sum(getattr(s, n) for s in found.values()) for n in ("server_errors", "undeclared"))
    other = sum(seen.findings.total() for seen in found.values()) - undeclared
    counts = {f"{name}_cases": seen.cases for name, seen in found.items()}
    good = not (errors or undeclared or other) and len(found) == 2
    role = os.environ.get("BOOKAPP_CHECK_AS", "guest")
    return figure(
        f"contract as {role}", good, **counts, server_errors=errors, undeclared_statuses=undeclared, other=other
    )


async def _database(url: str, *statements: str) -> None:
    import asyncpg

    base, _, name = url.replace("+asyncpg", "").rpartition("/")
    connection = await asyncpg.connect(f"{base}/postgres")
    try:
        for statement in statements:
            await connection.execute(statement.format(name))
    finally:
        await connection.close()
