"""The drawn cover: always a picture, always legible, always the same."""

import re
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookapp.books.drawing import CLOTHS, PAPER, PATTERNS, cover_svg_document, drawn_cloth, drawn_cover

SVG = "{http://www.w3.org/2000/svg}"
anything = st.text(max_size=500) | st.text(alphabet="&<>\"'WM", min_size=300, max_size=500)


def words_of(svg: str) -> str:
    return " ".join(span.text or "" for span in ET.fromstring(svg).iter(f"{SVG}tspan"))


def luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@given(anything, anything)
def test_every_title_gives_a_small_well_formed_picture(title: str, author: str) -> None:
    svg = drawn_cover(title, author)
    root = ET.fromstring(svg)
    assert root.tag == f"{SVG}svg"
    assert len(svg.encode()) < 2000
    assert root.get("role") == "img"
    assert root.get("viewBox") == "0 0 200 300"


@given(anything, anything)
def test_nothing_typed_becomes_markup(title: str, author: str) -> None:
    known = {"svg", "title", "g", "path", "text", "tspan"}
    for element in ET.fromstring(drawn_cover(title, author)).iter():
        assert element.tag.removeprefix(SVG) in known
        assert "style" not in element.attrib
        assert not any(name.startswith("on") or "href" in name for name in element.attrib)


@given(anything, anything)
def test_the_document_is_the_same_picture(title: str, author: str) -> None:
    document = cover_svg_document(title, author)
    assert document.startswith(b"<?xml")
    assert document.endswith(drawn_cover(title, author).encode())
    ET.fromstring(document)


def test_the_same_for_ever() -> None:
    drawn_cover.cache_clear()
    first = drawn_cover("Emma", "Jane Austen")
    drawn_cover.cache_clear()
    assert drawn_cover("Emma", "Jane Austen") == first
    # The author is set on the cover, but does not choose it: a corrected name leaves the picture.
    assert _look(drawn_cover("Emma", "J. Austen")) == _look(first)


def _look(svg: str) -> tuple[str | None, ...]:
    return tuple(path.get("d") for path in ET.fromstring(svg).iter(f"{SVG}path"))


def test_titles_look_different() -> None:
    looks = {
        (_look(svg), svg[svg.index('fill="#') :][:14]) for svg in (drawn_cover(f"Book {n}", "") for n in range(200))
    }
    assert len(looks) > 120
    assert len(set(PATTERNS)) >= 6


@pytest.mark.parametrize("cloth", CLOTHS)
def test_text_stands_out_from_every_cloth(cloth: str) -> None:
    light, dark = luminance(PAPER), luminance(cloth)
    assert (light + 0.05) / (dark + 0.05) >= 4.5


def test_the_text_is_there_and_names_the_picture() -> None:
    svg = drawn_cover("War & Peace", "Leo Tolstoy")
    assert words_of(svg) == "War & Peace Leo Tolstoy"
    assert ET.fromstring(svg).findtext(f"{SVG}title") == "War & Peace"


def test_a_very_long_title_ends_with_an_ellipsis() -> None:
    svg = drawn_cover("The Life and Strange Surprizing Adventures of Robinson Crusoe, " * 5, "Daniel Defoe")
    assert "…" in words_of(svg)
    assert len(svg.encode()) < 2000


def test_a_very_long_word_is_broken() -> None:
    word = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerk"
    svg = drawn_cover(word, "")
    lines = [span.text or "" for span in ET.fromstring(svg).iter(f"{SVG}tspan")]
    assert len(lines) > 1
    assert "".join(lines) == word


def test_chinese_wraps_between_characters() -> None:
    lines = [span.text or "" for span in ET.fromstring(drawn_cover("卡拉马佐夫兄弟与罪与罚", "")).iter(f"{SVG}tspan")]
    assert len(lines) > 1
    assert "".join(lines) == "卡拉马佐夫兄弟与罪与罚"


def test_arabic_is_set_from_right_to_left() -> None:
    texts = list(ET.fromstring(drawn_cover("ألف ليلة وليلة", "Anonymous")).iter(f"{SVG}text"))
    assert [text.get("direction") for text in texts] == ["rtl", None]


def test_a_book_without_any_printable_character_has_a_cover() -> None:
    assert ET.fromstring(drawn_cover("\u0000\ufffe", "")).tag == f"{SVG}svg"


def test_a_cloth_without_words_has_the_colour_of_its_cover_and_is_small() -> None:
    cloth = re.search(r'fill="(#[0-9a-f]{6})"', drawn_cover("Emma", "Jane Austen"))
    assert cloth is not None
    assert cloth.group(1) in drawn_cloth("Emma")
    assert len(drawn_cloth("Emma <&>")) < 300
