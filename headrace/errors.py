"""What can go wrong, as types: each says what becomes of the record or the event.

Every error that the library raises on purpose is a HeadraceError, so one `except` catches them all.
A name ends in `Error` if a program may handle it; a name without that ending says what became of a
record, a message or a batch.
"""

from collections.abc import Sequence


def message_of(error: object) -> str:
    """Return what an error says. Never raises, whatever an exception of a user's does then."""
    try:
        return str(error)
    except Exception as broken:  # noqa: BLE001 - nothing that describes a failure may fail
        return f"<{type(broken).__name__} in its __str__>"


class HeadraceError(Exception):
    """Base of every error that the library raises on purpose; its message is one clear line."""


class SettingsError(HeadraceError):
    """A setting is missing or wrong; the message names it."""


class WorkerError(HeadraceError):
    """A worker's class cannot work as it is written; the message says what to change."""


class MalformedEvent(HeadraceError):
    """The event has not the shape that its source promises; the message names the place."""


class Reject(HeadraceError):
    """This record can never be processed: dead letter now, no retry.

    Args:
        detail: what is wrong, fit to be shown to whoever sent the record.
        status: the HTTP status for a caller who waits for an answer.
        errors: one entry per separate fault, each a JSON value.
    """

    def __init__(self, detail: str, *, status: int = 400, errors: Sequence[object] = ()) -> None:
        super().__init__(detail)
        self.detail = detail
        self.status = status
        self.errors = tuple(errors)


class NotDone(HeadraceError):
    """The record was not attempted, or its result was withheld; it will be delivered again."""


class BatchFailed(HeadraceError):
    """Records of a batch failed and the mapping takes no partial response: deliver all again."""
