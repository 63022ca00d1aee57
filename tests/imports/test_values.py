"""What stands in a cell, in the spellings that files really have."""

from datetime import UTC, datetime

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bookapp.core.text import clean
from bookapp.imports.formats import values
from bookapp.shelves.markdown import draw


@pytest.mark.parametrize(
    ("written", "digits"),
    [
        ('="9782843441219"', "9782843441219"),
        ('="2843441218"', "9782843441219"),
        ('"=""9782843441219"""', "9782843441219"),
        ("[2070291340]", "9782070291342"),
        ("978-2-07-029134-2", "9782070291342"),
        ("0-8044-2957-X", "9780804429573"),
        ("080442957x", "9780804429573"),
        ("ISBN 978 0 306 40615 7", "9780306406157"),
        ("306406152", "9780306406157"),  # a spreadsheet took the zero in front for nothing
        ("9780306406157.0", "9780306406157"),
        ('=""', None),
        ("=", None),
        ("9782843441218", None),  # its last digit does not fit
        ("B002RI9176", None),  # an ASIN
        ("3f6d1b0e-2a8b-4a55-9b5a-0b1c2d3e4f5a", None),  # a number of The StoryGraph's own
        ("9.78284E+12", None),  # what a spreadsheet makes of it
    ],
)
def test_an_isbn_is_thirteen_right_digits_or_none(written: str, digits: str | None) -> None:
    assert values.isbn(written) == digits


@pytest.mark.parametrize(
    ("written", "iso"),
    [
        ("2020/08/23", "2020-08-23"),
        ("2020-8-3", "2020-08-03"),
        ("2024/09", "2024-09"),
        ("2024", "2024"),
        ("[2007-04-16]", "2007-04-16"),
        ("2020-08-23T22:15:00+02:00", "2020-08-23"),
        ("20200823", "2020-08-23"),
        ("2020/00/00", "2020"),
        ("Jan 5, 2021", "2021-01-05"),
        ("5 January 2021", "2021-01-05"),
        ("May 2020", "2020-05"),
        ("12/31/2020", "2020-12-31"),
        ("31.12.2020", "2020-12-31"),
        ("05/05/2020", "2020-05-05"),
        ("03/04/2020", None),  # April or March
        ("2021/02/30", None),
        ("0200/01/01", None),  # nobody read then
        ("last summer", None),
    ],
)
def test_a_date_is_as_exact_as_it_is_written(written: str, iso: str | None) -> None:
    found = values.when(written)
    assert (found.iso if found else None) == iso


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("2021-03-04T05:06:07Z", datetime(2021, 3, 4, 5, 6, 7, tzinfo=UTC)),
        ("2021-03-04T05:06:07.250+02:00", datetime(2021, 3, 4, 3, 6, 7, 250_000, tzinfo=UTC)),
        ("2021-03-04 05:06:07 UTC", datetime(2021, 3, 4, 5, 6, 7, tzinfo=UTC)),
        ("1614834367", datetime(2021, 3, 4, 5, 6, 7, tzinfo=UTC)),
        ("1614834367000", datetime(2021, 3, 4, 5, 6, 7, tzinfo=UTC)),
        ("2021/03/04", datetime(2021, 3, 4, 12, tzinfo=UTC)),
        ("9999-12-31T23:59:59-12:00", None),
    ],
)
def test_a_moment_is_in_utc_and_a_day_its_noon(written: str, moment: datetime | None) -> None:
    assert values.moment(written) == moment


@pytest.mark.parametrize(
    ("written", "year"),
    [("1994", 1994), ("1994.0", 1994), ("-800", -800), ("800 BC", -800), ("70 CE", 70), ("2004-05-01", 2004),
     ("0", None), ("May 1999", 1999), ("1815-12", 1815), ("c. 1890", None)],
)  # fmt: skip
def test_a_year_may_be_before_ours(written: str, year: int | None) -> None:
    assert values.year(written) == year


@pytest.mark.parametrize(
    ("written", "quarters"),
    [("5", 20), ("5.0", 20), ("4.25", 17), ("4,5", 18), ("3½", 14), (".5", 2), ("4/5", 16), ("8/10", 16), ("★★★½", 14),
     ("3.33", 13), ("0.05", 1), ("0", None), ("", None), ("6", None), ("10", None), ("great", None)],
)  # fmt: skip
def test_stars_are_counted_in_quarters(written: str, quarters: int | None) -> None:
    assert values.quarters(written) == quarters


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("Emma (The  Novels, #4)", ("Emma", "The Novels", "4")),
        ("Binti (Binti, #1-3)", ("Binti", "Binti", "1-3")),
        ("Legends (Dragon; Wheel of Time #0.5)", ("Legends", "Wheel of Time", "0.5")),
        ("I Am America (And So Can You!)", ("I Am America (And So Can You!)", None, None)),
        ("(#1)", ("(#1)", None, None)),
    ],
)
def test_a_series_stands_in_the_title(written: str, told: tuple[str, str | None, str | None]) -> None:
    assert values.title_and_series(written) == told


