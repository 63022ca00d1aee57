"""LibraryThing's JSON export: an object of books by their number there, turned into the rows of its other export."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

_NAMES: Final = {
    "books_id": "Book Id",
    "title": "Title",
    "sortcharacter": "Sort Character",
    "primaryauthor": "Primary Author",
    "primaryauthorrole": "Primary Author Role",
    "publication": "Publication",
    "date": "Date",
    "review": "Review",
    "rating": "Rating",
    "comment": "Comment",
    "privatecomment": "Private Comment",
    "summary": "Summary",
    "physical_description": "Physical Description",
    "weight": "Weight",
    "height": "Height",
    "thickness": "Thickness",
    "length": "Length",
    "dimensions": "Dimensions",
    "pages": "Page Count",
    "lccn": "LCCN",
    "dateacquired": "Acquired",
    "datestarted": "Date Started",
    "dateread": "Date Read",
    "barcode": "Barcode",
    "bcid": "BCID",
    "collections": "Collections",
    "language": "Languages",
    "originallanguage": "Original Languages",
    "originalisbn": "ISBN",
    "isbn": "ISBNs",
    "subject": "Subjects",
    "callnumber": "Other Call Number",
    "copies": "Copies",
    "source": "Source",
    "entrydate": "Entry Date",
    "fromwhere": "From Where",
    "oclc": "OCLC",
    "workcode": "Work id",
    "genre": "Genre",
    "series": "Series",
}
_CODES: Final = frozenset(
    {
        "language_codeA",
        "originallanguage_codeA",
        "collections_idA",
        "genre_id",
        "tagidA",
        "ddc",
        "lcc",
        "format",
        "authors",
    }
)
"""What only repeats other fields as numbers, or is told below."""
_DEEPEST = 5


def is_books(data: object) -> bool:
    """Whether this is such an object: every book has its number and a title."""
    if not isinstance(data, dict) or not data:
        return False
    first = next(iter(data.values()))
    return isinstance(first, dict) and "title" in first and ("books_id" in first or "primaryauthor" in first)


def json_rows(books: Iterable[tuple[str, Any]]) -> Iterator[dict[str, str]]:
    """The rows of the export, one after the other, with the names of the columns of the other one."""
    for number, book in books:
        if isinstance(book, Mapping):
            yield {"Book Id": str(number), **json_row(book)}


def json_row(book: Mapping[str, Any]) -> dict[str, str]:
    """The cells of one book; a field that is not known keeps its name."""
    row: dict[str, str] = {}
    for key, value in book.items():
        if key not in _CODES and (text := "|".join(_flat(value))):
            row[_NAMES.get(key, str(key))] = text
    if isinstance(tags := book.get("tags"), list):
        row.pop("tags", None)
        row["Tags"] = ",".join(_flat(tags))
    if "," in row.get("Collections", ""):
        row["Collections"] += "|"  # so that a comma within the only one parts nothing
    row["ISBNs"] = row.get("ISBNs", "").replace("|", ", ")
    row["Languages"] = row.get("Languages", "").replace("|", ", ")
    _add_authors(row, book.get("authors"))
    _add_parts(row, book)
    return {name: text for name, text in row.items() if text}


def _add_authors(row: dict[str, str], authors: object) -> None:
    """The authors besides the first, each with a role, in two cells."""
    others = [a for a in authors if isinstance(a, Mapping)] if isinstance(authors, list) else []
    if others and "Primary Author" not in row:
        row["Primary Author"] = _name(others[0])
    if others and _name(others[0]) == row.get("Primary Author"):
        if role := _text(others[0].get("role")):
            row.setdefault("Primary Author Role", role)
        others = others[1:]
    row["Secondary Author"] = "|".join(_name(a).replace("|", " ") for a in others)
    row["Secondary Author Roles"] = "|".join(_text(a.get("role")).replace("|", " ") for a in others).strip("|")


def _add_parts(row: dict[str, str], book: Mapping[str, Any]) -> None:
    ddc, lcc, formats = book.get("ddc"), book.get("lcc"), book.get("format")
    if isinstance(ddc, Mapping):
        row["Dewey Decimal"] = ", ".join(_flat(ddc.get("code")))
        row["Dewey Wording"] = " > ".join(_flat(ddc.get("wording")))
    if isinstance(lcc, Mapping):
        row["LC Classification"] = _text(lcc.get("code"))
    row["Media"] = (
        ", ".join(_text(f.get("text")) for f in formats if isinstance(f, Mapping)) if isinstance(formats, list) else ""
    )


def _name(author: Mapping[str, Any]) -> str:
    return _text(author.get("lf")) or _text(author.get("fl"))


def _text(value: object) -> str:
    return ", ".join(_flat(value))


def _flat(value: object, depth: int = 0) -> list[str]:
    """The texts in a value, however deep; lists in a list are headings whose parts belong together."""
    if isinstance(value, bool) or value is None or depth > _DEEPEST:
        return [str(value).lower()] if isinstance(value, bool) else []
    if isinstance(value, Mapping):
        return [text for part in value.values() for text in _flat(part, depth + 1)]
    if isinstance(value, list):
        if depth == 0 and value and all(isinstance(part, list) for part in value):
            return [" > ".join(_flat(part, 1)) for part in value]
        return [text for part in value for text in _flat(part, depth + 1)]
    return [str(value)] if str(value) else []
