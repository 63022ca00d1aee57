"""What one can take along."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportLine:
    """A file that is made when it is asked for."""

    name: str
    title: str
    about: str
    """What is in it, in a sentence or two."""
    url: str
    is_own: bool
    """Whether it holds what is the person's own, and not the catalogue."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportList:
    """The files in which one takes things along."""

    exports: tuple[ExportLine, ...]
    url: str
    next: None = None
