"""`bookapp check --deploy`: each finding appears when it should, and only then."""

import asyncio
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from bookapp.config import Settings, unknown_names
from bookapp.core.db import Database
from bookapp.system import check
from bookapp.system.check import file_system_of, findings, is_public, sqlite_is_safe
from tests.databases import SqliteCopies
from tests.people import a_person

Careful = Callable[..., Settings]
REACHED = {"127.0.0.1": False, "::1": False, "localhost": False, "::": True, "10.1.1.1": True, "web": True}


@pytest.fixture
async def careful(sqlite_copies: SqliteCopies, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Careful:
    """Settings of somebody who thought of everything, but for what is changed."""
    url = await sqlite_copies.fresh()
    await _with_alice(url)
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    for name in [name for name in os.environ if name.startswith("BOOKAPP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setattr(check, "SAFE_SQLITE", ((3, 0, 0),))
    good = {
        "database_url": url,
        "data_dir": data,
        "secret_key": "k" * 32,
        "base_url": "https://books.example.org",
        "metrics_token": "t" * 32,
        "smtp_url": "smtps://books@mail.example.org",
        "mail_from": "books@example.org",
    }

    def make(**changes: Any) -> Settings:
        return Settings(**{name: value for name, value in {**good, **changes}.items() if value != ""})

    return make


async def _with_alice(url: str) -> None:
    db = Database(url)
    await a_person(db)
    await db.close()


def wrong(settings: Settings, *, deploy: bool = True) -> list[str]:
    return [finding.text for finding in findings(settings, deploy=deploy) if not finding.is_note]


def notes(settings: Settings) -> list[str]:
    return [finding.text for finding in findings(settings, deploy=True) if finding.is_note]


def test_nothing_is_found_when_all_is_well(careful: Careful) -> None:
    assert findings(careful(), deploy=True) == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"base_url": "", "smtp_url": "", "mail_from": ""}, "BOOKAPP_BASE_URL is not set"),
        ({"base_url": "http://books.example.org"}, "BOOKAPP_BASE_URL is not https"),
        ({"host": "0.0.0.0"}, "BOOKAPP_TRUSTED_PROXIES is not set"),
        ({"trusted_proxies": "0.0.0.0/0"}, "trusts everybody"),
        ({"trusted_proxies": "::/0"}, "trusts everybody"),
        ({"debug": True}, "DEBUG is on"),
        ({"guest_edits": "always"}, "BOOKAPP_GUEST_EDITS is `always`"),
        ({"sqlite_synchronous": "normal"}, "BOOKAPP_SQLITE_SYNCHRONOUS is `normal`"),
    ],
)
def test_a_weak_setting_matters_only_to_who_deploys(careful: Careful, changes: dict[str, Any], words: str) -> None:
    found = wrong(careful(**changes))
    assert len(found) == 1
    assert words in found[0]
    assert wrong(careful(**changes), deploy=False) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"host": "0.0.0.0", "trusted_proxies": "10.0.0.0/8"},
        {"host": "localhost"},
        {"host": "::1"},
        {"guest_edits": "never"},
    ],
)
def test_a_strong_setting_is_let_alone(careful: Careful, changes: dict[str, Any]) -> None:
    assert findings(careful(**changes), deploy=True) == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"data_dir": Path("/dev/null/data")}, "BOOKAPP_DATA_DIR: /dev/null/data cannot be written"),
        ({"secret_key": "", "secret_key_file": Path("/no/such/key")}, "SECRET_KEY_FILE cannot be read"),
        ({"database_url": "postgresql://nobody@127.0.0.1:9/none"}, "DATABASE_URL: the database does not answer"),
    ],
)
def test_what_stops_every_server_is_always_found(careful: Careful, changes: dict[str, Any], words: str) -> None:
    found = wrong(careful(**changes), deploy=False)
    assert len(found) == 1
    assert words in found[0]


