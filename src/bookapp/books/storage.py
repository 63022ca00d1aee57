"""Uploaded covers on disk: re-encoded, named by their hash, so that nothing a person chose becomes a path."""

import asyncio
import contextlib
import ctypes
import hashlib
import io
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from PIL import ExifTags, Image

from bookapp.books.rules import Size
from bookapp.core.errors import Invalid, NoSpace

SIZES: dict[Size, tuple[int, int]] = {"small": (300, 450), "large": (900, 1350)}
MOST_PIXELS = 40_000_000
RESERVE = 64 * 2**20
"""Bytes that stay free on the disk: the database needs them more than a cover does."""
FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
Fits = Callable[[int, int], bool]


class CoverStore:
    """A folder of covers in two sizes each."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        # Decoding 40 million pixels takes 160 MB: one at a time is enough for a library.
        self._turns = asyncio.Semaphore(1)

    def path(self, cover: str, size: Size) -> Path:
        """Where the cover with this hash lies."""
        return self._folder / cover[:2] / f"{cover}-{size}.webp"

    async def keep(self, data: bytes, fits: Fits | None = None) -> str:
        """Store a picture that came from outside and return its hash; `fits` says of width and height whether they do.

        Raises Invalid for what is no picture, too large a one or one that does not fit, NoSpace when the disk is
        nearly full.
        """
        async with self._turns:
            return await asyncio.to_thread(self._keep, data, fits)

    async def load(self, cover: str, size: Size) -> bytes | None:
        """The picture, or None when its file is gone."""

        def read() -> bytes | None:
            try:
                return self.path(cover, size).read_bytes()
            except FileNotFoundError:
                return None

        return await asyncio.to_thread(read)

    def _keep(self, data: bytes, fits: Fits | None) -> str:
        try:
            pictures = _pictures(data, fits)
        finally:
            _give_memory_back()
        cover = hashlib.sha256(pictures["large"]).hexdigest()
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            space = os.statvfs(self._folder)
            if space.f_bavail * space.f_frsize < RESERVE:
                raise NoSpace("The disk is nearly full; the cover was not stored.")
            for size, picture in pictures.items():
                _write(self.path(cover, size), picture)
        except OSError as error:
            raise NoSpace("The cover could not be stored.") from error
        return cover


def _pictures(data: bytes, fits: Fits | None) -> dict[Size, bytes]:
    """Fresh WebPs of the picture: whatever else hid in the file does not come along.

    Raises Invalid for what is no picture, or too large a one.
    """
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise Invalid({"cover": ["The picture has more than 40 million pixels"]})
            if fits is not None and not fits(picture.width, picture.height):
                raise Invalid({"cover": ["The picture has not the size of a cover"]})
            upright = _upright(picture)
        return {size: _encoded(upright, box) for size, box in SIZES.items()}
    except (Invalid, MemoryError):
        raise
    except Exception as error:
        # Decoders meet what fuzzers make with errors of every kind; for the person it is one thing.
        raise Invalid({"cover": ["This is not a picture we can read (JPEG, PNG, WebP or GIF)"]}) from error


def _upright(picture: Image.Image) -> Image.Image:
    """The picture as it is looked at, no larger than needed: decoded once, reduced before anything copies it."""
    turn = _TURNS.get(picture.getexif().get(ExifTags.Base.Orientation, 1))
    longest = 2 * max(SIZES["large"])
    picture.draft("RGB", (longest, longest))
    if picture.mode in ("P", "PA"):
        picture = picture.convert("RGBA")
    picture.thumbnail((longest, longest), Image.Resampling.BOX)
    if picture.mode in ("RGBA", "LA"):
        paper = Image.new("RGBA", picture.size, "white")
        paper.alpha_composite(picture.convert("RGBA"))
        picture = paper
    upright = picture.convert("RGB")
    return upright if turn is None else upright.transpose(turn)


def _encoded(upright: Image.Image, box: tuple[int, int]) -> bytes:
    small = upright.copy()
    small.thumbnail(box, Image.Resampling.LANCZOS)
    out = io.BytesIO()
    small.save(out, "WEBP", quality=82, method=4)
    return out.getvalue()


_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What the orientation in a picture's EXIF data asks for."""


def _give_memory_back() -> None:
    """Hand the freed memory of a large picture to the system; glibc would keep it for ever."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)


def _write(path: Path, data: bytes) -> None:
    """Write under another name first, so that a crash never leaves half a cover."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists():
        return
    handle, name = tempfile.mkstemp(dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, path)
    except OSError:
        # On a full disk of all places, what could not be finished must not stay.
        Path(name).unlink(missing_ok=True)
        raise
