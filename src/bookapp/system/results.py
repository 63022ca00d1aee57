"""What the instance says of itself."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Alive:
    """The process answers."""

    status: str


@dataclass(frozen=True, slots=True)
class Ready:
    """The database answers too, and has the schema of this release."""

    status: str
    database: str
    schema: str


@dataclass(frozen=True, slots=True)
class About:
    """What runs here."""

    version: str
    books: int
    authors: int
    python: str
    database: str
    licence: str
    guest_edits: str


@dataclass(frozen=True, slots=True)
class Key:
    """One key, and what it does."""

    key: str
    does: str


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of the pages."""

    keys: tuple[Key, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """The look that was chosen."""

    theme: str
    view: str
