"""Sending mail, to real servers on this machine: plain, encrypted, refusing, slow, or not there."""

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest

from bookapp.accounts import mail
from bookapp.accounts.mail import Mailer, NotSent, mailer_of
from bookapp.config import Settings, WrongSetting, load_settings
from bookapp.core import clock
from tests.accounts.post import certificate, post_office
from tests.serving.servers import free_port

TEXT = "Grüße,\n\nhere is a rather long line that a mail server might not like: " + "x" * 200 + "\n"
SAID = {"mail_from": "Our books <books@example.org>", "base_url": "https://books.example.org"}


def a_mailer(url: str) -> Mailer:
    mailer = mailer_of(Settings(smtp_url=url, **SAID))
    assert mailer is not None
    return mailer


async def send(url: str, to: str = "alice@example.org") -> None:
    await a_mailer(url).send(to, "A word", TEXT, clock.now())


async def refused(url: str, **more: Any) -> NotSent:
    with pytest.raises(NotSent) as caught:
        await send(url, **more)
    return caught.value


async def test_a_letter_arrives_whole(tmp_path: Path) -> None:
    with post_office(tmp_path) as post:
        await send(f"smtp://127.0.0.1:{post.port}")
        (letter,) = post.letters()
    assert letter["X-To"] == "alice@example.org"
    assert letter["To"] == "alice@example.org"
    assert letter["From"] == "Our books <books@example.org>"
    assert letter["Subject"] == "A word"
    assert letter["Message-ID"].endswith("@example.org>")
    assert letter["Auto-Submitted"] == "auto-generated"
    assert abs((letter["Date"].datetime - clock.now()).total_seconds()) < 60
    assert letter.get_content_type() == "text/plain"
    assert letter.get_content().replace("\r\n", "\n") == TEXT


@pytest.fixture
def trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a certificate that this machine trusts."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate(tmp_path)))
    return tmp_path


@pytest.mark.parametrize(("scheme", "options"), [("smtp+starttls", ["starttls"]), ("smtps", ["smtps"])])
async def test_a_letter_goes_encrypted(trusted: Path, scheme: str, options: list[str]) -> None:
    with post_office(trusted, *options) as post:
        await send(f"{scheme}://localhost:{post.port}")
        (letter,) = post.letters()
    assert letter["X-Tls"] == "yes"


@pytest.mark.parametrize(("scheme", "option"), [("smtp+starttls", "starttls"), ("smtps", "smtps")])
async def test_a_password_is_shown_to_the_server(trusted: Path, scheme: str, option: str) -> None:
    with post_office(trusted, option, "auth") as post:
        await send(f"{scheme}://books:p%40ss%20word@localhost:{post.port}")
        assert len(post.letters()) == 1
        wrong = await refused(f"{scheme}://books:wrong@localhost:{post.port}")
        assert (str(wrong), wrong.is_final) == ("the mail server answered 535", True)
        assert len(post.letters()) == 1


async def test_a_server_that_nobody_vouches_for_gets_nothing(tmp_path: Path) -> None:
    certificate(tmp_path)
    with post_office(tmp_path, "starttls") as post:
        await refused(f"smtp+starttls://localhost:{post.port}")
    assert post.tries == 0


async def test_a_server_without_encryption_gets_nothing_where_encryption_was_asked_for(tmp_path: Path) -> None:
    with post_office(tmp_path) as post:
        await refused(f"smtp+starttls://localhost:{post.port}")
    assert post.tries == 0


async def test_a_refusal_is_final_and_names_nobody(tmp_path: Path) -> None:
    with post_office(tmp_path, "refuse") as post:
        error = await refused(f"smtp://127.0.0.1:{post.port}")
    assert error.is_final
    assert str(error) == "the mail server answered 550"


async def test_a_busy_server_may_be_asked_again(tmp_path: Path) -> None:
    with post_office(tmp_path, "busy=1") as post:
        error = await refused(f"smtp://127.0.0.1:{post.port}")
        assert not error.is_final
        assert str(error) == "the mail server answered 451"
        await send(f"smtp://127.0.0.1:{post.port}")
        assert len(post.letters()) == 1


async def test_a_slow_server_is_left_and_keeps_nobody_waiting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mail, "SECONDS", 1)
    began, ticks = time.monotonic(), 0
    with post_office(tmp_path, "slow=20") as post:
        sending = asyncio.create_task(refused(f"smtp://127.0.0.1:{post.port}"))
        while not sending.done():
            await asyncio.sleep(0.01)
            ticks += 1
        assert not (await sending).is_final
    assert time.monotonic() - began < 8
    assert ticks > 30


async def test_a_server_that_is_not_there_may_be_there_later() -> None:
    error = await refused(f"smtp://127.0.0.1:{free_port()}")
    assert not error.is_final
    assert str(error) == "ConnectionRefusedError"


@pytest.mark.parametrize("to", ["alice@example.org\r\nBcc: all@example.org", "alice@example.org\nX: y"])
async def test_an_address_smuggles_no_header_in(tmp_path: Path, to: str) -> None:
    with post_office(tmp_path) as post:
        assert (await refused(f"smtp://127.0.0.1:{post.port}", to=to)).is_final
    assert post.tries == 0


@pytest.mark.parametrize(
    ("url", "port", "tls", "start_tls"),
    [
        ("smtp://mail.example.org", 25, False, None),
        ("smtp://mail.example.org:2525", 2525, False, None),
        ("smtp://u:p@mail.example.org", 25, False, True),
        ("smtp://localhost", 25, False, False),
        ("smtp+starttls://mail.example.org", 587, False, True),
        ("smtp+starttls://localhost", 587, False, True),
        ("smtps://u:p@mail.example.org", 465, True, False),
    ],
)
def test_a_password_never_travels_in_the_open(url: str, port: int, tls: bool, start_tls: bool | None) -> None:
    mailer = a_mailer(url)
    assert (mailer.port, mailer.tls, mailer.start_tls) == (port, tls, start_tls)


def test_without_a_server_there_is_no_mail() -> None:
    assert mailer_of(Settings()) is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BOOKAPP_SMTP_URL", "mail.example.org"),
        ("BOOKAPP_SMTP_URL", "http://mail.example.org"),
        ("BOOKAPP_SMTP_URL", "smtp://mail.example.org:0"),
        ("BOOKAPP_SMTP_URL", "smtp://mail.example.org/path"),
        ("BOOKAPP_MAIL_FROM", "nobody"),
        ("BOOKAPP_MAIL_FROM", "a@b@c"),
        ("BOOKAPP_MAIL_FROM", ""),
        ("BOOKAPP_BASE_URL", ""),
    ],
)
def test_a_wrong_mail_setting_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    good = {
        "BOOKAPP_SMTP_URL": "smtp://mail.example.org",
        "BOOKAPP_MAIL_FROM": "books@example.org",
        "BOOKAPP_BASE_URL": "https://books.example.org",
    }
    for setting, said in {**good, name: value}.items():
        monkeypatch.setenv(setting, said)
    with pytest.raises(WrongSetting, match=rf"^{name} must"):
        load_settings()


def test_the_password_of_the_mail_server_is_not_shown() -> None:
    assert "s3cret" not in repr(Settings(smtp_url="smtps://u:s3cret@mail.example.org", **SAID))
