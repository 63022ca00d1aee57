"""What is decided about jobs."""

from datetime import timedelta

import pytest

from bookapp.core import clock
from bookapp.jobs import rules


def test_the_pause_grows_and_then_it_fails() -> None:
    pauses = [rules.wait_after(tries) for tries in (1, 2, 3, 4)]
    assert pauses == [timedelta(seconds=5), timedelta(seconds=30), timedelta(minutes=2), None]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "less than a second"),
        (1, "1 second"),
        (61, "1 minute 1 second"),
        (3600, "1 hour"),
        (7260, "2 hours 1 minute"),
        (86_404, "1 day"),
    ],
)
def test_how_long_it_took_in_words(seconds: float, words: str) -> None:
    assert rules.long(seconds) == words


def test_a_guess_of_the_whole_never_says_that_it_is_done() -> None:
    assert rules.percent(120, 100, "running") == 99
    assert rules.percent(5, None, "running") is None
    assert rules.percent(0, None, "done") == 100


@pytest.mark.parametrize("url", ["https://elsewhere.example", "//elsewhere.example", 7, None])
def test_a_job_links_to_this_place_only(url: object) -> None:
    assert rules.about_url({"url": url}) is None
    assert rules.about_url({"url": "/imports/3"}) == "/imports/3"


def test_what_waits_says_for_how_long() -> None:
    now = clock.now()
    soon = now + timedelta(seconds=19)
    assert rules.state_words("queued", soon, now, is_unwanted=False, tries=1) == "tried again in 20 seconds"
    assert rules.state_words("queued", now, now, is_unwanted=False, tries=0) == "waiting"
    assert rules.state_words("running", now, now, is_unwanted=True, tries=1) == "stopping"