def test_names_are_parted_and_turned_round() -> None:
    assert values.names("Sammy  Davis, Jr., Jane Austen, jane austen", ",") == ("Sammy Davis Jr.", "Jane Austen")
    assert values.names("A | B", (" | ",)) == ("A", "B")
    assert values.person("Cortazar, Julio") == "Julio Cortazar"
    assert values.person("King, Martin, Jr.") == "Martin King Jr."
    assert values.person("Plato") == "Plato"


def test_a_long_key_is_always_the_same_short_one() -> None:
    assert values.row_key("goodreads", 7) == "goodreads:7"
    key = values.row_key("title " * 40, "author")
    assert len(key) <= 80
    assert key == values.row_key("title " * 40, "author") != values.row_key("title " * 40, "another")


@pytest.mark.parametrize(
    ("html", "markdown"),
    [
        ("I <b>loved</b> <i>it </i>!", "I **loved** *it* !"),
        ("one<br/>two<br/><br/>three", "one\ntwo\n\nthree"),
        ("<i>one<br/><br/>two</i>", "*one*\n\n*two*"),
        ("Well, <spoiler>he <b>dies<br/><br/>twice</b></spoiler>.", "Well, >!he **dies\ntwice**!<."),
        ("<blockquote>a<p>b</blockquote>c", "> a\n>\n> b\n\nc"),
        ('see <a href="https://example.org/a_(b)">[this]</a>', r"see [\[this\]](https://example.org/a_%28b%29)"),
        ('<a href="javascript:alert(1)">x</a><script>alert(1)</script>', "x"),
        ("<ul><li>a</li><li>b</li></ul>", "- a\n- b"),
        ("AT&amp;T &lt;3 &quot;it&quot;", 'AT&T <3 "it"'),
        ("2 * 3, **not bold**, # no heading", r"2 * 3, \*\*not bold\*\*, # no heading"),
        ("# no heading\n- no list\n1. nor this", "\\# no heading\n\\- no list\n1\\. nor this"),
        ("snake_case ||no spoiler||", r"snake_case \|\|no spoiler\|\|"),
    ],
)
def test_a_review_in_html_becomes_markdown(html: str, markdown: str) -> None:
    assert values.markdown_of(html) == markdown


def test_a_spoiler_that_is_cut_in_two_stays_hidden() -> None:
    review = values.markdown_of(f"<spoiler>{'he dies ' * 100}</spoiler>")
    short = values.clipped_markdown(review, 60)
    assert len(short) <= 60
    assert "he dies" not in draw(short).split("<details")[0]
    assert draw(short).count("<details") == 1


@given(st.text(max_size=300))
@example("<i>*</i>\x00<br>\ud800&#1;&#x202e;<b>")
@example("<spoiler><blockquote><ul><li>||</spoiler>")
@example("<p>" * 40 + "<a href='http://x'><spoiler>y")
@settings(max_examples=100, deadline=None)
def test_no_text_makes_a_value_that_the_tables_refuse(text: str) -> None:
    for made in (values.tidy(text), values.line(text), values.markdown_of(text), values.markdown_of_plain(text)):
        assert clean(made) == made
    title, series, position = values.title_and_series(text)
    assert len(title) <= 500
    assert len(series or "") <= 200
    assert len(position or "") <= 20
    assert all(clean(name) == name and 0 < len(name) <= 200 for name in values.names(text, ",;"))
    assert len(values.row_key(text, text)) <= 80
    for read in (values.isbn, values.when, values.moment, values.year, values.quarters, values.language, values.person):
        read(text)
    values.integer(text, 0, 10)


@given(st.text(alphabet=st.sampled_from(list("ab *_`#>-+=!|<[]()\\\n&;1.~\"'"))))
@settings(max_examples=100, deadline=None)
def test_plain_text_is_drawn_as_it_was_typed(text: str) -> None:
    drawn = draw(values.markdown_of_plain(text))
    assert not any(
        f"<{tag}" in drawn for tag in ("em", "strong", "h3", "ul", "ol", "blockquote", "details", "code", "hr")
    )
