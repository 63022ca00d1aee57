"""Decisions about people that need no database: names, passwords, addresses to go on to, how long a session lives."""

from datetime import UTC, datetime

import pytest

from bookapp.accounts import rules

NOW = datetime(2026, 11, 18, 12, tzinfo=UTC)
HERE = ["/", "/books", "/books?q=a&sort=title", "/books/1#reviews", "/accounts/alice/tasks", "/b%C3%BCcher", "/a:b@c"]
ELSEWHERE = [
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\\/evil.example",
    "https://evil.example",
    "https:evil.example",
    "http:/evil.example",
    "HTTPS://EVIL.EXAMPLE/books",
    "javascript:alert(1)",
    "data:text/html,hi",
    "evil.example",
    "@evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "/\r\nSet-Cookie: a=b",
    "\t//evil.example",
    " //evil.example",
    "/ /evil.example",
    "/\x00",
    "/\x7f",
    "%2f%2fevil.example",
    "",
    None,
    "/" + "a" * 2000,
]


@pytest.mark.parametrize("address", HERE)
def test_after_signing_in_one_goes_where_one_wanted(address: str) -> None:
    assert rules.safe_path(address) == address


@pytest.mark.parametrize("address", ELSEWHERE)
def test_nobody_is_sent_to_another_site(address: str | None) -> None:
    assert rules.safe_path(address, "/dashboard") == "/dashboard"


@pytest.mark.parametrize("address", ["/login", "/login?next=/login", "/logout", "/login/code"])
def test_signing_in_does_not_lead_back_to_the_door(address: str) -> None:
    assert rules.safe_path(address) == "/"


def test_an_address_in_any_alphabet_fits_into_a_header() -> None:
    assert rules.safe_path("/books?q=Größe") == "/books?q=Gr%C3%B6%C3%9Fe"


@pytest.mark.parametrize("name", ["bob", "Bob", "b-b", "a.b_c-d", "007", "x" * 20])
def test_a_name_may_be(name: str) -> None:
    assert rules.wrong_username(name) is None


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("ab", "Between 3 and 20"),
        ("x" * 21, "Between 3 and 20"),
        ("two words", "Letters, digits"),
        (".dot", "Letters, digits"),
        ("-dash", "Letters, digits"),
        ("dot.", "Letters, digits"),
        ("a/b", "Letters, digits"),
        ("zoë", "Letters, digits"),
        ("аlice", "Letters, digits"),
        ("bob\n", "Letters, digits"),
        ("<b>x</b>", "Letters, digits"),
        ("Admin", "taken by bookapp"),
        ("login", "taken by bookapp"),
    ],
)
def test_a_name_may_not_be(name: str, why: str) -> None:
    assert why in str(rules.wrong_username(name))


@pytest.mark.parametrize("address", ["anna@example.org", "a+b@mail.example.co.uk", "ünal@bücher.example"])
def test_an_address_may_be(address: str) -> None:
    assert rules.wrong_email(address) is None


@pytest.mark.parametrize(
    "address",
    [
        *("anna", "anna@", "@example.org", "anna@localhost", "a b@example.org", "a@b@c.org", "a@x.org,b@x.org"),
        *("a@.org", "a@org.", "<a@example.org>", "a@example.org\nBcc: b@example.org"),
    ],
)
def test_an_address_may_not_be(address: str) -> None:
    assert rules.wrong_email(address) == "Must look like anna@example.org"


GOOD = [
    "the moon is made of paper",
    "correct horse battery staple",
    "æøå ñandú 漢字 かな хлеб соль",
    "x9$kQ!v2Lm#7pR@w",
    " spaces count, too ",
    "all lowercase letters are fine",
    "q" * 3 + "we rode our bikes to the sea" * 20,
]


@pytest.mark.parametrize("password", GOOD)
def test_a_password_may_be(password: str) -> None:
    assert rules.wrong_password(password, "alice", "alice@example.org") is None


@pytest.mark.parametrize("length", [64, 65, 128, 500, 1000])
def test_a_long_password_is_welcome(length: str) -> None:
    assert rules.wrong_password(("many words that nobody else would say " * 30)[: int(length)]) is None


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("fourteen signs", "At least 15"),
        ("é" * 600, "At most 1024 bytes"),
        ("passwordpassword", "Too"),
        ("password12345678", "Too"),
        ("Password12345678!", "Too"),
        ("1234567890123456", "Too many people"),
        ("abcdefghijklmnopq", "Too many people"),
        ("ponmlkjihgfedcba", "Too many people"),
        ("qwertyuiopasdfgh", "Too many people"),
        ("aaaaaaaaaaaaaaaa", "Too many people"),
        ("abcabcabcabcabcabc", "Too many people"),
        ("alicealicealice1", "Too"),
        ("alice@example.org", "Too close"),
        ("bookapp-bookapp-bookapp", "Too"),
        ("AliceBookapp2026", "Too close"),
    ],
)
def test_a_password_may_not_be(password: str, why: str) -> None:
    assert why in str(rules.wrong_password(password, "alice", "alice@example.org"))


def test_with_a_second_factor_eight_signs_are_enough() -> None:
    assert rules.wrong_password("k4#vTz!9", has_factor=True) is None
    assert rules.wrong_password("k4#vTz!", has_factor=True) is not None
    assert rules.wrong_password("k4#vTz!9") is not None


def test_the_list_of_what_is_tried_first_has_three_thousand_words() -> None:
    common = rules._common()
    assert len(common) >= 3000
    refused = [word for word in common if len(word) >= 8 and rules.wrong_password(word, has_factor=True) is None]
    assert refused == []


def test_secrets_are_long_and_never_the_same() -> None:
    made = {rules.new_secret() for _ in range(100)}
    assert len(made) == 100
    assert min(map(len, made)) >= 43  # 256 bits in base64


def test_the_set_up_code_may_be_typed_as_people_type() -> None:
    key = b"k" * 32
    code = rules.setup_code(key)
    assert code == rules.setup_code(key)
    assert code != rules.setup_code(b"l" * 32)
    for typed in (code, code.lower(), code.replace("-", ""), f" {code.replace('-', ' ')} "):
        assert rules.is_setup_code(key, typed)
    for typed in ("", code[:-1], code + "0", "0000-0000-0000"):
        assert not rules.is_setup_code(key, typed)


@pytest.mark.parametrize(
    ("agent", "said"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537 Chrome/140 Safari/537 Edg/140", "Edge on Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18 Safari/604", "Safari on iPhone"),
        ("curl/8.5.0", "curl"),
        ("", "An unknown program"),
    ],
)
def test_a_browser_is_called_by_its_name(agent: str, said: str) -> None:
    assert rules.device(agent) == said


def test_two_spellings_are_one_name_and_one_address() -> None:
    assert rules.username_key("Alice") == rules.username_key("aLICE")
    assert rules.email_key("Alice@Example.org") == rules.email_key("alice@example.ORG")
