"""What the runner and a child process say to each other, in MessagePack.

Results stay in the child: its worker has written them to the sink before a record counts as done.
"""

import json
import struct
from typing import Any

import msgspec

from headrace.errors import NotDone, Reject, message_of
from headrace.processing.outcomes import Outcomes
from headrace.record import Record
from headrace.runner.function.errors import named


class RunRecords(msgspec.Struct, frozen=True, array_like=True, tag="records"):
    """Process a batch."""

    records: list[Record]


class CallWithEvent(msgspec.Struct, frozen=True, array_like=True, tag="event"):
    """Call the function with an event."""

    event: Any


class CallWithJson(msgspec.Struct, frozen=True, array_like=True, tag="json"):
    """Call the function with an event that MessagePack cannot say: see `encode`."""

    text: str

    @property
    def event(self) -> Any:
        """The event."""
        return json.loads(self.text)


class Problem(msgspec.Struct, frozen=True, array_like=True, tag="problem"):
    """An exception: the name of its class, its text, and what a Reject says beside it."""

    name: str
    message: str
    status: int = 0
    errors: list[Any] = []


class Ready(msgspec.Struct, frozen=True, array_like=True, tag="ready"):
    """The function is set up."""


class Settled(msgspec.Struct, frozen=True, array_like=True, tag="settled"):
    """What became of a batch: why records failed or were rejected, by their indices."""

    failures: dict[int, Problem]
    rejected: dict[int, str]


class Response(msgspec.Struct, frozen=True, array_like=True, tag="response"):
    """What the function returned."""

    value: Any


class JsonResponse(msgspec.Struct, frozen=True, array_like=True, tag="json-response"):
    """What the function returned, if MessagePack cannot say it: see `encode`."""

    text: str

    @property
    def value(self) -> Any:
        """What the function returned."""
        return json.loads(self.text)


Request = RunRecords | CallWithEvent | CallWithJson
Answer = Ready | Settled | Response | JsonResponse | Problem

_DEADLINE = struct.Struct("!d")

_encode = msgspec.msgpack.Encoder(enc_hook=str).encode
_decode_request = msgspec.msgpack.Decoder(Request).decode
decode_answer = msgspec.msgpack.Decoder(Answer).decode


def encode(message: Request | Answer) -> bytes:
    """Encode a message.

    JSON has what MessagePack has not: integers of more than 64 bits, half a surrogate pair. An
    event or a response that holds them travels as JSON.

    Raises:
        Exception: if neither can say it.
    """
    try:
        return _encode(message)
    except (OverflowError, UnicodeEncodeError):
        if isinstance(message, CallWithEvent):
            return _encode(CallWithJson(json.dumps(message.event, default=str)))
        if isinstance(message, Response):
            return _encode(JsonResponse(json.dumps(message.value, default=str)))
        raise


def with_deadline(request: bytes, deadline: float) -> bytes:
    """Return the frame of an encoded request; the deadline is of the clock `time.monotonic()`."""
    return _DEADLINE.pack(deadline) + request


def decode_request(frame: bytes) -> tuple[Request, float]:
    """Return a request and its deadline."""
    (deadline,) = _DEADLINE.unpack_from(frame)
    return _decode_request(memoryview(frame)[_DEADLINE.size :]), deadline


def settle(outcomes: Outcomes) -> Settled:
    """The part of the outcomes that the mapping asks for."""
    failures = {index: describe(error) for index, error in outcomes.failures.items()}
    return Settled(failures, {i: _sayable(why) for i, why in outcomes.rejected.items()})


def describe(error: Exception) -> Problem:
    """An exception in words."""
    if isinstance(error, NotDone):
        return Problem(NotDone.__name__, _text(error))
    if isinstance(error, Reject):
        return Problem(
            Reject.__name__, _text(error), error.status, [_plain(one) for one in error.errors]
        )
    return Problem(type(error).__name__, _text(error))


def restore(problem: Problem) -> Exception:
    """The exception again, or one of the same name where its class is the child's own."""
    if problem.name == NotDone.__name__:
        return NotDone(problem.message)
    if problem.name == Reject.__name__:
        return Reject(problem.message, status=problem.status, errors=problem.errors)
    return named(problem.name, problem.message)


def _plain(value: Any) -> Any:
    """Return a value as it is, or as text if it cannot travel: a failure must not fail itself."""
    try:
        _encode(value)
    except Exception:  # noqa: BLE001 - whatever a function put into its Reject
        return repr(value).encode(errors="backslashreplace").decode()
    return value


def _text(error: Exception) -> str:
    return _sayable(message_of(error))


def _sayable(text: str) -> str:
    # MessagePack holds UTF-8, which has no lone surrogates.
    return text.encode(errors="backslashreplace").decode()
