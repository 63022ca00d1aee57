"""Settings, read once from the environment. Every name is in the README's configuration table."""

import contextlib
import ipaddress
import os
import re
import secrets
import tempfile
from collections.abc import Mapping
from difflib import get_close_matches
from email.utils import parseaddr
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, AliasChoices, Field, ValidationError, field_validator, model_validator
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg", "postgres": "postgresql+asyncpg"}


class WrongSetting(Exception):
    """A setting that stops the start; its text is one sentence that names the setting."""


def _database_url(value: str) -> str:
    try:
        url = make_url(value)
    except ArgumentError as error:
        raise ValueError("is not a database URL such as postgresql://user@host/name") from error
    backend = url.drivername.partition("+")[0]
    if backend not in DRIVERS:
        raise ValueError("must begin with sqlite:// or postgresql://")
    return url.set(drivername=DRIVERS[backend]).render_as_string(hide_password=False)


def _base_url(value: str) -> str:
    scheme, _, rest = value.rstrip("/").partition("://")
    if scheme not in ("http", "https") or not rest or any(c in rest for c in " /?#@"):
        raise ValueError("must look like https://books.example.org, without a path")
    return f"{scheme}://{rest.lower()}"


def _smtp_url(value: str) -> str:
    url = urlsplit(value)
    if url.scheme not in ("smtp", "smtps", "smtp+starttls") or not url.hostname:
        raise ValueError("must look like smtps://user:password@mail.example.org")
    if url.path.strip("/") or url.query or url.fragment or url.port == 0:  # reading the port checks it
        raise ValueError("must end after the host and the port")
    return value


def _mail_from(value: str) -> str:
    address = parseaddr(value)[1]
    local, at, host = address.partition("@")
    if not (local and at and host) or any(ord(c) < 32 for c in value) or any(c in " @" for c in host):
        raise ValueError("must look like books@example.org, or Our books <books@example.org>")
    return value


def _words(value: object) -> object:
    """Accept a comma-separated list."""
    return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value


