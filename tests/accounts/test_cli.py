"""`bookapp create-admin` and `bookapp reset-link`, as an operator types them."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from bookapp.accounts import cli
from bookapp.accounts.models import AuditEntry
from bookapp.app import create_app
from bookapp.cli import main
from bookapp.config import Settings
from bookapp.core import clock
from bookapp.core.db import Database
from tests.accounts.doors import login, put, stored
from tests.clients import Browser
from tests.people import PASSWORD, a_person, with_factor

ALICE = ("--name", "alice", "--email", "alice@example.org")


@pytest.fixture
def runner(url: str, tmp_path: Path) -> CliRunner:
    said = {"DATABASE_URL": url, "BOOKAPP_DATA_DIR": str(tmp_path / "data"), "SECRET_KEY": "k" * 32}
    return CliRunner(env=said)


def run(runner: CliRunner, command: str, *arguments: str, said: str | None = None) -> Result:
    return runner.invoke(main, [command, *arguments], input=said)


def create(runner: CliRunner, *arguments: str, said: str = PASSWORD + "\n") -> Result:
    return run(runner, "create-admin", *(arguments or ALICE), "--password-stdin", said=said)


def beside(runner: CliRunner, act: Any) -> Any:
    """What `act(app)` finds in the application on the same database."""

    async def look() -> Any:
        app = create_app(Settings(database_url=runner.env["DATABASE_URL"], secret_key="k" * 32))
        async with app.test_app():
            return await act(app)

    return asyncio.run(look())


def on(runner: CliRunner, act: Any) -> Any:
    """What `act(db)` finds in the same database."""

    async def look() -> Any:
        db = Database(str(runner.env["DATABASE_URL"]))
        try:
            return await act(db)
        finally:
            await db.close()

    return asyncio.run(look())


async def _audit(db: Database) -> list[tuple[str, str, str, str]]:
    async with db.reading() as session:
        entries = await session.scalars(select(AuditEntry).order_by(AuditEntry.id))
        return [(entry.actor_name, entry.what, entry.subject, entry.address) for entry in entries]


def test_the_first_administrator_is_made_in_the_terminal(runner: CliRunner) -> None:
    result = create(runner)
    assert (result.exit_code, result.output) == (
        0,
        "alice administers now, and can log in at http://127.0.0.1:8000/login\n",
    )
    assert PASSWORD not in result.output

    async def signs_in(app: Any) -> str:
        browser, _ = await login(app)
        answer = await browser.get("/accounts/alice")
        return str(answer.json["role"])

    assert beside(runner, signs_in) == "admin"
    assert on(runner, _audit)[:1] == [("operator", "account created", "alice", "terminal")]


def test_nobody_can_claim_the_place_after_that(runner: CliRunner) -> None:
    create(runner)

    async def registers(app: Any) -> str:
        body = {"username": "mallory", "email": "m@example.org", "password": PASSWORD}
        return str((await Browser(app).post("/accounts", json=body)).json["role"])

    assert beside(runner, registers) == "member"


def test_what_is_missing_is_asked_for(runner: CliRunner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli, "_somebody_sits_there", lambda: True)
    typed = f"alice\nalice@example.org\n{PASSWORD}\nanother\n{PASSWORD}\n{PASSWORD}\n"
    result = run(runner, "create-admin", said=typed)
    assert result.exit_code == 0, result.output
    assert "Username: " in result.output
    assert PASSWORD not in result.output
    assert result.output.endswith("alice administers now, and can log in at http://127.0.0.1:8000/login\n")


@pytest.mark.parametrize("arguments", [(), ("--password-stdin",), ("--name", "alice"), ALICE, ("--promote",)])
def test_where_nobody_sits_it_says_what_is_missing(runner: CliRunner, arguments: tuple[str, ...]) -> None:
    result = run(runner, "create-admin", *arguments, said="")
    assert result.exit_code != 0
    assert "Traceback" not in result.output


@pytest.mark.parametrize(
    ("name", "email", "password", "words"),
    [
        ("al", "alice@example.org", PASSWORD, "The username: between 3 and 20 characters."),
        ("admin", "alice@example.org", PASSWORD, "The username: that name is taken by bookapp itself."),
        ("alice", "alice", PASSWORD, "The e-mail address: must look like anna@example.org."),
        ("alice", "alice@example.org", "short", "The password: at least 15 characters"),
        ("alice", "alice@example.org", "", "The password: at least 15 characters"),
        ("alice", "alice@example.org", "alice@example.org", "The password: too close to your name"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(
    runner: CliRunner, name: str, email: str, password: str, words: str
) -> None:
    result = create(runner, "--name", name, "--email", email, said=password + "\n")
    assert result.exit_code == 1
    assert result.output.startswith(words)
    assert result.output.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "taken"),
    [
        (("--name", "Alice", "--email", "new@example.org"), "name Alice"),
        (("--name", "anna", *ALICE[2:]), "address alice@"),
    ],
)
def test_somebody_who_is_here_already_can_be_promoted(
    runner: CliRunner, arguments: tuple[str, ...], taken: str
) -> None:
    on(runner, a_person)
    refused = create(runner, *arguments)
    assert refused.exit_code == 1
    assert taken in refused.output
    assert "--promote" in refused.output
    done = run(runner, "create-admin", "--promote", "--name", "alice@example.org")
    assert (done.exit_code, done.output) == (0, "alice administers now.\n")
    assert on(runner, stored).role == "admin"
    assert on(runner, _audit) == [("operator", "role changed", "alice", "terminal")]
    again = run(runner, "create-admin", "--promote", "--name", "alice")
    assert (again.exit_code, again.output) == (1, "alice is an administrator already.\n")


def test_promoting_opens_an_account_that_was_shut(runner: CliRunner) -> None:
    on(runner, lambda db: a_person(db, role="admin"))
    on(runner, lambda db: put(db, disabled_at=clock.now(), delete_at=clock.now()))
    assert run(runner, "create-admin", "--promote", "--name", "alice").exit_code == 0
    assert beside(runner, login)


def test_nobody_is_promoted_by_mistake(runner: CliRunner) -> None:
    result = run(runner, "create-admin", "--promote", "--name", "nobody")
    assert (result.exit_code, result.output) == (1, "Nobody here has the name or the address nobody.\n")
    assert run(runner, "create-admin", "--promote", "--name", "alice", "--email", "a@b.example").exit_code == 2


def test_a_link_replaces_a_forgotten_password(runner: CliRunner) -> None:
    on(runner, a_person)
    result = run(runner, "reset-link", "alice")
    assert result.exit_code == 0
    place, _, token = result.output.strip().partition("/login/reset/choose?token=")
    assert place == "http://127.0.0.1:8000"

    async def chooses(app: Any) -> None:
        body = {"token": token, "new_password": "a lantern above the sea"}
        assert (await Browser(app).post("/login/reset/choose", json=body)).status == 200
        await login(app, password="a lantern above the sea")

    beside(runner, chooses)
    assert on(runner, _audit)[0] == ("operator", "reset link made", "alice", "terminal")


def test_a_link_can_come_with_an_end_to_the_second_factor(runner: CliRunner) -> None:
    on(runner, a_person)
    assert run(runner, "reset-link", "alice", "--second-factor-off").exit_code == 1
    on(runner, lambda db: with_factor(db, "alice", "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"))
    assert run(runner, "reset-link", "alice", "--second-factor-off").exit_code == 0
    assert on(runner, stored).totp_since is None


def test_a_link_for_nobody_is_not_made(runner: CliRunner) -> None:
    result = run(runner, "reset-link", "nobody")
    assert (result.exit_code, result.output) == (1, "Nobody here has the name or the address nobody.\n")


def test_a_new_machine_gets_its_database(tmp_path: Path) -> None:
    fresh = CliRunner(env={"DATABASE_URL": f"sqlite:///{tmp_path / 'new' / 'bookapp.db'}"})
    assert create(fresh).exit_code == 0
