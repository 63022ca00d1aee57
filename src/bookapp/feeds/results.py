"""What a feed says, before it is written down as XML."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedEntry:
    """One thing in a feed."""

    key: str
    """What it is called for ever, whatever becomes of its address."""
    title: str
    url: str
    who: str
    at: datetime
    changed_at: datetime
    html: str | None = None
    """What is said about it, sanitised."""
    text: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A feed, the newest first."""

    key: str
    title: str
    url: str
    """The page that shows the same."""
    feed_url: str
    entries: tuple[FeedEntry, ...]

    @property
    def changed_at(self) -> datetime | None:
        """When the latest of it changed."""
        return max((entry.changed_at for entry in self.entries), default=None)
