"""Decisions about administration that need no database."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

from bookapp.core.text import sort_key

CHORES = {
    "accounts": "Ends accounts whose two weeks of grace are over",
    "events": "Forgets what was told to open pages more than a day ago",
    "imports": "Lets files go that nobody put in for a week, and forgets imports after 90 days",
    "jobs": "Forgets jobs that ended more than 90 days ago",
    "limits": "Forgets tries that count no more",
    "sign-ins": "Throws away sessions and links that have run out",
}
"""What the caretaker does in each of its rounds."""
INVITE_LENGTH = 32
"""Characters of an invitation: 192 bits, and short enough for every field that takes one."""


def said(details: Mapping[str, Any]) -> str:
    """The details of an audit entry as a person reads them."""
    return ", ".join(f"{name.replace('_', ' ')}: {value}" for name, value in details.items())


def cursor_of(url: str | None) -> str | None:
    """Where the next page begins, out of its address."""
    return None if url is None else parse_qs(urlsplit(url).query).get("cursor", [None])[0]


def facts(*parts: object) -> str:
    """What tells one thing from others, in a line."""
    return ", ".join(str(part) for part in parts if part is not None)


def books(count: int) -> str:
    """How many books, in words."""
    return "1 book" if count == 1 else f"{count:,} books"


def merge_url(merge_id: int) -> str:
    """The address of a merge."""
    return f"/admin/merges/{merge_id}"


def may_be_one_person(one: str, other: str) -> bool:
    """Whether two names, folded and with the surname first, may be somebody's: one may say less than the other."""
    first, second = one.split(), other.split()
    if sorted(first) == sorted(second):
        return True
    if len(first) < 2 or len(second) < 2 or first[0] != second[0]:
        return False
    return all(a == b or (a[0] == b[0] and 1 in (len(a), len(b))) for a, b in zip(first[1:], second[1:], strict=False))


def beginning(name: str) -> str:
    """What every name that may be the same person's begins with: the surname and one letter; all of a single word."""
    surname, _, rest = name.partition(" ")
    return f"{surname} {rest[0]}" if rest else surname


def titles(title: str) -> frozenset[str]:
    """Under which folded titles a book may stand elsewhere: its own, and the one without what explains it."""
    plain = re.split(r"[:(\[]| [-\u2013\u2014] ", title)[0].strip()
    return frozenset({sort_key(title), sort_key(plain)} if plain else {sort_key(title)})


def is_needed(*, was_active: bool, stays_active: bool, has_others: bool) -> bool:
    """Whether an administrator is the last active one, and would no longer be."""
    return was_active and not stays_active and not has_others


def account_url(account_id: int) -> str:
    """The address where an account is looked after."""
    return f"/admin/accounts/{account_id}"
