"""Reviews in HTML, as other places write them, turned into our Markdown (`shelves/markdown.py`).

A real HTML parser comes first (nh3, with a list of allowed tags): what is left is well-formed, holds no script, and is
short work for the second one.
"""

import re
from dataclasses import dataclass
from functools import cache
from html.parser import HTMLParser
from urllib.parse import quote

import nh3

from bookapp.imports.formats.plain import tidy, without_control
from bookapp.imports.formats.signs import CLOSE, HIDE, OPEN, SHOW, escaped, inline, markdown_of_plain

LONGEST_HTML = 60_000
"""More HTML than that is no review; what follows is left out."""
_DEEPEST = 5
_BOLD, _ITALIC = frozenset({"b", "strong"}), frozenset({"i", "em", "cite"})
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_BLOCKS = frozenset({"p", "div", "table", "tr", "pre"}) | _HEADINGS
_LISTS = {"ul": "- ", "ol": "1. "}
_TAGS = _BOLD | _ITALIC | _BLOCKS | set(_LISTS) | {"a", "blockquote", "br", "hr", "img", "li", "spoiler", "td", "th"}
_HOLDS_LINES = re.compile(r"<(?:br|p|div|li|blockquote)\b", re.IGNORECASE)


def markdown_of(html: str) -> str:
    """The Markdown of a review in HTML or in plain text: paragraphs, emphasis, quotations, lists, links, `<spoiler>`.

    Line ends count where the text has no tags that make lines. Not clipped: see `clipped_markdown`.
    """
    text = tidy(html[:LONGEST_HTML])
    if "<" not in text and "&" not in text:
        return markdown_of_plain(text)
    if not _HOLDS_LINES.search(text):
        text = text.replace("\n", "<br>")
    writer = _Writer()
    writer.feed(_cleaner().clean(text))
    writer.close()
    return tidy(writer.written())


@cache
def _cleaner() -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=set(_TAGS),
        clean_content_tags={"script", "style"},
        attributes={"a": {"href"}, "img": {"src", "alt"}},
        url_schemes={"http", "https", "mailto"},
        url_relative="deny",
        link_rel=None,
    )


@dataclass(frozen=True, slots=True)
class _Block:
    quotes: int
    first: str
    """What stands before its first line: the signs of the items of lists that begin with it."""
    further: str
    """What stands before the others, as wide."""
    text: str

    def lines(self) -> list[str]:
        before = "> " * self.quotes
        first, *rest = self.text.split("\n")
        return [before + self.first + first, *(before + self.further + row for row in rest)]

    def goes_on(self, last: "_Block") -> bool:
        """Whether it is an item of the same list as the block before it."""
        return bool(self.first.strip() and last.further and self.quotes == last.quotes)


