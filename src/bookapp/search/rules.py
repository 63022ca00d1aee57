"""Words, and what may have been meant by a misspelt one. No database in here."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import pairwise

from rapidfuzz.distance import OSA

from bookapp.search.documents import LONGEST_WORD, folded

MOST_WORDS = 12
MOST_CHARACTERS = 1000
"""Of a query, no more is read."""
ALTERNATIVES = 4
"""So many known words are tried for one that nothing has."""
SHORTEST_MISSPELT = 4
_HEAD = 7
_SOFT = frozenset("aeiouyhw")


def words_of(query: str) -> tuple[str, ...]:
    """The different words of a query, folded, in the order in which they were typed."""
    words = folded(query[:MOST_CHARACTERS]).split()
    return tuple(dict.fromkeys(word[:LONGEST_WORD] for word in words))[:MOST_WORDS]


def is_learnable(word: str) -> bool:
    """Whether `word` may correct another one: letters, neither a single one nor half a paragraph."""
    return 2 <= len(word) <= LONGEST_WORD and word.isalpha()


def is_correctable(word: str) -> bool:
    """Whether `word` may be misspelt: numbers and the shortest words have too many neighbours."""
    return len(word) >= SHORTEST_MISSPELT and word.isalpha()


def keys_of(word: str) -> set[str]:
    """Under what a word is filed, so that a word and its misspellings share a key.

    The keys are its first letters with one of them left out, which two words have in common when one slip (a letter
    missing, added, changed, or two exchanged) lies between their beginnings; and its hard consonants, which survive
    most guesses at a spelling. Unlike trigrams they find "harry" for "hary", and both databases do it alike.
    """
    head = word[:_HEAD]
    keys = {head, *(head[:i] + head[i + 1 :] for i in range(len(head)))}
    bones = _bones(word)
    return keys | {bones} if len(bones) > 3 else keys


def _bones(word: str) -> str:
    kept = word[0]
    for letter in word[1:]:
        if letter not in _SOFT and letter != kept[-1]:
            kept += letter
    return "=" + kept[: LONGEST_WORD - 1]


def slips_allowed(word: str, other: str) -> int:
    """How many typing errors may lie between `word` and what was meant."""
    if len(word) < SHORTEST_MISSPELT:
        return 0
    if len(word) >= 8 or (len(word) >= 6 and word[0] == other[0]):
        return 2
    return 1


def unlikeness(word: str, other: str) -> int:
    """How improbable it is that `word` was meant to be `other`; 0 when they are the same.

    A letter left out, added, changed or exchanged with its neighbour counts twice, other hard consonants once.
    """
    return 2 * OSA.distance(word, other) + (_bones(word) != _bones(other))


def closest(word: str, known: Iterable[str]) -> tuple[str, ...]:
    """The known words that `word` was most probably meant to be, the best first."""

    def order(other: str) -> tuple[int, bool, int, str]:
        return (unlikeness(word, other), word[0] != other[0], -len(other), other)

    near = (other for other in set(known) if 0 < OSA.distance(word, other) <= slips_allowed(word, other))
    return tuple(sorted(near, key=order)[:ALTERNATIVES])


def halves_of(word: str) -> Iterator[tuple[str, str]]:
    """The ways to read `word` as two words that were typed without a space, the most balanced first."""
    if len(word) >= 6 and word.isalpha():
        for cut in sorted(range(2, len(word) - 1), key=lambda cut: abs(2 * cut - len(word))):
            yield word[:cut], word[cut:]


def respacings(words: Sequence[str]) -> set[str]:
    """The words that would have to be known if a space were missing or too many."""
    halves = {half for word in words[:3] for pair in halves_of(word) for half in pair}
    return halves | {first + second for first, second in pairwise(words)}


def respaced(words: Sequence[str], known: Collection[str]) -> tuple[str, ...] | None:
    """`words` with one space put in or taken out so that known words come of it."""
    for i, word in enumerate(words):
        for first, second in halves_of(word) if i < 3 else ():
            if first in known and second in known:
                return (*words[:i], first, second, *words[i + 1 :])
        if i + 1 < len(words) and word + words[i + 1] in known:
            return (*words[:i], word + words[i + 1], *words[i + 2 :])
    return None
