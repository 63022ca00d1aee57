"""The drawn cover: cloth, a pattern and the title, chosen from the title alone, so it is the same for ever.

Changing a number here redraws every cover of every instance: the choice is part of what people recognise.
"""

import hashlib
import re
import unicodedata
from functools import lru_cache

from markupsafe import Markup, escape

PAPER = "#f6efe0"
CLOTHS = (
    "#7a2e2b",
    "#2f4a3c",
    "#2b3a55",
    "#50314f",
    "#3f4a52",
    "#74501f",
    "#1f5358",
    "#565427",
    "#8a4128",
    "#34303d",
    "#46583a",
    "#1d4a6b",
    "#74304f",
    "#5a4032",
)
_LIMIT = 1990
_FONT = "Literata,Georgia,serif"
_NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_WIDE = re.compile(r"[\u1100-\u115f\u2e80-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60]")


def _rows(first: str, row: str, count: int) -> str:
    return first + row * count


def _lines(width: int, height: int, dashes: str, turn: int = 0) -> str:
    # One very thick dashed line is a whole field of stripes, in a few bytes.
    turned = f' transform="rotate({turn} 100 150)"' if turn else ""
    return f'<path d="M-{width} 150H{width + 200}" stroke-width="{height}" stroke-dasharray="{dashes}"{turned}/>'


PATTERNS = (
    # Dots: round ends of dashes that have no length.
    '<path d="{}" stroke-width="4" stroke-dasharray="0 16" stroke-linecap="round"/>'.format(
        _rows("M0-8", "m-200 16h200m-192 16h200m-8 0", 11).replace("M0-8", "M200-8")
    ),
    _lines(0, 300, "3 9"),
    _lines(100, 400, "2 5 2 15", 90),
    _lines(0, 300, "1.5 18.5") + _lines(100, 400, "1.5 18.5", 90),
    _lines(150, 600, "4 12", 45),
    _lines(150, 600, "1.5 20", 32) + _lines(150, 600, "1.5 20", -32),
    '<path d="{}" stroke-width="2"/>'.format(_rows("M0-6", "m0 20q20-16 40 0t40 0 40 0 40 0 40 0m-200 0", 16)),
    '<path d="{}" stroke-width="2.5"/>'.format(
        _rows("M0 0", "m0 24l25-18 25 18 25-18 25 18 25-18 25 18 25-18 25 18m-200 0", 13)
    ),
    '<path d="{}" stroke-width="7" stroke-dasharray="18 6"/>'.format(_rows("M0-6", "m0 12h200m-212 12h212m-200 0", 13)),
    _lines(100, 400, "0 8 4 8", 90).replace('"400"', '"4"').replace("M-100 150", "M-100 -40")
    + '<path d="{}" stroke-width="2" stroke-dasharray="8 12"/>'.format(_rows("M6-10", "m0 20h200m-200 0", 15))
    + '<path d="{}" stroke-width="2" stroke-dasharray="8 12"/>'.format(_rows("M-10 6", "m20 0v300m0-300", 10)),
)


def _mixed(colour: str, share: float) -> str:
    """The colour with a share of paper in it."""
    pairs = ((int(colour[i : i + 2], 16), int(PAPER[i : i + 2], 16)) for i in (1, 3, 5))
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def _advance(char: str) -> float:
    """About how wide Literata sets a character, in em; a little generous, since the fall-back faces are wider."""
    if unicodedata.category(char) in ("Mn", "Me", "Cf"):
        return 0.0
    if _WIDE.match(char) or ord(char) > 0x1F000:
        return 1.05
    if char in "iljtfrI.,:;'!|()[]- ’":
        return 0.42
    if char in "mwMWQ&@%":
        return 1.0
    return 0.8 if char.isupper() else 0.64


def _wide(text: str) -> float:
    return sum(map(_advance, text))


def _pieces(text: str) -> list[tuple[str, str]]:
    """What may stand at the start of a line, each with the space before it; CJK breaks anywhere."""
    found: list[tuple[str, str]] = []
    for word in text.split():
        parts = re.findall(rf"{_WIDE.pattern}|(?:(?!{_WIDE.pattern}).)+", word)
        found += [(" " if i == 0 else "", part) for i, part in enumerate(parts)]
    return found


def _broken(word: str, room: float) -> list[str]:
    """A word too long for a line, cut where no mark is torn from its letter."""
    parts = [""]
    for char in word:
        if parts[-1] and _wide(parts[-1] + char) > room and _advance(char):
            parts.append("")
        parts[-1] += char
    return parts


def _wrapped(text: str, room: float, *, tear: bool) -> list[str] | None:
    """Lines of at most `room` em; None when a word does not fit and may not be torn."""
    lines = [""]
    for space, piece in _pieces(text):
        if _wide(lines[-1] + space + piece) <= room:
            lines[-1] += (space if lines[-1] else "") + piece
            continue
        if _wide(piece) > room and not tear:
            return None
        lines += _broken(piece, room)
    return [line for line in lines if line]


def _set(text: str, width: int, height: int, sizes: tuple[float, ...]) -> tuple[float, list[str]]:
    """The largest size at which the text fits the box, and its lines; cut with an ellipsis when none fits."""
    for size in sizes:
        lines = _wrapped(text, width / size, tear=False)
        if lines is not None and len(lines) * size * 1.2 <= height:
            return size, lines
    size = sizes[-1]
    lines = _wrapped(text, width / size, tear=True) or []
    most = max(1, int(height / (size * 1.2)))
    if len(lines) > most:
        last = lines[most - 1]
        while last and _wide(last + "…") > width / size:
            last = last[:-1]
        lines = [*lines[: most - 1], last.rstrip(" ,;:.") + "…"]
    return size, lines


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[:most].rstrip() + "…"


