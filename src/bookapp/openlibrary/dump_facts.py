"""What the JSON of a dump tells, as values that are clean and within bounds; the rest is left out."""

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from bookapp.books import rules
from bookapp.books.languages import language_code
from bookapp.books.subjects import MOST, meaning_of
from bookapp.core import clock
from bookapp.core.text import clean, name_key
from bookapp.openlibrary.cover_rules import LARGEST_ID
from bookapp.openlibrary.dump_lines import number_of

LONGEST_TITLE, LONGEST_NAME, LONGEST_SUBJECT, LONGEST_DESCRIPTION = 500, 200, 60, 20_000
MOST_AUTHORS, MOST_ISBNS, MOST_COVERS, MOST_PAGES = 20, 6, 4, 100_000
_SUBJECTS_READ = 40
_OTHERS = 5
"""So many subjects that are not widely known stay: the rest of the eight are for those that are."""
_YEAR = re.compile(r"(?<![0-9])(1[0-9]{3}|20[0-9]{2})(?![0-9])")
_BEFORE_OURS = re.compile(r"(?<![0-9])([1-9][0-9]{0,3}) ?B\.? ?C", re.IGNORECASE)
_JUNK = re.compile(
    r"[:=]|accessible book|protected daisy|in library|overdrive|large type|large print|lending library|open library"
    r"|internet archive|long now|reading level|^general$|^(?:fiction|juvenile fiction|nonfiction), general$",
    re.IGNORECASE,
)


class Damaged(ValueError):
    """A record that nothing can be made of; its text says why."""


class WorkFacts(NamedTuple):
    """A work, as the work file keeps it."""

    title: str
    authors: list[int]
    year: int | None
    description: str | None
    subjects: list[str]
    covers: list[int]


class EditionFacts(NamedTuple):
    """An edition, as the work file keeps it."""

    isbns: list[str]
    year: int | None
    language: str | None
    pages: int | None
    publisher: str | None
    format: str | None
    covers: list[int]


def loaded(told: bytes) -> dict[str, Any]:
    """The record. Raises Damaged."""
    try:
        record = json.loads(told)
    except (ValueError, RecursionError) as error:
        raise Damaged("The JSON cannot be read.") from error
    if not isinstance(record, dict):
        raise Damaged("The JSON is no object.")
    return record


def author_name(record: dict[str, Any]) -> str:
    """The name of an author. Raises Damaged when there is none."""
    name = _text(record.get("name"), LONGEST_NAME) or _text(record.get("personal_name"), LONGEST_NAME)
    if name is None or not name_key(name):
        raise Damaged("The author has no name.")
    return name


def work_of(record: dict[str, Any]) -> WorkFacts:
    """A work. Raises Damaged when it has no title."""
    title = _text(record.get("title"), LONGEST_TITLE)
    if title is None:
        raise Damaged("The work has no title.")
    description = record.get("description")
    if isinstance(description, dict):
        description = description.get("value")
    return WorkFacts(
        title,
        list(dict.fromkeys(_authors(record.get("authors"))))[:MOST_AUTHORS],
        year_of(record.get("first_publish_date")),
        _paragraphs(description),
        subjects_of(record.get("subjects")),
        _covers(record.get("covers")),
    )


def edition_of(record: dict[str, Any]) -> tuple[list[int], EditionFacts]:
    """The works of an edition, of which most have one, and what it tells."""
    works = [number for each in _list(record.get("works")) if (number := _reference(each)) is not None]
    isbns = (_isbn(value) for name in ("isbn_13", "isbn_10") for value in _list(record.get(name))[: 2 * MOST_ISBNS])
    publishers = _list(record.get("publishers"))
    return works, EditionFacts(
        list(dict.fromkeys(isbn for isbn in isbns if isbn is not None))[:MOST_ISBNS],
        year_of(record.get("publish_date")),
        _language(record.get("languages")),
        _pages(record.get("number_of_pages")),
        _text(publishers[0], LONGEST_NAME) if publishers else None,
        _text(record.get("physical_format"), 40),
        _covers(record.get("covers")),
    )


def target_of(record: dict[str, Any]) -> int | None:
    """Where a redirect leads."""
    return number_of(record.get("location"))


def year_of(text: object) -> int | None:
    """The first year in what somebody wrote as a date: `c1986`, `June 5, 1998`, `44 B.C.`"""
    if isinstance(text, int) and not isinstance(text, bool):
        text = str(text)
    year = _year(text[:100]) if isinstance(text, str) else None
    return year if year is None or year <= clock.now().year + 5 else None


