"""What can go wrong, as types: each says what becomes of the record or the event.

Every error that the library raises on purpose is a HeadraceError, so one `except` catches them all.
A name ends in `Error` if a program may handle it; a name without that ending says what became of a
record, a message or a batch.
"""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

_ENDINGS = (SystemExit, KeyboardInterrupt, GeneratorExit, BaseExceptionGroup)
# Where libraries have such of their own: a cancelled task, a panic of Rust, a time that is over.
_ENDINGS_OF = frozenset({"asyncio.exceptions", "pyo3_runtime", "gevent.timeout"})


def message_of(error: object) -> str:
    """Return what an error says. Never raises, whatever an exception of a user's does then."""
    try:
        return str(error)
    except BaseException as broken:  # noqa: BLE001 - nothing that describes a failure may fail
        return f"<{type(failure_of(broken)).__name__} in its __str__>"


def failure_of(error: BaseException) -> Exception:
    """Return what a user's code raised as an exception that ends nothing but its own record.

    SystemExit and its like would end the process, and with it the records beside it.

    Raises:
        BaseException: the process is meant to end: a person presses Ctrl-C, which reaches the main
            thread alone, or a test's own exception says so.
    """
    if isinstance(error, Exception):
        return error
    if not isinstance(error, _ENDINGS) and type(error).__module__ not in _ENDINGS_OF:
        raise error
    if isinstance(error, KeyboardInterrupt) and _is_main_thread():
        raise error
    return RuntimeError(summary_of(error)).with_traceback(error.__traceback__)


@contextmanager
def ending_nothing() -> Iterator[None]:
    """Have what would end the process end no more than what stands inside: see `failure_of`."""
    try:
        yield
    except Exception:
        raise
    except BaseException as error:
        raise failure_of(error) from error


def summary_of(error: BaseException) -> str:
    """Return the kind of an error and what it says: `KeyError: 'amount'`. Never raises."""
    message = message_of(error)
    return f"{type(error).__name__}: {message}" if message else type(error).__name__


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
        status: the HTTP status for a caller who waits for an answer, 400 to 599.
        errors: one entry per separate fault, each a JSON value.

    Raises:
        ValueError: the status is not one of a failure.
    """

    # What a subclass has whose constructor leaves this one out.
    detail: str = ""
    status: int = 400
    errors: tuple[object, ...] = ()

    def __init__(self, detail: str, *, status: int = 400, errors: Sequence[object] = ()) -> None:
        super().__init__(detail)
        if not (isinstance(status, int) and 400 <= status <= 599):
            raise ValueError(f"a Reject cannot have the status {status!r}")
        self.detail = message_of(detail)  # of an exception that was caught, too
        self.status = status
        self.errors = (errors,) if isinstance(errors, str) else tuple(errors)


def reject_of(error: BaseException) -> Reject | None:
    """Return what an error rejects a record with; None if it does not.

    Tasks of a worker (`asyncio.TaskGroup`) give what they raise as a group: if all of them reject,
    so does the group.
    """
    if isinstance(error, Reject):
        return error
    if not isinstance(error, BaseExceptionGroup):
        return None
    found = [reject_of(one) for one in error.exceptions]
    rejects = [one for one in found if one is not None]
    if len(rejects) < len(found):
        return None
    if len(rejects) == 1:
        return rejects[0]
    statuses = {one.status for one in rejects}
    return Reject(
        "; ".join(message_of(one) for one in rejects),
        status=statuses.pop() if len(statuses) == 1 else Reject.status,
        errors=[fault for one in rejects for fault in one.errors],
    )


class NotDone(HeadraceError):
    """The record was not attempted, or its result was withheld; it will be delivered again."""


class OutOfTime(HeadraceError):
    """The record had the whole time of an invocation, and was not done in it: a failure."""


class BatchFailed(HeadraceError):
    """Records of a batch failed and the mapping takes no partial response: deliver all again."""


def _is_main_thread() -> bool:
    return threading.current_thread() is threading.main_thread()
