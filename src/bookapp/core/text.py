"""What people typed: which text is allowed, and how it is compared.

Comparison happens in Python, not in SQL: SQLite folds ASCII only, PostgreSQL by locale, and the two must agree.
"""

import re
import unicodedata
from functools import lru_cache

from pydantic import AfterValidator, BeforeValidator, StringConstraints, WithJsonSchema

_ARTICLE = re.compile(r"^(?:the|a|an|le|la|les|l'|der|die|das|el|los|las)\s+(?=\S)")
_CJK = re.compile(r"([\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff])")
_SPLIT_LETTERS = str.maketrans(
    {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "ł": "l", "ı": "i"}
)


_PLAIN = {code: None if code == ord("'") else " " for code in range(128) if not chr(code).isalnum()}
"""What folding makes of ASCII; the long way does the same, ten times slower."""

_TYPED = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]*$"
_SEEN = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]*$"
"""What `clean` lets through, as JSON Schema says it; the second has something to see."""


def clean(text: str) -> str:
    """Normalise to NFC with `\\n` line ends and no space at the ends.

    Raises ValueError for NUL, lone surrogates and control characters other than tab and line end:
    PostgreSQL cannot store the first two, and the rest hides things from the reader.
    """
    if text.isascii() and text.isprintable():  # most of a million titles: nothing to refuse, nothing to normalise
        return text.strip()
    text = text.replace("\r\n", "\n")
    for char in text:
        if unicodedata.category(char) in ("Cc", "Cs") and char not in "\t\n":
            raise ValueError("must not contain control characters")
    return unicodedata.normalize("NFC", text).strip()


def _only_text(value: object) -> object:
    # A frozen rule for both databases: SQLite would store the number 7 as a title, PostgreSQL would refuse it.
    if not isinstance(value, str):
        raise ValueError("must be text")
    return value


def typed(least: int, most: int) -> tuple[object, ...]:
    """For `Annotated[str, *typed(1, 500)]`: typed text of `least` to `most` characters, counted after cleaning."""
    return (
        BeforeValidator(_only_text),
        StringConstraints(max_length=4 * most),
        AfterValidator(clean),
        StringConstraints(min_length=least, max_length=most),
        WithJsonSchema(
            {"type": "string", "minLength": least, "maxLength": most, "pattern": _SEEN if least else _TYPED},
            mode="validation",
        ),
    )


def fold(text: str) -> str:
    """Reduce text to what search compares: no case, accents or punctuation, words between single spaces.

    Every Chinese, Japanese and Korean character is a word of its own, because those scripts put no spaces.
    """
    return _folded_before(text) if len(text) <= _SHORT else _folded(text)


def _folded(text: str) -> str:
    if text.isascii():
        return " ".join(text.lower().translate(_PLAIN).split())
    # Taken apart first: a letter in a fancy dress (𝐀, ᴬ) has no lower case until it is undressed.
    text = unicodedata.normalize("NFKD", text).casefold().translate(_SPLIT_LETTERS)
    text = unicodedata.normalize("NFKD", text)
    kept = "".join(c for c in text if not unicodedata.combining(c))
    kept = _CJK.sub(r" \1 ", unicodedata.normalize("NFKC", kept)).replace("'", "").replace("’", "")
    return " ".join("".join(c if c.isalnum() else " " for c in kept).split())


_SHORT = 200
_folded_before = lru_cache(4096)(_folded)
"""A title is folded to be sorted and again to be found, an author with each book."""


def sort_key(text: str, limit: int = 200) -> str:
    """Where a title stands in an alphabetical list: folded, without a leading article."""
    folded = fold(text)
    return (_ARTICLE.sub("", folded, count=1) or text.casefold())[:limit]


def name_key(name: str) -> str:
    """What makes two names the same name: case, spacing and the space after an initial do not matter, accents do.

    At most 250 characters: normalising can make a name of 200 longer.
    """
    spaced = name if name.isascii() else unicodedata.normalize("NFKC", name)
    if "." in spaced:
        spaced = re.sub(r"\.(?=\w)", ". ", spaced)
    return " ".join(spaced.casefold().split())[:250]


def safe_cell(text: str) -> str:
    """Text that a spreadsheet will not run as a formula: with a quote in front. Source: OWASP, "CSV Injection"."""
    return f"'{text}" if _is_formula(text) else text


def plain_cell(text: str) -> str:
    """What `safe_cell` was told: it takes exactly that one quote away."""
    return text[1:] if text[:1] == "'" and _is_formula(text) else text


def _is_formula(text: str) -> bool:
    # Quotes in front do not count, so that a text that had one already comes back with it. Spreadsheets take
    # full-width signs for the plain ones, and do not see characters without width.
    first = next((c for c in text.lstrip("'") if unicodedata.category(c) != "Cf"), "")
    return unicodedata.normalize("NFKC", first)[:1] in ("=", "+", "-", "@", "\t", "\r", "\n")
