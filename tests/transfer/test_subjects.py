"""What readers' tags mean."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookapp.books.subjects import MOST, Meaning, choose, meaning_of


@pytest.mark.parametrize(
    "tag",
    [
        "to-read", "currently-reading", "owned", "books-i-own", "favorites", "kindle", "library", "my-library",
        "ebooks", "read-in-2015", "2016-reading-challenge", "5-stars", "did-not-finish",
        "1001-books-to-read-before-you-die", "dnf", "tbr", "7th-grade", "edrd-314", "2005", "a", "-", "", "book-club",
        "wish-list", "to-read-fiction", "audible", "mystery-thriller", "sci-fi-fantasy", "x" * 61,
    ],
)  # fmt: skip
def test_noise_means_nothing(tag: str) -> None:
    assert meaning_of(tag) is None


@pytest.mark.parametrize(
    ("tag", "name"),
    [
        ("sci-fi", "science fiction"),
        ("scifi", "science fiction"),
        ("Science_Fiction", "science fiction"),
        ("children-s-books", "children's books"),
        ("childrens", "children's books"),
        ("fiction-historical", "historical fiction"),
        ("mysteries", "mystery"),
        ("horror-novels", "horror"),
        ("clàssics", "classics"),
        ("ww2", "World War II"),
        ("the-holocaust", "Holocaust"),
        ("19th-century", "19th century"),
        ("books-about-books", "books about books"),
        ("coming-of-age", "coming of age"),
        ("beekeeping", "beekeeping"),
        ("lighthouse-keeping", "lighthouse keeping"),
    ],
)
def test_spellings_of_a_subject_are_one(tag: str, name: str) -> None:
    meaning = meaning_of(tag)
    assert meaning is not None
    assert meaning.name == name


@given(st.text(max_size=80))
def test_any_tag_has_a_meaning_or_none(tag: str) -> None:
    meaning = meaning_of(tag)
    assert meaning is None or (meaning.key and meaning.name == meaning.name.strip() and len(meaning.name) <= 60)


def of(tag: str) -> Meaning:
    meaning = meaning_of(tag)
    assert meaning is not None
    return meaning


def test_the_heaviest_subjects_come_first_and_the_rare_ones_go() -> None:
    weights = {of("mystery"): 40, of("fantasy"): 1000, of("horror"): 14, of("poetry"): 2}
    assert choose(weights, "") == (("fantasy", 1000), ("mystery", 40))


def test_a_book_keeps_few_subjects() -> None:
    tags = ("fantasy", "mystery", "horror", "poetry", "art", "music", "travel", "nature", "war", "history")
    assert len(choose({of(tag): 10 for tag in tags}, "")) == MOST


def test_tags_that_repeat_the_title_or_the_author_are_no_subjects() -> None:
    weights = {of("discworld"): 90, of("pratchett-terry"): 50, of("terrypratchett"): 40, of("war"): 9}
    assert choose(weights, "The War of Discworld Terry Pratchett") == (("war", 9),)
