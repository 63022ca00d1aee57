"""The tables of people. What opens a door is stored as SHA-256 only, so that a stolen copy opens none."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, CheckConstraint, ForeignKey, Index, Integer, SmallInteger, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from bookapp.core.db import BigKey, Model, UtcDateTime


def _of_account() -> Any:
    return mapped_column(BigInteger, ForeignKey("account.id", ondelete="CASCADE"), index=True)


class Account(Model):
    """A person who can sign in."""

    __tablename__ = "account"
    id: Mapped[BigKey] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(String(20))
    username_key: Mapped[str] = mapped_column(String(60), unique=True)
    """Folded, so that Anna and anna are one name."""
    email: Mapped[str] = mapped_column(String(120))
    email_key: Mapped[str] = mapped_column(String(250), unique=True)
    password_hash: Mapped[str | None] = mapped_column(String(200))
    """Argon2id with its parameters; NULL for an account that cannot sign in by password."""
    role: Mapped[str] = mapped_column(String(10), default="member")
    about: Mapped[str | None] = mapped_column(Text)
    time_zone: Mapped[str] = mapped_column(String(64), default="UTC")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Last use, at most a minute old."""
    disabled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    delete_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    """When a deletion that was asked for is carried out; signing in before that takes it back."""
    totp_secret: Mapped[str | None] = mapped_column(String(64))
    """Base32; proven once when `totp_since` is set."""
    totp_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    totp_step: Mapped[int] = mapped_column(BigInteger, default=0)
    """The last time step whose code was accepted: a code opens once."""
    feed_number: Mapped[int] = mapped_column(Integer, default=1)
    """Counted up to make old secret feed addresses useless."""
    version: Mapped[int] = mapped_column(Integer, default=1)

    __table_args__ = (CheckConstraint("role IN ('member', 'admin')", name="role_known"),)


class ImportedReader(Model):
    """That an account stands for a reader of a data set: nobody signs in with it, and it claims nothing."""

    __tablename__ = "imported_reader"
    source: Mapped[str] = mapped_column(String(20), primary_key=True)
    key: Mapped[str] = mapped_column(String(60), primary_key=True)
    account_id: Mapped[int] = _of_account()
    group: Mapped[str] = mapped_column("group_name", String(20))
    """What the data set uses it for: to fit, or to be scored."""

    __table_args__ = (Index("ix_imported_reader_group_name_account_id", "group_name", "account_id"),)


class AccountSession(Model):
    """A browser that is signed in."""

    __tablename__ = "account_session"
    id: Mapped[BigKey] = mapped_column(primary_key=True)
    account_id: Mapped[int] = _of_account()
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    remember: Mapped[bool]
    agent: Mapped[str] = mapped_column(String(200))
    address: Mapped[str] = mapped_column(String(45))


class ApiToken(Model):
    """A key for programs."""

    __tablename__ = "api_token"
    id: Mapped[BigKey] = mapped_column(primary_key=True)
    account_id: Mapped[int] = _of_account()
    name: Mapped[str] = mapped_column(String(60))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    prefix: Mapped[str] = mapped_column(String(16))
    """Its first characters, to tell it from others."""
    can_write: Mapped[bool]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Last use, at most a minute old."""


class Invite(Model):
    """A link by which somebody may register."""

    __tablename__ = "invite"
    id: Mapped[BigKey] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    prefix: Mapped[str] = mapped_column(String(16))
    note: Mapped[str] = mapped_column(String(100))
    made_by: Mapped[str] = mapped_column(String(40))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    uses: Mapped[int] = mapped_column(SmallInteger, default=0)
    most_uses: Mapped[int] = mapped_column(SmallInteger)


class ResetLink(Model):
    """A link that lets somebody choose a new password, once."""

    __tablename__ = "reset_link"
    id: Mapped[BigKey] = mapped_column(primary_key=True)
    account_id: Mapped[int] = _of_account()
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class RecoveryCode(Model):
    """Stands in for the second factor, once."""

    __tablename__ = "recovery_code"
    id: Mapped[BigKey] = mapped_column(primary_key=True)
    account_id: Mapped[int] = _of_account()
    code_hash: Mapped[str] = mapped_column(String(64))
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class AuditEntry(Model):
    """Something that matters for safety was done: kept even when the account is gone."""

    __tablename__ = "audit_entry"
    id: Mapped[BigKey] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor_id: Mapped[int | None] = mapped_column(BigInteger)
    actor_name: Mapped[str] = mapped_column(String(40))
    what: Mapped[str] = mapped_column(String(40))
    """A noun and a participle: `password changed`."""
    subject: Mapped[str] = mapped_column(String(200))
    """Whom or what it was done to."""
    details: Mapped[dict[str, Any]] = mapped_column(JSON)
    address: Mapped[str] = mapped_column(String(45))

    __table_args__ = (
        Index("ix_audit_entry_what_id", "what", "id"),
        Index("ix_audit_entry_actor_id_id", "actor_id", "id"),
    )
