"""Decisions about the second factor that need no database."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from bookapp.accounts import factor_rules
from bookapp.accounts.qr import qr_code

SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"  # the one of RFC 6238, appendix B: "12345678901234567890"


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, "287082"),
        (1111111109, "081804"),
        (1111111111, "050471"),
        (1234567890, "005924"),
        (2000000000, "279037"),
        (20000000000, "353130"),
    ],
)
def test_the_codes_are_those_of_the_rfc(seconds: int, code: str) -> None:
    now = datetime.fromtimestamp(seconds, UTC)
    assert factor_rules.matching_step(SECRET, code, now) == seconds // 30
    assert factor_rules.matching_step(SECRET, code, now + timedelta(seconds=30)) == seconds // 30
    assert factor_rules.matching_step(SECRET, code, now + timedelta(seconds=60)) is None


@pytest.mark.parametrize("typed", ["", "28708", "2870822", "２８７０８２", "28708x", "287082\x00", "é" * 6])
def test_nothing_else_is_a_code(typed: str) -> None:
    assert factor_rules.matching_step(SECRET, typed, datetime.fromtimestamp(59, UTC)) is None


def test_an_offer_is_for_one_browser_one_hour_and_one_time() -> None:
    first = factor_rules.secret_to_set_up(b"k" * 32, 1, 0, "1 None", 500_000)
    others = {
        factor_rules.secret_to_set_up(b"l" * 32, 1, 0, "1 None", 500_000),
        factor_rules.secret_to_set_up(b"k" * 32, 2, 0, "1 None", 500_000),
        factor_rules.secret_to_set_up(b"k" * 32, 1, 7, "1 None", 500_000),
        factor_rules.secret_to_set_up(b"k" * 32, 1, 0, "2 None", 500_000),
        factor_rules.secret_to_set_up(b"k" * 32, 1, 0, "1 None", 500_001),
    }
    assert re.fullmatch("[A-Z2-7]{32}", first)  # 160 bits, as RFC 4226 recommends
    assert len(others | {first}) == 6


def test_recovery_codes_are_long_and_easy_to_read_out() -> None:
    codes = {factor_rules.new_recovery_code() for _ in range(500)}
    assert len(codes) == 500
    assert all(re.fullmatch("([0-9a-hjkmnp-tv-z]{4}-){3}[0-9a-hjkmnp-tv-z]{4}", code) for code in codes)
    assert not any(map(factor_rules.is_app_code, codes))


def test_a_link_cannot_break_out_of_the_picture() -> None:
    drawn = qr_code('otpauth://totp/"><script>alert(1)</script>')
    assert "<script" not in drawn
    assert drawn.startswith("<svg")
