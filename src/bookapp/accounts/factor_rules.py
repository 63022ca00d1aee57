"""Decisions about the second factor (TOTP, RFC 6238) that need no database."""

import base64
import hmac
import re
import secrets
from datetime import datetime

import pyotp

STEP = 30
"""Seconds for which a code counts; the one before and the one after count too, since clocks differ."""
RECOVERY_CODES = 10
_LETTERS = "0123456789abcdefghjkmnpqrstvwxyz"
"""Crockford's 32: nobody has to tell an o from a zero."""


def step_at(now: datetime) -> int:
    """The number of the time step in which `now` lies."""
    return int(now.timestamp()) // STEP


def matching_step(secret: str, typed: str, now: datetime) -> int | None:
    """The step that `typed` is the code of, among this one and its neighbours, or None."""
    code, middle = "".join(typed.split()), step_at(now)
    totp = pyotp.TOTP(secret)
    fitting = [
        step
        for step in (middle - 1, middle, middle + 1)
        if hmac.compare_digest(totp.generate_otp(step).encode(), code.encode())
    ]
    return max(fitting, default=None)


def is_app_code(typed: str) -> bool:
    """Whether it looks like one of an authenticator app; anything else may be a recovery code."""
    return re.fullmatch(r"[0-9]{6}", "".join(typed.split())) is not None


def secret_to_set_up(key: bytes, account_id: int, last_step: int, who: str, hour: int) -> str:
    """The secret that is offered to a browser for an hour, without anything being stored until it is confirmed.

    `who` names the session or token that asks: what one browser saw, another one cannot confirm.
    """
    said = f"second factor {account_id} {last_step} {who} {hour}"
    return base64.b32encode(hmac.digest(key, said.encode(), "sha256")[:20]).decode()


def hour_of(now: datetime) -> int:
    """The number of the hour in which `now` lies."""
    return int(now.timestamp()) // 3600


def link(secret: str, username: str, place: str) -> str:
    """What an authenticator app reads from the picture."""
    return pyotp.TOTP(secret).provisioning_uri(name=username, issuer_name=place)


def new_recovery_code() -> str:
    """A code of 80 bits, in groups that people can read out."""
    letters = "".join(secrets.choice(_LETTERS) for _ in range(16))
    return "-".join(letters[i : i + 4] for i in range(0, 16, 4))


def plain(recovery_code: str) -> str:
    """A recovery code as it is compared, however it was typed."""
    letters = re.sub(r"[^0-9a-z]", "", recovery_code.casefold())
    return letters.translate(str.maketrans("oil", "011"))
