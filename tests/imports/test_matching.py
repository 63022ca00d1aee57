"""Which book a row is about."""

import pytest

from bookapp.imports.matching import NEW, Known, agrees, decide, known
from bookapp.imports.told import BookTold

EMMA = known(1, "Emma", ["Jane Austen"], 1815)


def _row(title: str, *authors: str, year: int | None = None) -> BookTold:
    return BookTold(title=title, authors=authors, year=year)


@pytest.mark.parametrize(
    ("title", "author", "here"),
    [
        ("Emma", "Jane Austen", EMMA),
        ("EMMA", "Austen Jane", EMMA),
        ("Emma (Penguin Classics)", "J. Austen", EMMA),
        ("The Hobbit", "J.R.R. Tolkien", known(1, "The Hobbit: or There and Back Again", ["J. R. R. Tolkien"], None)),
        ("The Hobbit", "J. R. R. Tolkien", known(1, "Hobbit", ["John Ronald Reuel Tolkien"], 1937)),
        (
            "Sapiens",
            "Yuval Noah Harari",
            known(1, "Sapiens: A Brief History of Humankind", ["Yuval Noah Harari"], 2011),
        ),
        ("Good Omens", "Neil Gaiman", known(1, "Good Omens", ["Terry Pratchett", "Neil Gaiman"], 1990)),
        ("Crime & Punishment", "Fyodor Dostoevsky", known(1, "Crime Punishment", ["Fyodor Dostoevsky"], None)),
    ],
)
def test_the_same_book_is_known_in_other_spellings(title: str, author: str, here: Known) -> None:
    found = decide(_row(title, author), [here])
    assert (found.book_id, found.is_doubtful) == (1, False)


@pytest.mark.parametrize(
    ("title", "author", "here"),
    [
        ("The Color of Magic", "Terry Pratchett", known(1, "The Colour of Magic", ["Terry Pratchett"], 1983)),
        ("Crime and Punishment", "Fyodor Dostoevsky", known(1, "Crime and Punishment", ["Fyodor Dostoyevsky"], 1866)),
        ("Emma", "", EMMA),
        ("Dune", "Frank Herbert", known(1, "Dune: Messiah", ["Frank Herbert"], 1969)),
    ],
)
def test_what_is_only_alike_waits_for_its_person(title: str, author: str, here: Known) -> None:
    found = decide(_row(title, *[author] if author else [], year=1965 if title == "Dune" else None), [here])
    assert found.is_doubtful
    assert found.candidates == (1,)


@pytest.mark.parametrize(
    ("title", "author", "here"),
    [
        ("Berserk 2", "Kentaro Miura", known(1, "Berserk 1", ["Kentaro Miura"], None)),
        ("Collected Works, Volume II", "A. Author", known(1, "Collected Works, Volume III", ["A. Author"], None)),
        ("Star Wars: A New Hope", "George Lucas", known(1, "Star Wars: Return of the Jedi", ["George Lucas"], None)),
        ("Persuasion", "Jane Austen", EMMA),
        ("Emma", "Kaoru Mori", EMMA),
    ],
)
def test_another_book_is_another_book(title: str, author: str, here: Known) -> None:
    assert decide(_row(title, author), [here]) == NEW


def test_of_two_that_are_there_twice_nobody_takes_one_unasked() -> None:
    twice = [EMMA, known(2, "Emma", ["Jane Austen"], 1996)]
    assert decide(_row("Emma", "Jane Austen"), twice).candidates == (1, 2)


def test_a_number_that_leads_to_a_quite_different_book_is_not_believed() -> None:
    assert agrees(_row("Emma. Roman", "Jane Austen"), EMMA)
    assert agrees(_row("", ""), EMMA)
    assert not agrees(_row("Pumping Iron", "Charles Gaines"), EMMA)
