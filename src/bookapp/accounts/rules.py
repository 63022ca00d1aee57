"""Decisions about people that need no database."""

import hashlib
import hmac
import re
import secrets
from datetime import timedelta
from functools import cache
from importlib.resources import files
from itertools import pairwise
from urllib.parse import quote, urlsplit
from zoneinfo import available_timezones

USERNAME = r"^[A-Za-z0-9](?:[A-Za-z0-9._-]{1,18}[A-Za-z0-9_-])$"
RESERVED = frozenset(  # addresses, and words by which somebody could pass for the place itself
    """
    about account accounts admin administrator anonymous api authors bookapp books dashboard deleted docs events
    everyone exports feeds guest imports invites login logout me members moderator new nobody operator owner
    profile register root security settings shelves staff static support system tasks user users
    """.split()  # noqa: SIM905  # a list of fifty strings would fill a page
)
BY_LOGIN = "Signed in by password"
"""The name of a token that a program got by signing in."""
LEAST_PASSWORD, LEAST_WITH_FACTOR, MOST_PASSWORD = 15, 8, 1024
IDLE, ABSOLUTE, UNTIL_CLOSED = timedelta(days=14), timedelta(days=30), timedelta(days=1)
REMEMBERED = timedelta(days=90)
"""How long the audit log keeps who signed in and who failed to."""
GRACE = timedelta(days=14)
"""Between the wish to delete an account and its end."""
SEEN_EVERY = timedelta(minutes=1)
KEY_PREFIX = "bookapp_"
"""What every API token begins with, so that scanners for leaked secrets know one when they see it."""


def person_url(name: str) -> str:
    """The address of a person."""
    return f"/accounts/{name}"


def username_key(name: str) -> str:
    """What makes two usernames the same name."""
    return name.casefold()


def email_key(address: str) -> str:
    """What makes two e-mail addresses the same: the part before the @ could differ by case, but never does."""
    return address.casefold()


def new_secret() -> str:
    """A secret of 256 bits, for sessions, tokens and links."""
    return secrets.token_urlsafe(32)


def digest(secret: str) -> str:
    """How a secret is stored: it is random and long, so that a fast hash without salt is enough."""
    return hashlib.sha256(secret.encode()).hexdigest()


def setup_code(key: bytes) -> str:
    """The code by which whoever runs the server claims it; it needs no storage, and ends with the first account."""
    letters = hmac.digest(key, b"setup code", "sha256").hex()[:12].upper()
    return "-".join(letters[i : i + 4] for i in (0, 4, 8))


def is_setup_code(key: bytes, typed: str) -> bool:
    """Whether `typed` is the code, however it is spaced."""
    plain = re.sub(r"[^0-9A-Za-z]", "", typed).upper()
    return hmac.compare_digest(plain.encode(), setup_code(key).replace("-", "").encode())


def wrong_username(name: str) -> str | None:
    """Why nobody can be called that, or None."""
    if not 3 <= len(name) <= 20:
        return "Between 3 and 20 characters"
    if not re.fullmatch(USERNAME, name):
        return "Letters, digits, dots, hyphens and underscores; a letter or digit first"
    if username_key(name) in RESERVED:
        return "That name is taken by bookapp itself"
    return None


def wrong_email(address: str) -> str | None:
    """Why that is no e-mail address, or None. Only a message that arrives proves one."""
    local, at, host = address.rpartition("@")
    good = at and local and "." in host and not host.startswith(".") and not host.endswith(".")
    return None if good and not re.search(r"[\s<>,;@]", local + host) else "Must look like anna@example.org"


def wrong_password(password: str, *context: str, has_factor: bool = False) -> str | None:
    """Why a password is too easy to guess, or None.

    Source: NIST SP 800-63B-4, 3.1.1.2: length, a list of what attackers try first, and words that everybody would
    try for this person; no rules about kinds of characters. `context` has the username and the e-mail address.
    """
    least = LEAST_WITH_FACTOR if has_factor else LEAST_PASSWORD
    if len(password) < least:
        return f"At least {least} characters; several words are easy to remember"
    if len(password.encode()) > MOST_PASSWORD:
        return f"At most {MOST_PASSWORD} bytes"
    folded = password.casefold()
    rest = folded
    for word in sorted(_context_words(context), key=len, reverse=True):
        rest = rest.replace(word, "")
    if len(rest) < 8 <= len(folded) and rest != folded:
        return "Too close to your name, your address or the name of this place"
    bare = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", rest)
    if folded in _common() or bare in _common() or _is_pattern(folded) or not bare:
        return "Too many people use that one, or one like it"
    return None


def _context_words(context: tuple[str, ...]) -> set[str]:
    words = {"bookapp", "password", "passwort"}
    for said in context:
        words |= {part for part in re.split(r"[^a-z0-9]+", said.casefold()) if len(part) >= 3}
        words.add(said.casefold())
    return {word for word in words if len(word) >= 3}


def _is_pattern(text: str) -> bool:
    """Whether it is one short piece again and again, or a row of neighbours such as 1234567890abcdef."""
    if len(set(text)) < 5:
        return True
    if any(len(text) >= 2 * n and text == (text[:n] * (len(text) // n + 1))[: len(text)] for n in range(1, 9)):
        return True
    rows = ("0123456789" * 4, "abcdefghijklmnopqrstuvwxyz" * 2, "qwertyuiopasdfghjklzxcvbnm" * 2)
    return any(text in row or text in row[::-1] for row in rows) or sum(
        abs(ord(a) - ord(b)) == 1 for a, b in pairwise(text)
    ) > 0.8 * (len(text) - 1)


@cache
def _common() -> frozenset[str]:
    return frozenset((files("bookapp.accounts") / "common_passwords.txt").read_text().split())


def safe_path(address: str | None, otherwise: str = "/") -> str:
    """`address` if it stays on this site, else `otherwise`: whoever signs in must not end up somewhere else."""
    if not address or len(address) > 2000 or not address.startswith("/") or address[1:2] in ("/", "\\"):
        return otherwise
    if "\\" in address or any(ord(c) < 33 or ord(c) == 127 for c in address):
        return otherwise
    parts = urlsplit(address)
    if parts.scheme or parts.netloc or parts.path.startswith("/log"):
        return otherwise
    return quote(address, safe="/%?#[]@!$&'()*+,;=:-._~")  # a header takes ASCII only


@cache
def time_zones() -> tuple[str, ...]:
    """The time zones to choose from: places, without the old names and the ones for machines."""
    regions = (
        "Africa",
        "America",
        "Antarctica",
        "Arctic",
        "Asia",
        "Atlantic",
        "Australia",
        "Europe",
        "Indian",
        "Pacific",
    )
    return ("UTC", *sorted(name for name in available_timezones() if name.startswith(regions)))


def device(agent: str) -> str:
    """A browser in words, as far as its own words can be believed."""
    names = {"Edg/": "Edge", "OPR/": "Opera", "Firefox/": "Firefox", "Chrome/": "Chrome", "Safari/": "Safari"}
    systems = {"Android": "Android", "iPhone": "iPhone", "iPad": "iPad", "Windows": "Windows", "Mac OS": "macOS"}
    name = next((name for sign, name in names.items() if sign in agent), "")
    system = next((name for sign, name in (systems | {"Linux": "Linux"}).items() if sign in agent), "")
    return f"{name} on {system}" if name and system else name or agent.split("/")[0][:40] or "An unknown program"
