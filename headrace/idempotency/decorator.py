"""What a worker writes: `@once(key="payment.id", window=3600)` above `process`."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any, NamedTuple, TypeVar

from headrace import json_text
from headrace.definition import ONCE_MARK
from headrace.errors import Reject, WorkerError
from headrace.record import KinesisPosition, Record

Process = TypeVar("Process", bound=Callable[..., Any])
Key = Callable[[Record], str]

_DAY = 86_400.0
_LONGEST = 36_500 * _DAY  # every store can reckon with that


class OnceOptions(NamedTuple):
    """What the decorator was told.

    Attributes:
        key: makes the key of a record. Raises Reject if it has none.
        window: seconds for which an answer is remembered.
    """

    key: Key
    window: float


def record_id(record: Record) -> str:
    """Return the name of a record in its source, so that it is once for each record.

    Raises:
        WorkerError: it is a direct call's whose invocation has no name, as in a test without a
            context: all such would be one.
    """
    if not record.id:
        raise WorkerError("@once: a call without a context has no name of its own: write key=…")
    position = record.position
    stream = f"{position.stream}:" if isinstance(position, KinesisPosition) else ""
    return f"{record.source}:{stream}{record.id}"


def payload_digest(record: Record) -> str:
    """Return a digest of the value, so that it is once for each value."""
    from hashlib import sha256  # noqa: PLC0415 - not for those who only import the decorator

    return sha256(record.value or b"").hexdigest()


def once(*, key: str | Key = record_id, window: float = _DAY) -> Callable[[Process], Process]:
    """Have `process` run at most once at a time for a key, and its answer remembered.

    A record whose key was processed gets the remembered answer. One whose key is in work elsewhere
    is not done, and comes again. HEADRACE_ONCE_STORE says where keys and answers are kept.

    Args:
        key: the path of a field of the value, such as "payment.id"; or a function of the record
            (`record_id`, `payload_digest` of `headrace.idempotency`, or one of your own).
        window: seconds for which an answer is remembered.

    Raises:
        WorkerError: it stands above another method, or the key or the window is none.
    """
    if not (isinstance(window, int | float) and 0 < window <= _LONGEST):
        limits = "a positive number of seconds, at most a hundred years"
        raise WorkerError(f"@once: window={window!r} is not {limits}")
    if not isinstance(key, str) and not callable(key):
        raise WorkerError(f"@once: key={key!r} is neither the path of a field nor a function")
    options = OnceOptions(FieldKey(key) if isinstance(key, str) else key, window)

    def mark(process: Process) -> Process:
        if getattr(process, "__name__", "process") != "process":
            raise WorkerError(f"@once is for process, not for {process.__name__}")
        setattr(process, ONCE_MARK, options)
        return process

    return mark


class FieldKey:
    """The key is a field of the value.

    Args:
        path: of the field, such as "payment.id".

    Raises:
        WorkerError: it is no path.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._names = path.split(".")
        if not all(self._names):
            raise WorkerError(f"@once: {path!r} is no path of a field")

    def __call__(self, record: Record) -> str:
        """Return the key of a record. Raises Reject if it has none."""
        return self.of(record.json())

    def of(self, value: Any) -> str:
        """Return the key of what a record holds. Raises Reject if it has none."""
        for name in self._names:
            if not isinstance(value, dict) or name not in value:
                raise Reject(f"there is no field {self._path}, which is the key of @once")
            value = value[name]
        if isinstance(value, str) and value:
            return value
        if value is not None and not isinstance(value, str | dict | list | bytes):
            with suppress(json_text.JsonError):  # 1e999 is read as no number
                return json_text.encode(value).decode()
        why = "it is empty" if value == "" else "it is neither text nor a number"
        raise Reject(f"the field {self._path} is no key of @once: {why}")
