"""One tree of errors in domain words; HTTP statuses and exit codes are given to them at the edge.

PilotMatchError
├── InvalidInput        what the caller gave can't be used (names the field, says what would do)
├── NotFound            the thing asked for is not there, or not there for this caller
├── NotSignedIn         nobody is signed in, or the key or session is unknown, expired or revoked
├── Forbidden           the caller may not do this
├── Conflict            what is asked for contradicts what is stored
├── Outdated            the caller saw an older version than the one that is stored
├── TooLarge            more than is taken in one go
├── TooMany             more often than is allowed; `retry_seconds` says when again
├── BrokenArtefact      a derived file is missing, damaged or made by something else; the hint names what mends it
└── Unavailable         something outside can't be reached or written (hub, disk, database)
"""

from __future__ import annotations


class PilotMatchError(Exception):
    """Base of every error that a caller may be shown.

    Args:
        message: one line, what is wrong.
        hint: one line, what to do about it.
        field: the input field at fault, where there is one.
    """

    code = "error"

    def __init__(self, message: str, *, hint: str | None = None, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.field = field

    def __str__(self) -> str:
        return f"{self.message}({self.hint})" if self.hint else self.message


class InvalidInput(PilotMatchError):
    code = "invalid_input"


class NotFound(PilotMatchError):
    code = "not_found"


class NotSignedIn(PilotMatchError):
    code = "unauthorised"


class Forbidden(PilotMatchError):
    code = "forbidden"


class Conflict(PilotMatchError):
    code = "conflict"


class Outdated(PilotMatchError):
    code = "outdated"


class TooLarge(PilotMatchError):
    code = "too_large"


class TooMany(PilotMatchError):
    code = "too_many_requests"

    def __init__(
        self, message: str, *, hint: str | None = None, field: str | None = None, retry_seconds: int = 60
    ) -> None:
        super().__init__(message, hint=hint, field=field)
        self.retry_seconds = retry_seconds


class BrokenArtefact(PilotMatchError):
    code = "broken_artefact"


class Unavailable(PilotMatchError):
    code = "unavailable"
