"""What can go wrong, and the number it has in the field. `web` alone decides how an error is shown."""

from collections.abc import Mapping
from typing import Any, ClassVar, Literal


class AppError(Exception):
    """An error that a person may read. `detail` is a finished sentence."""

    status: ClassVar[int] = 500
    title: ClassVar[str] = "Something went wrong"

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail)
        self.detail = detail


class Malformed(AppError):
    """What came cannot be read at all."""

    status, title = 400, "That request could not be read"


class SignInNeeded(AppError):
    """Nobody is signed in, and this needs somebody."""

    status, title = 401, "Please sign in"

    def __init__(self, detail: str = "", by: Literal["password", "token"] = "password") -> None:
        super().__init__(detail)
        self.by = by


class Forbidden(AppError):
    """We know who you are, and it is not allowed."""

    status, title = 403, "Not allowed"


class NotFound(AppError):
    """It is not there, or not for you. A POST to `undo_url` brings back what was deleted."""

    status, title = 404, "Not found"

    def __init__(self, detail: str = "", undo_url: str | None = None) -> None:
        super().__init__(detail)
        self.undo_url = undo_url


class Conflict(AppError):
    """It clashes with what is stored. `newer` is the stored row, as a result, when there is one."""

    status, title = 409, "That clashes with what is stored"

    def __init__(self, detail: str = "", newer: Any = None) -> None:
        super().__init__(detail)
        self.newer = newer


class Stale(AppError):
    """If-Match names a version that is no longer current."""

    status, title = 412, "Somebody was faster"


class TooLarge(AppError):
    """More bytes than this address takes."""

    status, title = 413, "Too large"


class WrongType(AppError):
    """A content type that this address does not read."""

    status, title = 415, "Unsupported content type"


class Invalid(AppError):
    """Understood, but wrong. `errors` has a list of messages for each field."""

    status, title = 422, "Please check what you typed"

    def __init__(self, errors: Mapping[str, list[str]], detail: str = "") -> None:
        super().__init__(detail or "; ".join(f"{field}: {text[0]}" for field, text in errors.items()))
        self.errors = dict(errors)


class VersionNeeded(AppError):
    """A change through the API must say which version it changes."""

    status, title = 428, "Say which version you change"


class Busy(AppError):
    """The database cannot answer now; trying again in `retry_after` seconds makes sense."""

    status, title = 503, "Busy, please try again"

    def __init__(self, detail: str = "", retry_after: int = 2) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class TooMany(AppError):
    """A limit is used up; trying again in `retry_after` seconds makes sense."""

    status, title = 429, "Too many tries"

    def __init__(self, detail: str = "", retry_after: int = 60) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class NoSpace(AppError):
    """The disk is full or read-only; reading goes on."""

    status, title = 507, "No room left to store that"
