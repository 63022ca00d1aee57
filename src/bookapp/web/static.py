"""Static files from memory: a fixed manifest, so that no name from outside ever reaches the file system."""

import gzip
import hashlib
import mimetypes
import re
from dataclasses import dataclass
from pathlib import Path

from bookapp.web.headers import secured

Header = tuple[bytes, bytes]
_TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".woff2": "font/woff2"}
_PACKED = {".js", ".css", ".svg", ".txt", ".json", ".webmanifest"}


@dataclass(frozen=True, slots=True)
class StaticAnswer:
    """One file, as it goes out."""

    status: int
    headers: tuple[Header, ...]
    body: bytes


class StaticFiles:
    """All files below a folder. Their address holds a digest of all of them, so a browser may keep them for ever."""

    def __init__(self, folder: Path) -> None:
        files = {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}
        digest = hashlib.sha256()
        for name, body in files.items():
            digest.update(name.encode() + b"\0" + body)
        self.digest = digest.hexdigest()[:12]
        self._plain: dict[str, StaticAnswer] = {}
        self._packed: dict[str, StaticAnswer] = {}
        for name, body in files.items():
            for path, forever in ((f"/static/{self.digest}/{name}", True), (f"/static/{name}", False)):
                self._plain[path] = _answer(name, body, forever, packed=False)
                if Path(name).suffix in _PACKED:
                    self._packed[path] = _answer(name, body, forever, packed=True)

    def url(self, name: str) -> str:
        """The address of a file. Raises KeyError for a file that is not there: a typing error in a template."""
        path = f"/static/{self.digest}/{name}"
        if path not in self._plain:
            raise KeyError(name)
        return path

    def answer(self, path: str, headers: dict[str, str]) -> StaticAnswer | None:
        """The answer for a path, or None when there is no such file."""
        found = self._packed.get(path) if _takes_gzip(headers.get("accept-encoding", "")) else None
        found = found or self._plain.get(path)
        if found is not None:
            etag = next(value for name, value in found.headers if name == b"etag")
            if headers.get("if-none-match") == etag.decode():
                kept = tuple(pair for pair in found.headers if pair[0] != b"content-length")
                return StaticAnswer(304, kept, b"")
        return found


def _takes_gzip(accepted: str) -> bool:
    return "gzip" in accepted and not re.search(r"gzip\s*;\s*q=0(\.0*)?\s*(,|$)", accepted)


def _answer(name: str, body: bytes, forever: bool, *, packed: bool) -> StaticAnswer:
    suffix = Path(name).suffix
    kind = _TYPES.get(suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"
    if kind.startswith("text/"):
        kind += "; charset=utf-8"
    sent = gzip.compress(body, mtime=0) if packed else body
    headers = [
        (b"content-type", kind.encode()),
        (b"content-length", str(len(sent)).encode()),
        (b"etag", f'"{hashlib.sha256(sent).hexdigest()[:16]}"'.encode()),
        (b"cache-control", b"public, max-age=31536000, immutable" if forever else b"public, max-age=300"),
        (b"vary", b"Accept-Encoding"),
    ]
    if packed:
        headers.append((b"content-encoding", b"gzip"))
    return StaticAnswer(200, tuple(secured(headers)), sent)
