"""Sending mail: one message at a time, to the server that the operator named."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid, parseaddr
from urllib.parse import unquote, urlsplit

import aiosmtplib

from bookapp.config import Settings

SECONDS = 10
PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}


class NotSent(Exception):
    """The message did not go out; the text says why, without anybody's address."""

    def __init__(self, why: str, *, is_final: bool = False) -> None:
        super().__init__(why)
        self.is_final = is_final
        """Whether trying again makes no sense."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailer:
    """Knows the server and the sender."""

    host: str
    port: int
    user: str | None
    password: str | None
    tls: bool
    start_tls: bool | None
    """None takes it when it is offered."""
    sender: str

    async def send(self, to: str, subject: str, text: str, now: datetime) -> None:
        """Send plain text to one address. Raises NotSent after ten seconds, and when the server refuses."""
        try:
            message = self._letter(to, subject, text, now)
            async with asyncio.timeout(SECONDS):
                await aiosmtplib.send(
                    message,
                    hostname=self.host,
                    port=self.port,
                    username=self.user,
                    password=self.password,
                    use_tls=self.tls,
                    start_tls=self.start_tls,
                    timeout=SECONDS,
                )
        except aiosmtplib.SMTPRecipientsRefused as error:
            raise _answered(max(refused.code for refused in error.recipients)) from None
        except aiosmtplib.SMTPResponseException as error:
            raise _answered(error.code) from None
        except ValueError as error:  # an address that no letter can carry
            raise NotSent(type(error).__name__, is_final=True) from None
        except (aiosmtplib.SMTPException, OSError) as error:  # TimeoutError is an OSError
            raise NotSent(_name(error)) from None

    def _letter(self, to: str, subject: str, text: str, now: datetime) -> EmailMessage:
        letter = EmailMessage(policy=SMTP)
        letter["From"], letter["To"], letter["Subject"] = self.sender, to, subject
        letter["Date"] = format_datetime(now)
        letter["Message-ID"] = make_msgid(domain=parseaddr(self.sender)[1].rpartition("@")[2])
        letter["Auto-Submitted"] = "auto-generated"
        letter.set_content(text)
        return letter


def _name(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "the mail server takes too long"
    return type(error.__cause__ or error).__name__


def _answered(code: int) -> NotSent:
    return NotSent(f"the mail server answered {code}", is_final=code >= 500)


def mailer_of(settings: Settings) -> Mailer | None:
    """What sends the mail of this instance; None when no mail is set up."""
    if not settings.smtp_url:
        return None
    url = urlsplit(settings.smtp_url)
    assert url.hostname is not None
    own_machine = url.hostname in ("localhost", "127.0.0.1", "::1")
    # A password never travels in the open: then the server has to offer encryption.
    insists = url.scheme == "smtp+starttls" or (url.username is not None and not own_machine)
    return Mailer(
        host=url.hostname,
        port=url.port or PORTS[url.scheme],
        user=unquote(url.username) if url.username else None,
        password=unquote(url.password) if url.password else None,
        tls=url.scheme == "smtps",
        start_tls=False if url.scheme == "smtps" else True if insists else False if own_machine else None,
        sender=settings.mail_from,
    )