@lru_cache(20_000)
def _year(text: str) -> int | None:
    if found := _YEAR.search(text):
        return int(found[1])
    found = _BEFORE_OURS.search(text)
    return -int(found[1]) if found else None


def subjects_of(told: object) -> list[str]:
    """Up to eight subjects: first those that readers know everywhere, then the first of the others."""
    known: dict[str, str] = {}
    others: dict[str, str] = {}
    for text in _list(told)[:_SUBJECTS_READ]:
        if isinstance(text, str) and len(text) <= 4 * LONGEST_SUBJECT:
            for key, name, is_known in _meanings(text):
                (known if is_known else others).setdefault(key, name)
    kept = list(known.values())[:MOST]
    return kept + [name for key, name in others.items() if key not in known][: min(_OTHERS, MOST - len(kept))]


@lru_cache(20_000)
def _meanings(text: str) -> tuple[tuple[str, str, bool], ...]:
    """What a subject heading means: `Fiction / Fantasy / Epic` is three, `Fiction, mystery` is two that are known."""
    heading = _text(text, 4 * LONGEST_SUBJECT)
    if heading is None or _JUNK.search(heading):
        return ()
    found = []
    for part in re.split(r" -{1,2} | / |--", heading):
        if _JUNK.search(part):
            continue
        whole = meaning_of(part)
        if whole is not None and whole.known:
            found.append((whole.name, True))
            continue
        pieces = [piece for piece in map(meaning_of, part.split(", ")) if piece is not None and piece.known]
        if pieces:
            found += [(piece.name, True) for piece in pieces]
        elif len(part) <= LONGEST_SUBJECT and any(char.isalpha() for char in part):
            # The noise of readers' shelves is none in a librarian's heading: Kings and rulers of Peru.
            found.append((part.strip(" .,"), False))
    return tuple((name_key(name), name, is_known) for name, is_known in found if name_key(name))


def _authors(told: object) -> Iterator[int]:
    for each in _list(told):
        role = each.get("author", each) if isinstance(each, dict) else each
        number = _reference(role)
        if number is not None:
            yield number


def _reference(told: object) -> int | None:
    """A key, bare or as `{"key": ...}`."""
    return number_of(told.get("key") if isinstance(told, dict) else told)


def _list(told: object) -> Sequence[Any]:
    return told if isinstance(told, list) else ()


def _covers(told: object) -> list[int]:
    """The numbers of pictures; -1 stands for one that was taken away."""
    return [
        number
        for number in _list(told)[: 2 * MOST_COVERS]
        if isinstance(number, int) and not isinstance(number, bool) and 0 < number <= LARGEST_ID
    ][:MOST_COVERS]


def _isbn(told: object) -> str | None:
    if not isinstance(told, str) or len(told) > 40:
        return None
    try:
        return rules.isbn13(told.strip())
    except ValueError:
        return None


def _language(told: object) -> str | None:
    for each in _list(told):
        key = each.get("key") if isinstance(each, dict) else each
        if isinstance(key, str) and len(key) < 40 and (code := _code(key)) is not None:
            return code
    return None


@lru_cache(1000)
def _code(key: str) -> str | None:
    try:
        return language_code(key.removeprefix("/languages/").removeprefix("/l/"))
    except ValueError:
        return None


def _pages(told: object) -> int | None:
    if isinstance(told, str) and told.isascii() and told.isdigit() and len(told) < 7:
        told = int(told)
    is_count = isinstance(told, int) and not isinstance(told, bool) and 1 <= told <= MOST_PAGES
    return told if is_count else None  # type: ignore[return-value]  # it is a whole number


def _text(told: object, most: int) -> str | None:
    """One line of text that says something, or None."""
    if not isinstance(told, str):
        return None
    text = " ".join(_cleaned(told[: 4 * most]).split())
    return _shortened(text, most) or None


def _paragraphs(told: object) -> str | None:
    if not isinstance(told, str):
        return None
    return _shortened(_cleaned(told[: 2 * LONGEST_DESCRIPTION]), LONGEST_DESCRIPTION) or None


def _shortened(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def _cleaned(text: str) -> str:
    try:
        return clean(text)
    except ValueError:
        return clean("".join(_allowed(text.replace("\r\n", "\n"))))


def _allowed(text: str) -> Iterable[str]:
    for char in text:
        if unicodedata.category(char) not in ("Cc", "Cs") or char in "\t\n":
            yield char
