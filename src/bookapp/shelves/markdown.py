"""What people write in reviews: Markdown without HTML and pictures, with spoilers, drawn and then sanitised.

Two walls: the parser knows no raw HTML and no address but http, https and mailto; and what it drew goes through an
allow-list of tags that a browser's own parser rules apply to. A spoiler is `>!hidden!<` or `||hidden||`.
"""

from functools import cache
from typing import Any
from urllib.parse import urlsplit

import nh3
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_block import StateBlock, blockquote
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markupsafe import Markup, escape

MOST_HTML = 200_000
"""A longer drawing is that of somebody who tries things out: they get plain text."""
MOST_SPOILERS = 100
_SCHEMES = frozenset({"http", "https", "mailto"})
_MARKS = {"||": "||", ">!": "!<"}
_ALLOWED = {
    "p", "div", "br", "hr", "em", "strong", "code", "pre", "blockquote", "ul", "ol", "li", "a",
    "h3", "h4", "h5", "h6", "details", "summary",
}  # fmt: skip
_SPOILERS, _HIDDEN = "spoilers", "hidden"


def draw(text: str) -> str:
    """The HTML of a text of at most 20,000 characters: bounded in time and length, and safe to put into a page."""
    html = _parser().render(text, {_SPOILERS: 0, _HIDDEN: False})
    return _clean(html if len(html) <= MOST_HTML else _plain(text))


def drawn(html: str) -> Markup:
    """What `draw` has made, as something that a template does not escape."""
    return Markup(html)  # noqa: S704  # made by `draw`, which alone writes the column


def _clean(html: str) -> str:
    return nh3.clean(
        html,
        tags=_ALLOWED,
        attributes={"a": {"href"}, "ol": {"start"}},
        allowed_classes={"details": {"spoiler"}, "div": {"passage"}},
        url_schemes=set(_SCHEMES),
        url_relative="deny",
        link_rel="nofollow ugc noopener",
    )


def _plain(text: str) -> str:
    return "".join(f"<p>{escape(line)}</p>" for line in text.split("\n") if line.strip())


@cache
def _parser() -> MarkdownIt:
    # Twenty deep: whatever stands deeper in quotes and lists of quotes is left out, not worked on.
    md = MarkdownIt("commonmark", {"html": False, "breaks": True, "maxNesting": 20})
    # A reference is written once and used a thousand times: short text, long drawing. Indented text is no code here.
    md.disable(["image", "reference", "code", "html_block", "html_inline"])
    md.validateLink = _is_link  # type: ignore[method-assign]  # the library's documented place for it
    md.inline.add_terminator_char("|")
    md.inline.ruler.before("escape", "spoiler", _spoiler)
    ends = ["paragraph", "reference", "blockquote", "list"]
    md.block.ruler.at("blockquote", _quote, {"alt": ends})
    md.core.ruler.push("demote", _demote)
    for name, draws in (("spoiler_open", _open_spoiler), ("spoiler_close", _close_spoiler)):
        md.add_render_rule(name, draws)
    # Its rules are put in order at the first use, and a second thread would find half of them meanwhile.
    md.render("warm", {_SPOILERS: 0, _HIDDEN: False})
    return md


def _is_link(url: str) -> bool:
    try:
        return urlsplit(url).scheme in _SCHEMES
    except ValueError:  # no address at all, such as http://[
        return False


def _quote(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """A quotation, unless the line begins with a spoiler."""
    first = state.bMarks[start] + state.tShift[start]
    return not state.src.startswith(">!", first) and blockquote(state, start, end, silent)


def _spoiler(state: StateInline, silent: bool) -> bool:
    begins = state.src[state.pos : state.pos + 2]
    if begins not in _MARKS or state.linkLevel or state.env[_HIDDEN] or state.env[_SPOILERS] >= MOST_SPOILERS:
        return False
    start = state.pos + 2
    end = state.src.find(_MARKS[begins], start, state.posMax)
    if end < 0 or not state.src[start:end].strip(" \n|"):
        return False
    if not silent:
        after, state.pos, state.posMax = state.posMax, start, end
        state.env[_SPOILERS] += 1
        state.env[_HIDDEN] = True
        state.push("spoiler_open", "details", 1)
        state.md.inline.tokenize(state)
        state.push("spoiler_close", "details", -1)
        state.env[_HIDDEN] = False
        state.posMax = after
    state.pos = end + 2
    return True


def _open_spoiler(_self: RendererHTML, *_where: Any) -> str:
    return '<details class="spoiler"><summary>Spoiler</summary>'


def _close_spoiler(_self: RendererHTML, *_where: Any) -> str:
    return "</details>"


def _demote(state: StateCore) -> None:
    """Put headings below those of the page, and let no paragraph end where a spoiler begins, as HTML would have it."""
    for place, token in enumerate(state.tokens):
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(int(token.tag[1]) + 2, 6)}"
        inside = token.children or ()
        if token.type == "inline" and any(child.type == "spoiler_open" for child in inside):
            for around in (state.tokens[place - 1], state.tokens[place + 1]):
                if around.type in ("paragraph_open", "paragraph_close"):
                    around.tag = "div"
                    if around.nesting == 1:
                        around.attrSet("class", "passage")