def _is_rtl(text: str) -> bool:
    return next((d in ("R", "AL") for d in map(unicodedata.bidirectional, text) if d in ("L", "R", "AL")), False)


def _text(text: str, box: tuple[int, int, int], sizes: tuple[float, ...], colour: str, weight: int) -> str:
    """Centred lines in a box given by its top, width and height."""
    top, width, height = box
    size, lines = _set(text, width, height, sizes)
    first = top + (height - len(lines) * size * 1.2) / 2 + size * 0.92
    spans = "".join(
        f'<tspan x="102" y="{first + i * size * 1.2:.0f}">{escape(line)}</tspan>' for i, line in enumerate(lines)
    )
    direction = ' direction="rtl"' if _is_rtl(text) else ""
    return f'<text font-size="{size:g}" font-weight="{weight}" fill="{colour}"{direction}>{spans}</text>'


_LARGE: tuple[float, ...] = (27, 24, 21, 18.5, 16.5, 14.5, 13)
_SMALL: tuple[float, ...] = (13, 12, 11)


def _label(cloth: str, pattern: str, title: str, author: str) -> str:
    """Patterned boards with a pasted paper label."""
    return (
        f"{pattern}"
        f'<path d="M30 46h144v150H30z" fill="{PAPER}"/><path d="M35 51h134v140H35z" fill="none" stroke="{cloth}"/>'
        + _text(title, (56, 126, 92), _LARGE, cloth, 600)
        + f'<path d="M90 155h24" stroke="{cloth}"/>'
        + _text(author, (160, 126, 28), _SMALL, cloth, 400)
    )


def _stamped(cloth: str, pattern: str, title: str, author: str) -> str:
    """Plain cloth with a stamped frame, the pattern as a band."""
    gold = _mixed(cloth, 0.6)
    return (
        f'<svg y="186" height="52">{pattern.replace("100 150", "100 26")}</svg>'
        f'<path d="M20 12h168v276H20zM24 16h160v268H24zM20 186h168M20 238h168" fill="none" stroke="{gold}"/>'
        + _text(title, (26, 148, 150), _LARGE, PAPER, 600)
        + _text(author, (242, 148, 38), _SMALL, PAPER, 400)
    )


def _half(cloth: str, pattern: str, title: str, author: str) -> str:
    """Half cloth: patterned paper above, plain cloth with the title below."""
    gold = _mixed(cloth, 0.6)
    return (
        f'{pattern}<path d="M0 124h200v176H0z" fill="{cloth}"/>'
        f'<path d="M0 124h200M88 254h28" fill="none" stroke="{gold}" stroke-width="1.5"/>'
        + _text(title, (130, 160, 118), _LARGE, PAPER, 600)
        + _text(author, (258, 160, 34), _SMALL, PAPER, 400)
    )


_BINDINGS = (_label, _stamped, _half)


def _drawn(title: str, author: str, told: int) -> str:
    digest = hashlib.blake2b(title.encode(errors="replace"), digest_size=8).digest()
    cloth = CLOTHS[digest[0] % len(CLOTHS)]
    field = f'<g fill="none" stroke="{_mixed(cloth, 0.2)}">{PATTERNS[digest[1] % len(PATTERNS)]}</g>'
    inside = _BINDINGS[digest[2] % len(_BINDINGS)](cloth, field, _cut(title, 110), _cut(author, 60))
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 300" role="img" '
        f'font-family="{_FONT}" text-anchor="middle" direction="ltr"><title>{escape(_cut(title, told))}</title>'
        f'<path d="M0 0h200v300H0z" fill="{cloth}"/>{inside}<path d="M0 0h9v300H0z" fill="#000" opacity=".2"/></svg>'
    )


@lru_cache(maxsize=4096)
def drawn_cover(title: str, author: str) -> Markup:
    """A cover for a book that has none, as an SVG of less than 2 kB, to stand in a page."""
    title, author = (" ".join(_NOT_XML.sub("", text).split()) for text in (title, author))
    drawings = (_drawn(title, author, told) for told in (80, 30, 8))
    # Only a title made of signs that must be escaped needs the second or the third try.
    fitting = (drawing for drawing in drawings if len(drawing.encode()) <= _LIMIT)
    return Markup(next(fitting, None) or _drawn("", "", 0))  # noqa: S704  # every text went through `escape`


@lru_cache(maxsize=4096)
def drawn_cloth(title: str) -> Markup:
    """The cloth of the same cover without its words: for places where nobody could read them."""
    title = " ".join(_NOT_XML.sub("", title).split())
    digest = hashlib.blake2b(title.encode(errors="replace"), digest_size=8).digest()
    cloth = CLOTHS[digest[0] % len(CLOTHS)]
    # Every part comes from the tables above; the title only chose them.
    return Markup(  # noqa: S704
        f'<svg viewBox="0 0 200 300"><path d="M0 0h200v300H0z" fill="{cloth}"/>'
        f'<path d="M30 60h144v90H30z" fill="{PAPER}" opacity=".85"/><path d="M0 0h16v300H0z" opacity=".2"/></svg>'
    )


def cover_svg_document(title: str, author: str) -> bytes:
    """The same cover as a document of its own."""
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + drawn_cover(title, author).encode()
