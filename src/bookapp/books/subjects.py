"""What readers' tags say about a book: noise is dropped, spellings are merged, the rest is named for a reader.

`subjects.txt` names the known subjects and their other spellings, `noise.txt` the words that make a tag noise. An
unknown tag becomes a subject of its own when it holds no noise, is not just known subjects in a row
("mystery-thriller" beside "mystery" and "thriller"), and does not only repeat the book's title, series or authors.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from bookapp.core.text import fold, name_key

MOST = 8
"""How many subjects a book keeps: more are a cloud, not a description."""
LEAST_COUNT = 3
LEAST_SHARE = 0.015
"""A subject is kept when at least three readers, and 1.5 % as many as chose the book's first one, chose it."""
LEAST_BOOKS = 1 / 250
"""An unknown tag is a subject when one book in 250 has it; rarer ones are one reader's private shelf."""

_FORMS = frozenset(["book", "fiction", "lit", "literature", "novel", "story"])
"""Words at the end that only say that it is a book: "horror novels" is "horror"."""

# Shapes of noise: years and other numbers, star verdicts, challenge lists, letters alone, course numbers.
_NOISE_SHAPE = re.compile(r"(?:\d+|\d+(?:st|nd|rd|th)|\d?stars?|[a-z]|[a-z]+\d+|\d+[a-z]+)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Meaning:
    """What one tag means: a subject's key and name; `known` when `subjects.txt` has it."""

    key: str
    name: str
    known: bool


def meaning_of(tag: str) -> Meaning | None:
    """What a tag says about a book, or None when it is noise."""
    words = _words(tag)
    if not words or len(name_key(tag)) > 60:
        return None
    for part in (words, _without_form(words)):
        if name := _known().get(_key(part)):
            return Meaning(_key(_words(name)), name, known=True)
    if _is_noise(words) or _is_covered(words):
        return None
    return Meaning(_key(words), " ".join(tag.replace("-", " ").casefold().split()), known=False)


def choose(weights: Mapping[Meaning, int], own_words: str) -> tuple[tuple[str, int], ...]:
    """The subjects of one book, the heaviest first.

    `own_words` are its title, series and authors, which readers like to repeat as tags.
    """
    own = set(_words(own_words))
    joined = compact(own_words)
    ranked = sorted(weights.items(), key=lambda pair: (-pair[1], pair[0].name))
    kept = [(m, n) for m, n in ranked if m.known or not _repeats(m.key, own, joined)]
    least = max(LEAST_COUNT, LEAST_SHARE * kept[0][1]) if kept else 0
    return tuple((meaning.name, count) for meaning, count in kept[:MOST] if count >= least)


def compact(text: str) -> str:
    """Folded text without spaces: "J.D. Robb" and "jd-robb" are the same."""
    return fold(text).replace(" ", "")


def _repeats(key: str, own: set[str], joined: str) -> bool:
    words = key.split()
    return all(word in own or len(word) == 1 for word in words) or (len(words) == 1 and words[0] in joined)


def _words(text: str) -> list[str]:
    """Folded words in the singular, without `and` and `the`; the lone s of "children-s" goes back to its word."""
    joined = re.sub(r"(\w) s\b", r"\1s", fold(text))
    return [_singular(word) for word in joined.split() if word not in ("and", "the")]


@cache
def _singular(word: str) -> str:
    if len(word) > 4 and word.endswith("ies") and word not in ("series", "movies"):
        return word[:-3] + "y"
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")) else word


def _key(words: Iterable[str]) -> str:
    return " ".join(sorted(words))


def _without_form(words: list[str]) -> list[str]:
    if len(words) > 1 and words[-1] in _FORMS:
        return words[:-1]
    return words[1:] if len(words) > 1 and words[0] in _FORMS else words


@cache
def _noise() -> frozenset[str]:
    return frozenset(word for line in _lines("noise.txt") for word in line.split())


def _lines(name: str) -> list[str]:
    lines = files(__package__).joinpath(name).read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


@cache
def _known() -> dict[str, str]:
    """Key of every spelling to the name of its subject."""
    spellings: dict[str, str] = {}
    for line in _lines("subjects.txt"):
        name, _, others = line.partition(":")
        for spelling in (name, *others.split(",")):
            spellings.setdefault(_key(_words(spelling)), name)
    spellings.pop("", None)
    return spellings


def _is_noise(words: list[str]) -> bool:
    return any(word in _noise() or _NOISE_SHAPE.fullmatch(word) for word in words)


def _is_covered(words: list[str]) -> bool:
    """Whether the words are known subjects in a row."""
    if len(words) > 6:
        return True
    return not words or any(_key(words[:n]) in _known() and _is_covered(words[n:]) for n in range(1, len(words) + 1))
