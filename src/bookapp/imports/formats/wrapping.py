"""What a file is before it is a table: packed in a ZIP or gzip file, or something that only looks like one."""

import gzip
import lzma
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from bookapp.imports.formats import bookapp_zip
from bookapp.imports.formats.detect import UnknownFormat
from bookapp.imports.formats.lines import CHUNK

LARGEST_UNPACKED: Final = 2**30
_MOST_TRIED = 30
_PACKED, _GZIP = b"PK\x03\x04", b"\x1f\x8b"
_TABLE_NAME = re.compile(r"(?!__MACOSX/)(?:.*/)?[^/.][^/]*\.(?:csv|tsv|txt|json)", re.IGNORECASE)
_EXPORT_HINT = "Save it as CSV (UTF-8) there, and bring that file."
_SIGNS: Final = (
    (b"%PDF", "This is a PDF document, not a table of books."),
    (b"\xd0\xcf\x11\xe0", f"This is an old Excel or Word document. {_EXPORT_HINT}"),
    (b"\x89PNG", "This is a picture, not a table of books."),
    (b"\xff\xd8\xff", "This is a picture, not a table of books."),
    (b"GIF8", "This is a picture, not a table of books."),
    (b"RIFF", "This is a picture, a sound or a film, not a table of books."),
    (b"SQLite format 3", "This is a database. Export your books as CSV with the program that it belongs to."),
    (b"7z\xbc\xaf", "This is a 7-Zip archive. Unpack it, and bring the CSV file in it."),
    (b"Rar!", "This is a RAR archive. Unpack it, and bring the CSV file in it."),
    (b"BZh", "This is a bzip2 archive. Unpack it, and bring the CSV file in it."),
    (b"\xfd7zXZ", "This is an xz archive. Unpack it, and bring the CSV file in it."),
    (b"{\\rtf", f"This is a text document with formats (RTF). {_EXPORT_HINT}"),
)
_PAGES: Final = (b"<!doctype html", b"<html", b"<head", b"<body", b"<table")
WEB_PAGE: Final = "This is a web page, not a table: perhaps the page with the download was saved instead of the file."
DAMAGED: Final = "The file is damaged from here on; the rest of it could not be read."
_DAMAGED = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, gzip.BadGzipFile)


class _Bytes(Protocol):
    def read(self, size: int = ..., /) -> bytes: ...


class Broken(ValueError):
    """The file ends before it should, or is damaged from here on."""


@dataclass(frozen=True, slots=True)
class Unpacked:
    """The bytes of a table, and how many there are as far as anybody knows."""

    chunks: Iterator[bytes]
    size: int | None


def kind_refused(head: bytes) -> str | None:
    """What a file is that is no table, as a sentence; None for what may be one."""
    if not head.strip(b"\x00 \t\r\n\xef\xbb\xbf"):
        return "The file is empty."
    for sign, words in _SIGNS:
        if head.startswith(sign):
            return words
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()[:100].lower()
    if text.startswith(_PAGES):
        return WEB_PAGE
    if text.startswith(b"<?xml") or re.match(rb"<[a-z!]", text):
        return "This is an XML document, not a table of books. Export your books as CSV instead."
    return None


def chunks_of(file: _Bytes, *, most: int | None = None) -> Iterator[bytes]:
    """The bytes of a file in pieces. Raises Broken when it is damaged, or unpacks to more than `most`."""
    size = 0
    try:
        while chunk := file.read(CHUNK):
            size += len(chunk)
            if most is not None and size > most:
                raise Broken(f"The file unpacks to more than {most // 2**20:,} MB; the rest of it was not read.")
            yield chunk
    except _DAMAGED as error:
        raise Broken(DAMAGED) from error
    except OSError as error:
        if not bookapp_zip.is_damage(error):
            raise
        raise Broken(DAMAGED) from error
    except RuntimeError as error:  # so zipfile says that there is a password on it, or a packing that it does not know
        raise Broken("The file is locked with a password, or packed in a way that is not known here.") from error


def is_zip(path: Path) -> bool:
    """Whether a file is a ZIP file, by its first bytes."""
    with path.open("rb") as file:
        return file.read(4) == _PACKED


def unpacked(path: Path, stack: ExitStack) -> Unpacked:
    """The bytes of a file, unpacked if they are packed with gzip. What is opened closes with `stack`."""
    file = stack.enter_context(path.open("rb"))
    size = path.stat().st_size
    head = file.read(2)
    file.seek(0)
    if head != _GZIP:
        return Unpacked(chunks_of(file), size)
    packed = stack.enter_context(gzip.GzipFile(fileobj=file))
    return Unpacked(chunks_of(packed, most=LARGEST_UNPACKED), None)


def tables_in(archive: zipfile.ZipFile) -> list[str]:
    """The parts of a ZIP file that may be tables. Raises UnknownFormat for one that is a document of its own."""
    names = archive.namelist()
    if "[Content_Types].xml" in names:
        raise UnknownFormat(f"This is an Excel or Word document. {_EXPORT_HINT}")
    if "mimetype" in names:
        raise UnknownFormat(f"This is a document or an e-book, not a table of books. {_EXPORT_HINT}")
    return [name for name in names if _TABLE_NAME.fullmatch(name)][:_MOST_TRIED]


def part_of(archive: zipfile.ZipFile, name: str, stack: ExitStack) -> Unpacked:
    """The bytes of a part of a ZIP file."""
    part = stack.enter_context(archive.open(name))
    return Unpacked(chunks_of(part, most=LARGEST_UNPACKED), archive.getinfo(name).file_size)


def opened_zip(path: Path, stack: ExitStack) -> zipfile.ZipFile:
    """A ZIP file after a look at what can be seen from outside. Raises an AppError that says what is wrong with it."""
    return stack.enter_context(bookapp_zip.opened(path))