class Settings(BaseSettings):
    """All settings of one bookapp instance."""

    model_config = SettingsConfigDict(env_ignore_empty=True, extra="ignore", frozen=True, populate_by_name=True)

    database_url: Annotated[str, AfterValidator(_database_url)] = Field(
        "", alias="DATABASE_URL", validate_default=False
    )
    data_dir: Path = Field(
        Path("bookapp-data"), validation_alias=AliasChoices("BOOKAPP_DATA_DIR", "PERSISTENT_STORAGE_DIR")
    )
    secret_key: str = Field("", alias="SECRET_KEY", repr=False)
    secret_key_file: Path | None = Field(None, alias="SECRET_KEY_FILE")
    base_url: Annotated[str, AfterValidator(_base_url)] = Field("", alias="BOOKAPP_BASE_URL", validate_default=False)
    allowed_hosts: Annotated[tuple[str, ...], NoDecode] = Field((), alias="BOOKAPP_ALLOWED_HOSTS")
    guest_edits: Literal["until-claimed", "always", "never"] = Field("until-claimed", alias="BOOKAPP_GUEST_EDITS")
    registration: Literal["open", "invite", "closed"] = Field("open", alias="BOOKAPP_REGISTRATION")
    trusted_proxies: Annotated[tuple[str, ...], NoDecode] = Field((), alias="BOOKAPP_TRUSTED_PROXIES")
    workers: int = Field(1, alias="BOOKAPP_WORKERS", ge=1, le=64)
    host: str = Field("127.0.0.1", alias="HOST", min_length=1)
    port: int = Field(8000, alias="PORT", ge=1, le=65535)
    hypercorn_toml: Path | None = Field(None, alias="BOOKAPP_HYPERCORN_TOML")
    sqlite_synchronous: Literal["full", "normal"] = Field("full", alias="BOOKAPP_SQLITE_SYNCHRONOUS")
    metrics_token: str = Field("", alias="BOOKAPP_METRICS_TOKEN", repr=False)
    smtp_url: Annotated[str, AfterValidator(_smtp_url)] = Field(
        "", alias="BOOKAPP_SMTP_URL", repr=False, validate_default=False
    )
    mail_from: Annotated[str, AfterValidator(_mail_from)] = Field("", alias="BOOKAPP_MAIL_FROM", validate_default=False)
    recommender_nightly: Literal["on", "off"] = Field("on", alias="BOOKAPP_RECOMMENDER_NIGHTLY")
    worker: Literal["on", "off"] = Field("on", alias="BOOKAPP_WORKER")
    backups: Literal["off", "daily", "weekly"] = Field("off", alias="BOOKAPP_BACKUPS")
    backup_dir: Path | None = Field(None, alias="BOOKAPP_BACKUP_DIR")
    backups_kept: int = Field(7, alias="BOOKAPP_BACKUPS_KEPT", ge=1, le=1000)
    openlibrary: Literal["off", "on"] = Field("off", alias="BOOKAPP_OPENLIBRARY")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", alias="BOOKAPP_LOG_LEVEL")
    debug: bool = Field(False, alias="DEBUG")

    _split = field_validator("allowed_hosts", "trusted_proxies", mode="before")(_words)

    @field_validator("trusted_proxies")
    @classmethod
    def _networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for network in value:
            ipaddress.ip_network(network, strict=False)
        return value

    @model_validator(mode="after")
    def _fill(self) -> "Settings":
        if self.secret_key and len(self.secret_key.encode()) < 32:
            raise ValueError("SECRET_KEY must have at least 32 bytes")
        if self.smtp_url and not self.mail_from:
            raise ValueError("BOOKAPP_MAIL_FROM must be set when BOOKAPP_SMTP_URL is: mail needs a sender")
        if self.smtp_url and not self.base_url:
            raise ValueError("BOOKAPP_BASE_URL must be set when BOOKAPP_SMTP_URL is: links in mail begin with it")
        if not self.database_url:
            object.__setattr__(self, "database_url", f"sqlite+aiosqlite:///{self.data_dir.resolve() / 'bookapp.db'}")
        return self

    @property
    def sqlite_path(self) -> Path | None:
        """The database file, or None on PostgreSQL."""
        url = make_url(self.database_url)
        return Path(url.database or "") if url.get_backend_name() == "sqlite" else None

    @property
    def reachable_host(self) -> str:
        """The host by which this machine reaches the server: HOST, unless that means every address there is."""
        return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)  # noqa: S104  # compared, not bound

    @property
    def address(self) -> str:
        """Where a person reaches the server."""
        host = self.reachable_host
        return self.base_url or f"http://{f'[{host}]' if ':' in host else host}:{self.port}"

    @property
    def covers_dir(self) -> Path:
        """Where uploaded covers live, named by their hash."""
        return self.data_dir / "covers"

    @property
    def imports_dir(self) -> Path:
        """Where files lie that somebody brought along, until they are put in."""
        return self.data_dir / "imports"

    @property
    def backups_dir(self) -> Path:
        """Where scheduled backups are written."""
        return self.backup_dir or self.data_dir / "backups"

    def for_a_child(self) -> dict[str, str]:
        """What a process that this one starts has to know to work on the same database."""
        return {
            "DATABASE_URL": self.database_url,
            "BOOKAPP_DATA_DIR": str(self.data_dir),
            "BOOKAPP_SQLITE_SYNCHRONOUS": self.sqlite_synchronous,
            "BOOKAPP_BACKUP_DIR": str(self.backups_dir),
            "BOOKAPP_BACKUPS_KEPT": str(self.backups_kept),
            "BOOKAPP_LOG_LEVEL": self.log_level,
        }

    def secret(self) -> bytes:
        """The key for signing, made and kept in the data directory when none is given.

        Raises WrongSetting when the given key file cannot be read or is too short.
        """
        if self.secret_key:
            return self.secret_key.encode()
        path = self.secret_key_file or self.data_dir / "secret_key"
        if self.secret_key_file is None:
            _make_secret(path)
        try:
            key = path.read_bytes().strip()
        except OSError as error:
            raise WrongSetting(f"SECRET_KEY_FILE cannot be read: {error.strerror}.") from error
        if len(key) < 32:
            raise WrongSetting("SECRET_KEY_FILE must hold at least 32 bytes.")
        return key


def _make_secret(path: Path) -> None:
    """Make the key file if there is none. Of several workers that start at once one makes it, and none sees half."""
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent)  # readable by nobody else
    try:
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_hex(32))
        with contextlib.suppress(FileExistsError):
            os.link(name, path)  # unlike a rename it never replaces the key that another one made
    finally:
        os.unlink(name)


_OTHERS = re.compile(r"BOOKAPP_((TEST|SERVICE|PORT)_.*|PORT=tcp:.*)", re.IGNORECASE)
"""The tests' own names, and what Kubernetes sets for a service that is called bookapp."""


def unknown_names(environment: Mapping[str, str] = os.environ) -> list[str]:
    """A sentence for each name in the environment that looks like a setting and is none."""
    known = {name for field in Settings.model_fields.values() for name in _names(field)}
    ours = sorted(name for name in environment if name.upper().startswith("BOOKAPP_") and name.upper() not in known)
    return [_no_setting(name, known) for name in ours if not _OTHERS.match(f"{name}={environment[name]}")]


def _names(field: FieldInfo) -> list[str]:
    choices = field.validation_alias
    return [str(c) for c in choices.choices] if isinstance(choices, AliasChoices) else [str(field.alias)]


def _no_setting(name: str, known: set[str]) -> str:
    near = get_close_matches(name.upper(), sorted(known), 1, 0.8)
    return f"{name} is no setting of bookapp{f'; {near[0]} is one' if near else ''}."


def load_settings() -> Settings:
    """Read the environment.

    Raises WrongSetting with one sentence that names the first setting that is wrong.
    """
    try:
        settings = Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0]) if first["loc"] else ""
        text = first["msg"].removeprefix("Value error, ")
        raise WrongSetting(f"{name} {text[0].lower() if name else text[0]}{text[1:]}.".strip()) from None
    return settings
