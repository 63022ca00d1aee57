"""Who sees what, how stars are said, and what a shelf is called in an address."""

import pytest
from pydantic import TypeAdapter, ValidationError

from bookapp.circles.visibility import EVERYONE, ME, MEMBERS
from bookapp.shelves import rules
from bookapp.shelves.commands import EditEntry, RateBook
from bookapp.shelves.rules import Choices


def test_what_was_chosen_for_one_thing_goes_before_its_shelf_and_that_before_everything() -> None:
    choices = Choices(EVERYONE, {"want": ME, "read": None})
    assert rules.effective(MEMBERS, "want", choices) == MEMBERS
    assert rules.effective(None, "want", choices) == ME
    assert rules.effective(None, "read", choices) == EVERYONE
    assert rules.effective(None, None, choices) == EVERYONE
    assert rules.effective(ME, None, choices) == ME
    assert rules.effective(None, "read", Choices()) == MEMBERS


@pytest.mark.parametrize(
    ("quarters", "words"),
    [(None, ""), (1, "¼ of 5 stars"), (4, "1 of 5 stars"), (14, "3½ of 5 stars"), (19, "4¾ of 5 stars")],
)
def test_stars_are_said_as_people_say_them(quarters: int | None, words: str) -> None:
    assert rules.stars_words(quarters) == words


@pytest.mark.parametrize(
    ("name", "taken", "slug"),
    [
        ("For the holidays", [], "for-the-holidays"),
        ("Read", [], "read-2"),
        ("New", ["new-2"], "new-3"),
        ("Любимые книги", [], "любимые-книги"),
        ("!!!", [], "shelf"),
        ("Élan", ["elan"], "elan-2"),
        ("ß" * 60, [], "s" * 72),
    ],
)
def test_a_shelf_has_an_address_of_its_own(name: str, taken: list[str], slug: str) -> None:
    assert rules.slug(name, taken) == slug


def test_a_page_sends_half_stars_and_a_program_quarters() -> None:
    check = TypeAdapter(RateBook)

    def quarters(stars: object, *, json: bool) -> int:
        return check.validate_python({"stars": stars}, context={"json": json}).stars

    assert (quarters(4.25, json=True), quarters(5, json=True), quarters("3.5", json=False)) == (17, 20, 14)
    for stars, json in (("3.25", False), ("4", True), (4.1, True), (0, True), (5.25, True), (True, True), ("x", False)):
        with pytest.raises(ValidationError):
            quarters(stars, json=json)
    with pytest.raises(ValidationError):
        quarters(float("nan"), json=True)


def test_tags_are_a_line_in_a_form_and_a_list_in_json() -> None:
    check = TypeAdapter(EditEntry)

    def tags(sent: object, *, json: bool) -> list[str]:
        return check.validate_python({"tags": sent}, context={"json": json})["tags"]

    assert tags(" sea, Whales ,, whales", json=False) == ["sea", "whales"]
    assert tags(None, json=False) == []
    assert tags(["sea"], json=True) == ["sea"]
    for sent in ("sea", None, ["a,b"], [""], [str(n) for n in range(21)]):
        with pytest.raises(ValidationError):
            tags(sent, json=True)


def test_progress_is_said_in_pages_or_in_percent() -> None:
    assert rules.progress(120, None, 480) == 25
    assert rules.progress(500, None, 480) == 100
    assert (rules.progress(None, 40, 480), rules.progress(3, None, None), rules.progress(None, None, 9)) == (
        40,
        None,
        None,
    )
    assert rules.progress_words(1200, None, 1480) == "page 1,200 of 1,480"
    assert rules.progress_words(7, None, None) == "page 7"
    assert (rules.progress_words(None, 40, 9), rules.progress_words(None, None, 9)) == ("40 %", "")