class _Writer(HTMLParser):
    """Gathers blocks. What is open where a block ends is closed there and opened again in the next one."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._blocks: list[_Block] = []
        self._text: list[str] = []
        self._open: list[str] = []
        self._quotes, self._hidden, self._pre = 0, 0, 0
        self._lists: list[str] = []
        self._items: list[str] = []
        """The sign of each item that is open, outermost first; as many spaces once it was written."""
        self._heading = ""
        self._link: tuple[int, str] | None = None

    def written(self) -> str:
        """All blocks, with an empty line between any two but the items of a list."""
        self._end()
        lines: list[str] = []
        last: _Block | None = None
        for block in self._blocks:
            if last is not None and not block.goes_on(last):
                lines.append(">" * min(last.quotes, block.quotes))
            lines += block.lines()
            last = block
        return "\n".join(lines)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open what the tag opens."""
        values = {name: value or "" for name, value in attrs}
        if tag in _BOLD or tag in _ITALIC:
            self._emphasise("b" if tag in _BOLD else "i")
        elif tag == "br":
            self._break()
        elif tag == "spoiler":
            self._hidden += 1
            self._around(HIDE, self._hidden == 1)
        elif tag == "a":
            self._link = (len(self._text), values.get("href", "")[:2000])
        elif tag == "img":
            self._picture(values)
        else:
            self._begin(tag)

    def handle_endtag(self, tag: str) -> None:
        """Close what the tag closes."""
        if tag in _BOLD or tag in _ITALIC:
            self._plain_again("b" if tag in _BOLD else "i")
        elif tag == "spoiler" and self._hidden:
            self._hidden -= 1
            self._around(SHOW, self._hidden == 0)
        elif tag == "a":
            self._end_link()
        else:
            self._finish(tag)

    def handle_data(self, data: str) -> None:
        """Take text in; spaces are one, but where they were meant as they are."""
        data = without_control(data).replace("\xa0", " ")
        if not self._pre:
            data = re.sub(r"\s+", " ", data)
        if not self._text or self._text[-1][-1:] in ("\n", " "):
            data = data.lstrip()
        if data:
            # A star between spaces is only that, but not where the spaces go outside of emphasis.
            made = escaped(data)
            self._text.append(re.sub(r"(?<=\s)\*(?=\s)", r"\\*", made) if self._open else made)

    def _emphasise(self, kind: str) -> None:
        self._open.append(kind)
        if self._open.count(kind) == 1:
            self._text.append(OPEN[kind])

    def _plain_again(self, kind: str) -> None:
        if kind in self._open:
            self._open.remove(kind)
            if kind not in self._open:
                self._text.append(CLOSE[kind])

    def _begin(self, tag: str) -> None:
        if tag in ("td", "th"):
            return
        self._end()
        if tag == "hr" and not self._hidden:
            self._blocks.append(_Block(min(self._quotes, _DEEPEST), "", "", "---"))
        elif tag == "blockquote":
            self._quotes += 1
        elif tag in _LISTS:
            self._lists.append(_LISTS[tag])
        elif tag == "li":
            self._items.append(self._lists[-1] if self._lists else _LISTS["ul"])
        elif tag == "pre":
            self._pre += 1
        elif tag in _HEADINGS:
            self._heading = f"{'#' * int(tag[1])} "

    def _finish(self, tag: str) -> None:
        if tag in ("td", "th"):
            self._text.append(" ")
            return
        self._end()
        if tag == "blockquote":
            self._quotes = max(self._quotes - 1, 0)
        elif tag in _LISTS and self._lists:
            self._lists.pop()
        elif tag == "pre":
            self._pre = max(self._pre - 1, 0)
        elif tag in _HEADINGS:
            self._heading = ""
        elif tag == "li" and self._items:
            self._items.pop()

    def _around(self, sign: str, is_outer: bool) -> None:
        """Put a spoiler's sign where no emphasis is open; a link cannot hold one."""
        if is_outer:
            kinds = list(dict.fromkeys(self._open))
            self._text += [*(CLOSE[kind] for kind in reversed(kinds)), sign, *(OPEN[kind] for kind in kinds)]
            self._link = None

    def _break(self) -> None:
        """End a line; a second time ends the paragraph, but not within a spoiler, which is one line of thought."""
        tail = next((piece for piece in reversed(self._text) if piece.strip(" \x01\x02\x03\x04")), "")
        if not tail.endswith(("\n", HIDE)):
            self._text.append("\n")
        elif not self._hidden:
            self._end()

    def _end(self) -> None:
        """End the block, unless it is hidden: a spoiler cannot reach over several."""
        if self._hidden:
            if self._text:
                self._break()
            return
        kinds = list(dict.fromkeys(self._open))
        text = inline("".join([*self._text, *(CLOSE[kind] for kind in reversed(kinds))]))
        self._text = [OPEN[kind] for kind in kinds]
        self._link = None
        if not text:
            return
        if self._heading:
            text = self._heading + re.sub(r"(?<![\\#])#+$", r"\\\g<0>", text.replace("\n", " "))
        first = "".join(self._items[:_DEEPEST])
        self._items = [" " * len(sign) for sign in self._items]
        self._blocks.append(_Block(min(self._quotes, _DEEPEST), first, " " * len(first), text))

    def _end_link(self) -> None:
        if self._link is None:
            return
        start, href = self._link
        label = "".join(self._text[start:])
        self._link = None
        if href and label.strip(" \x01\x02\x03\x04") and "\n" not in label:
            label = re.sub(r"(?<!\\)([\[\]])", r"\\\1", label)
            self._text[start:] = [f"[{label.strip()}]({_address(href)})"]

    def _picture(self, values: dict[str, str]) -> None:
        """Name a picture and say where it is: reviews here have none."""
        name = escaped(" ".join(without_control(values.get("alt", "")).split()) or "picture")
        if self._link is None and values.get("src"):
            label = re.sub(r"(?<!\\)([\[\]])", r"\\\1", name)
            name = f"[{label}]({_address(values['src'][:2000])})"
        self._text.append(name)


def _address(url: str) -> str:
    """The address with whatever would end it in Markdown percent-encoded."""
    return quote(without_control(url).strip(), safe="!#$%&'*+,/:;=?@[]~-._")
