"""Settings: what is wrong is said in one sentence that names it."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from bookapp.config import Settings, WrongSetting, load_settings

NAMES = [field.alias for field in Settings.model_fields.values() if field.alias]


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [*NAMES, "BOOKAPP_DATA_DIR", "PERSISTENT_STORAGE_DIR"]:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("BOOKAPP_DATA_DIR", str(tmp_path))


WRONG = [
    ("DATABASE_URL", "mysql://book@host/name"),
    ("DATABASE_URL", "not a url"),
    ("SECRET_KEY", "short"),
    ("BOOKAPP_BASE_URL", "books.example.org"),
    ("BOOKAPP_BASE_URL", "https://books.example.org/shelf"),
    ("BOOKAPP_BASE_URL", "ftp://books.example.org"),
    ("BOOKAPP_GUEST_EDITS", "sometimes"),
    ("BOOKAPP_REGISTRATION", "maybe"),
    ("BOOKAPP_TRUSTED_PROXIES", "proxy.example"),
    ("BOOKAPP_WORKERS", "0"),
    ("BOOKAPP_WORKERS", "many"),
    ("BOOKAPP_WORKERS", "65"),
    ("PORT", "0"),
    ("PORT", "65536"),
    ("PORT", "http"),
    ("BOOKAPP_SQLITE_SYNCHRONOUS", "off"),
    ("BOOKAPP_LOG_LEVEL", "loud"),
    ("DEBUG", "perhaps"),
]


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_a_wrong_setting_is_named_in_one_sentence(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(WrongSetting) as caught:
        load_settings()
    sentence = str(caught.value)
    assert sentence.startswith(name), sentence
    assert sentence.endswith(".")
    assert "\n" not in sentence
    assert "pydantic" not in sentence


def test_nothing_set_is_a_good_start(tmp_path: Path) -> None:
    settings = load_settings()
    assert settings.database_url == f"sqlite+aiosqlite:///{tmp_path}/bookapp.db"
    assert settings.sqlite_path == tmp_path / "bookapp.db"
    assert settings.covers_dir == tmp_path / "covers"
    assert settings.guest_edits == "until-claimed"
    assert settings.port == 8000


def test_an_empty_setting_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMES:
        monkeypatch.setenv(name, "")
    assert load_settings().port == 8000


def test_the_data_folder_has_an_older_name(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("BOOKAPP_DATA_DIR")
    monkeypatch.setenv("PERSISTENT_STORAGE_DIR", str(tmp_path / "older"))
    assert load_settings().data_dir == tmp_path / "older"
    monkeypatch.setenv("BOOKAPP_DATA_DIR", str(tmp_path / "newer"))
    assert load_settings().data_dir == tmp_path / "newer"


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ("sqlite:////srv/books.db", "sqlite+aiosqlite:////srv/books.db"),
        ("postgres://book:s%40crt@host/name", "postgresql+asyncpg://book:s%40crt@host/name"),
        ("postgresql+psycopg2://book@host/name", "postgresql+asyncpg://book@host/name"),
    ],
)
def test_a_database_is_named_as_people_do(monkeypatch: pytest.MonkeyPatch, given: str, url: str) -> None:
    monkeypatch.setenv("DATABASE_URL", given)
    settings = load_settings()
    assert settings.database_url == url
    assert (settings.sqlite_path is None) == url.startswith("postgresql")


def test_lists_have_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOOKAPP_ALLOWED_HOSTS", " shelf.lan , books.lan,")
    monkeypatch.setenv("BOOKAPP_TRUSTED_PROXIES", "10.0.0.0/8, ::1")
    settings = load_settings()
    assert settings.allowed_hosts == ("shelf.lan", "books.lan")
    assert settings.trusted_proxies == ("10.0.0.0/8", "::1")


def test_a_secret_is_made_once_and_is_nobody_elses_to_read(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "new")
    with ThreadPoolExecutor(8) as threads:
        secrets = {future.result() for future in [threads.submit(settings.secret) for _ in range(8)]}
    path = tmp_path / "new" / "secret_key"
    assert secrets == {path.read_bytes()}
    assert len(path.read_bytes()) == 64
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert Settings(data_dir=tmp_path / "new").secret() in secrets


def test_a_given_secret_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "k" * 32)
    assert load_settings().secret() == b"k" * 32
    assert not (tmp_path / "secret_key").exists()


def test_a_secret_may_stand_in_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY_FILE", str(tmp_path / "key"))
    with pytest.raises(WrongSetting, match=r"^SECRET_KEY_FILE cannot be read"):
        load_settings().secret()
    (tmp_path / "key").write_text("short\n")
    with pytest.raises(WrongSetting, match=r"^SECRET_KEY_FILE must hold"):
        load_settings().secret()
    (tmp_path / "key").write_text("k" * 40 + "\n")
    assert load_settings().secret() == b"k" * 40


def test_no_secret_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "s3cret" * 8)
    monkeypatch.setenv("BOOKAPP_METRICS_TOKEN", "t0ken")
    shown = repr(load_settings())
    assert "s3cret" not in shown
    assert "t0ken" not in shown


@pytest.mark.parametrize(
    ("settings", "address"),
    [
        ({}, "http://127.0.0.1:8000"),
        ({"host": "0.0.0.0", "port": 81}, "http://127.0.0.1:81"),
        ({"host": "::"}, "http://[::1]:8000"),
        ({"host": "fd00::7"}, "http://[fd00::7]:8000"),
        ({"host": "0.0.0.0", "base_url": "https://books.example.org"}, "https://books.example.org"),
    ],
)
def test_the_address_is_one_that_can_be_reached(settings: dict[str, Any], address: str) -> None:
    assert Settings(**settings).address == address
