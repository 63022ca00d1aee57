"""What people type into a review comes out as harmless HTML, quickly, and not too much of it."""

import sys
import time
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from bookapp.shelves import markdown
from bookapp.shelves.markdown import draw

REL = 'rel="nofollow ugc noopener"'


@pytest.mark.parametrize(
    ("typed", "html"),
    [
        ("Plain\nwords", "<p>Plain<br>\nwords</p>"),
        ("*slanted* and **bold**", "<p><em>slanted</em> and <strong>bold</strong></p>"),
        ("# Great\n\n## Greater", "<h3>Great</h3>\n<h4>Greater</h4>"),
        ("> quoted", "<blockquote>\n<p>quoted</p>\n</blockquote>"),
        ("    a poem, indented", "<p>a poem, indented</p>"),
        ("[here](https://example.org/a)", f'<p><a href="https://example.org/a" {REL}>here</a></p>'),
        ("<https://example.org>", f'<p><a href="https://example.org" {REL}>https://example.org</a></p>'),
        ("3. three", '<ol start="3">\n<li>three</li>\n</ol>'),
        ("a | b || c", "<p>a | b || c</p>"),
        (r"\||not hidden||", "<p>||not hidden||</p>"),
    ],
)
def test_markdown_is_drawn(typed: str, html: str) -> None:
    assert draw(typed).strip() == html


@pytest.mark.parametrize("typed", ["She ||dies|| there", "She >!dies!< there"])
def test_a_spoiler_is_folded_inside_its_sentence(typed: str) -> None:
    spoiler = '<details class="spoiler"><summary>Spoiler</summary>dies</details>'
    assert draw(typed).strip() == f'<div class="passage">She {spoiler} there</div>'


def test_a_line_of_its_own_can_be_hidden_and_is_no_quotation() -> None:
    assert "<blockquote>" not in draw(">!He *did* it!<")
    assert "<em>did</em>" in draw(">!He *did* it!<")
    assert "<blockquote>" in draw("> !he did it")


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "<SCRIPT SRC=//evil.example/x.js></SCRIPT>",
        "<img src=x onerror=alert(1)>",
        "<svg/onload=alert(1)>",
        '<a href="javascript:alert(1)">x</a>',
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt:alert(1))",
        "[x](java\tscript:alert(1))",
        "[x](&#106;avascript:alert(1))",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "[x](vbscript:x)",
        "[x](//evil.example)",
        "[x](/logout)",
        "[x](file:///etc/passwd)",
        "<javascript:alert(1)>",
        '[x](https://example.org "onmouseover=alert(1)")',
        '[x](https://example.org/"onmouseover=alert(1)//)',
        "![x](https://evil.example/track.png)",
        '```html" onmouseover="alert(1)\n<script>\n```',
        "<details open ontoggle=alert(1)>",
        "||<script>alert(1)</script>||",
        "||</details><script>||",
        "<style>*{display:none}</style>",
        "<iframe src=https://evil.example></iframe>",
        "<!-- --!><script>x</script>",
        "</article></main><form action=https://evil.example>",
        "[x][1]\n\n[1]: javascript:alert(1)",
    ],
)
def test_hostile_text_is_only_text(hostile: str) -> None:
    html = draw(hostile)
    for tag in ("<script", "<img", "<svg", "<iframe", "<style", "<form", "<!--", "</article", "</main"):
        assert tag not in html.lower()
    bare = html.replace(REL, "").replace('class="spoiler"', "").replace('class="passage"', "")
    for inside in [piece.partition(">")[0] for piece in bare.split("<")[1:]]:
        assert " on" not in inside.replace('href="https://example.org/%22onmouseover=alert(1)//"', "")
        if "href" in inside:
            assert 'href="https://example.org' in inside or 'href="https://evil.example/track.png"' in inside


MANY = {
    "quotes": "> " * 1000 + "deep",
    "lists": "- " * 10_000,
    "brackets": "[" * 20_000,
    "links": "[a](" * 5000,
    "stars": "*a **a " * 2800,
    "backticks": "".join("`" * count + " " for count in range(1, 190)),
    "hidden": "||a||" * 4000,
    "opened": "||a " * 5000,
    "entities": '"' * 20_000,
    "references": f"[a]: https://example.org/{'x' * 9000}\n\n" + "[a] " * 2500,
    "headings": "#\n" * 10_000,
}


@pytest.mark.parametrize("name", sorted(MANY))
def test_much_of_one_thing_takes_little_time_and_room(name: str) -> None:
    began = time.perf_counter()
    html = draw(MANY[name])
    assert time.perf_counter() - began < 5  # a third of a second, on a machine with nothing else to do
    assert len(html) <= markdown.MOST_HTML


def test_too_long_a_drawing_is_plain_text_instead(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(markdown, "MOST_HTML", 20)
    assert draw("*one*\n<b>two</b>") == "<p>*one*</p><p>&lt;b&gt;two&lt;/b&gt;</p>"


def test_a_review_has_so_many_spoilers_and_no_more() -> None:
    assert draw("||a|| " * 300).count("<details") == markdown.MOST_SPOILERS


def test_two_who_write_the_first_reviews_at_once_get_what_they_wrote() -> None:
    interval, text = sys.getswitchinterval(), "*a* ||b||\n\n> c"
    expected = draw(text)
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(6) as threads:
            for _ in range(40):
                markdown._parser.cache_clear()
                markdown._parser()
                start = Barrier(6)

                def write(start: Barrier = start) -> str:
                    start.wait(10)
                    return draw(text)

                assert {one.result(10) for one in [threads.submit(write) for _ in range(6)]} == {expected}
    finally:
        sys.setswitchinterval(interval)