def test_options_of_the_server_that_are_not_there(careful: Careful, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOOKAPP_HYPERCORN_TOML", "/no/such/file")
    assert "BOOKAPP_HYPERCORN_TOML" in wrong(careful())[0]


def test_what_is_worth_knowing_is_a_note(careful: Careful, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "BOOKAPP_METRICS_TOKEN is not set" in notes(careful(metrics_token=""))[0]
    assert "SECRET_KEY is not set" in notes(careful(secret_key=""))[0]
    assert "There is no database yet" in notes(careful(database_url=f"sqlite:///{tmp_path}/none.db"))[0]
    monkeypatch.setattr(check, "SAFE_SQLITE", ((99, 0, 0),))
    assert "has a rare bug" in notes(careful())[0]


def test_mail_is_a_hint(careful: Careful) -> None:
    assert "BOOKAPP_SMTP_URL is not set" in notes(careful(smtp_url=""))[0]
    assert wrong(careful(smtp_url="")) == []


@pytest.mark.parametrize("guest_edits", ["until-claimed", "never"])
def test_an_open_instance_that_nobody_claimed(url: str, careful: Careful, guest_edits: str) -> None:
    settings = careful(database_url=url, guest_edits=guest_edits)

    def is_open() -> bool:
        return "nobody has an account" in " ".join(wrong(settings))

    assert is_open() == (guest_edits == "until-claimed")
    assert wrong(settings, deploy=False) == []
    asyncio.run(_with_alice(url))
    assert not is_open()


def test_a_new_instance_is_open_too(careful: Careful, tmp_path: Path) -> None:
    assert "nobody has an account" in wrong(careful(database_url=f"sqlite:///{tmp_path}/none.db"))[0]


def test_a_name_that_is_no_setting(careful: Careful, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOOKAPP_GUEST_EDIT", "never")
    monkeypatch.setenv("bookapp_colour", "red")
    monkeypatch.setenv("bookapp_log_level", "info")
    assert wrong(careful(), deploy=False) == [
        "BOOKAPP_GUEST_EDIT is no setting of bookapp; BOOKAPP_GUEST_EDITS is one.",
        "bookapp_colour is no setting of bookapp.",
    ]


def test_what_kubernetes_sets_is_let_alone() -> None:
    service = {
        "BOOKAPP_SERVICE_HOST": "10.0.0.7",
        "BOOKAPP_SERVICE_PORT_HTTP": "80",
        "BOOKAPP_PORT": "tcp://10.0.0.7:80",
        "BOOKAPP_PORT_80_TCP_ADDR": "10.0.0.7",
    }
    assert unknown_names(service) == []
    assert unknown_names({"BOOKAPP_PORT": "8001"}) == ["BOOKAPP_PORT is no setting of bookapp."]


def test_a_key_that_others_can_read(careful: Careful, tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_bytes(b"k" * 32)
    for mode, count in ((0o644, 1), (0o640, 1), (0o600, 0)):
        key.chmod(mode)
        found = wrong(careful(secret_key="", secret_key_file=key))
        assert ["Others can read the key for signing" in line for line in found] == [True] * count


def test_data_that_everybody_can_read(careful: Careful, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = careful()
    monkeypatch.setattr(check, "_is_shut_off", lambda path: path == settings.sqlite_path)
    settings.data_dir.chmod(0o755)
    assert wrong(settings) == [
        f"Everybody on this machine can read {settings.data_dir}: chmod o-rwx {settings.data_dir}."
    ]
    settings.data_dir.chmod(0o750)
    assert wrong(settings) == []


def test_a_database_of_another_release(url: str, careful: Careful) -> None:
    async def grow_old() -> None:
        db = Database(url)
        async with db.writing() as session:
            await session.execute(text("UPDATE alembic_version SET version_num = '0000'"))
        await db.close()

    assert wrong(careful(database_url=url), deploy=False) == []
    asyncio.run(grow_old())
    assert "is at revision 0000" in wrong(careful(database_url=url), deploy=False)[0]


@pytest.mark.parametrize("off", [(), ("fsync",), ("fsync", "full_page_writes")])
def test_a_postgresql_that_may_lose_data(
    postgres_url: str, careful: Careful, monkeypatch: pytest.MonkeyPatch, off: tuple[str, ...]
) -> None:
    settings = careful(database_url=postgres_url, guest_edits="never")
    switches = asyncio.run(check._postgres_switches(settings.database_url))
    assert set(switches.values()) <= {"on", "off"}

    async def told(_url: str) -> dict[str, str]:
        return dict.fromkeys(switches, "on") | dict.fromkeys(off, "off")

    monkeypatch.setattr(check, "_postgres_switches", told)
    assert [line.split()[3] for line in wrong(settings)] == list(off)


def test_a_network_disk(careful: Careful, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(f"disk / ext4 rw 0 0\nserver:/x {tmp_path} nfs4 rw 0 0\n")
    assert file_system_of(tmp_path / "bookapp.db", mounts) == "nfs4"
    assert file_system_of(tmp_path.parent / "bookapp.db", mounts) == "ext4"
    assert file_system_of(tmp_path, tmp_path / "none") == ""
    monkeypatch.setattr(check, "file_system_of", lambda _path: "nfs4")
    assert "SQLite on a network file system (nfs4) loses data" in wrong(careful(), deploy=False)[0]


def test_which_sqlite_is_safe() -> None:
    safe = [(3, 44, 6), (3, 44, 9), (3, 50, 7), (3, 51, 3), (3, 52, 0), (4, 0, 0)]
    assert all(map(sqlite_is_safe, safe))
    assert not any(map(sqlite_is_safe, [(3, 40, 1), (3, 44, 5), (3, 45, 9), (3, 50, 6), (3, 51, 2)]))


def test_which_address_others_reach() -> None:
    assert {host: is_public(Settings(host=host)) for host in REACHED} == REACHED
