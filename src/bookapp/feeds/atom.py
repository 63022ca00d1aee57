"""Feeds as Atom (RFC 4287)."""

import re
from datetime import UTC, datetime
from urllib.parse import quote, urlsplit
from xml.etree.ElementTree import Element, SubElement, tostring

from bookapp.feeds.results import Feed, FeedEntry

KIND = "application/atom+xml"
_NAMESPACE = "http://www.w3.org/2005/Atom"
_SINCE = "2026"
"""The year that stands in names (RFC 4151): whoever has the host later may give the same keys anew."""
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
_UNWRITABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot hold, not even escaped."""


def draw(feed: Feed, home: str) -> bytes:
    """The document; `home` is where the place is reached, without a slash at the end."""
    root = Element("feed", xmlns=_NAMESPACE)
    _say(root, "id", _name(home, feed.key))
    _say(root, "title", feed.title)
    _say(root, "updated", _moment(feed.changed_at or _NEVER))
    _link(root, "self", home + feed.feed_url, KIND)
    _link(root, "alternate", home + feed.url, "text/html")
    _say(root, "generator", "bookapp")
    if not feed.entries:
        _who(root, "bookapp")  # a feed without entries has to name an author itself
    for entry in feed.entries:
        _entry(SubElement(root, "entry"), entry, home)
    written: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return written


def _entry(piece: Element, entry: FeedEntry, home: str) -> None:
    _say(piece, "id", _name(home, entry.key))
    _say(piece, "title", entry.title)
    _say(piece, "published", _moment(entry.at))
    _say(piece, "updated", _moment(entry.changed_at))
    _who(piece, entry.who)
    _link(piece, "alternate", home + entry.url, "text/html")
    if entry.html is not None:
        _say(piece, "content", entry.html, type="html")
    elif entry.text:
        _say(piece, "summary", entry.text)


def _say(parent: Element, name: str, text: str, **attributes: str) -> Element:
    piece = SubElement(parent, name, attributes)
    piece.text = _UNWRITABLE.sub("", text)
    return piece


def _who(parent: Element, name: str) -> None:
    _say(SubElement(parent, "author"), "name", name)


def _link(parent: Element, rel: str, href: str, kind: str) -> None:
    SubElement(parent, "link", rel=rel, href=quote(href, safe=":/?=&#%@"), type=kind)


def _name(home: str, key: str) -> str:
    return f"tag:{urlsplit(home).hostname or 'localhost'},{_SINCE}:{quote(key)}"


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
