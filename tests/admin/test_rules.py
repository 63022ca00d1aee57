"""What may be the same, and who is needed."""

import pytest

from bookapp.admin import rules
from bookapp.books.rules import author_sort


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("J. R. R. Tolkien", "John Ronald Reuel Tolkien", True),
        ("J.R.R. Tolkien", "J. R. R. Tolkien", True),
        ("Jane Austen", "J. Austen", True),
        ("Jane Austen", "Austen, Jane", True),
        ("Émile Zola", "Emile Zola", True),
        ("John Smith", "John Adam Smith", True),
        ("Jane Austen", "Cassandra Austen", False),
        ("Jane Austen", "Jane Eyre", False),
        ("Charlotte Brontë", "Emily Brontë", False),
        ("Plato", "Plato", True),
        ("Plato", "Plato Smith", False),
        ("Smith", "John Smith", False),
    ],
)
def test_two_names_may_be_one_person(one: str, other: str, same: bool) -> None:
    for a, b in ((one, other), (other, one)):
        assert rules.may_be_one_person(author_sort(a), author_sort(b)) is same


def test_a_book_may_stand_without_what_explains_its_title() -> None:
    assert rules.titles("The Emma: A Novel") == {"emma a novel", "emma"}
    assert rules.titles("Emma (Penguin Classics)") == {"emma penguin classics", "emma"}
    assert rules.titles("Emma") == {"emma"}
    assert rules.titles("(untitled)") == {"untitled"}


def test_names_are_looked_for_by_surname_and_one_letter() -> None:
    assert rules.beginning("austen jane") == "austen j"
    assert rules.beginning("plato") == "plato"


def test_the_last_active_administrator_is_needed() -> None:
    assert rules.is_needed(was_active=True, stays_active=False, has_others=False)
    assert not rules.is_needed(was_active=True, stays_active=False, has_others=True)
    assert not rules.is_needed(was_active=True, stays_active=True, has_others=False)
    assert not rules.is_needed(was_active=False, stays_active=False, has_others=False)


def test_details_are_said_in_words() -> None:
    assert rules.said({"most_uses": 3, "days": 7}) == "most uses: 3, days: 7"
    assert rules.facts("Jane Austen", 1815, None) == "Jane Austen, 1815"
    assert (rules.books(1), rules.books(1200)) == ("1 book", "1,200 books")
    assert rules.cursor_of("/admin/audit?what=x&cursor=abc") == "abc"
    assert rules.cursor_of(None) is None
