"""What the runner and a child process say to each other, in MessagePack.

Results stay in the child: its worker has written them to the sink before a record counts as done.
"""

from typing import Any

import msgspec

from headrace.errors import NotDone, Reject
from headrace.processing.outcomes import Outcomes
from headrace.record import Record
from headrace.runner.function.errors import named


class RunRecords(msgspec.Struct, frozen=True, array_like=True, tag="records"):
    """Process a batch, until a deadline on the clock of `time.monotonic()`."""

    deadline: float
    records: list[Record]


class CallWithEvent(msgspec.Struct, frozen=True, array_like=True, tag="event"):
    """Call the function with an event, until a deadline on the clock of `time.monotonic()`."""

    deadline: float
    event: Any


class Problem(msgspec.Struct, frozen=True, array_like=True, tag="problem"):
    """An exception: the name of its class, its text, and what a Reject says beside it."""

    name: str
    message: str
    status: int = 0
    errors: list[Any] = []


class Ready(msgspec.Struct, frozen=True, array_like=True, tag="ready"):
    """The function is set up."""


class Settled(msgspec.Struct, frozen=True, array_like=True, tag="settled"):
    """What became of a batch: failures by the index of the record, and indices of rejected ones."""

    failures: dict[int, Problem]
    rejected: set[int]


class Response(msgspec.Struct, frozen=True, array_like=True, tag="response"):
    """What the function returned."""

    value: Any


Request = RunRecords | CallWithEvent
Answer = Ready | Settled | Response | Problem

encode = msgspec.msgpack.Encoder(enc_hook=str).encode
decode_request = msgspec.msgpack.Decoder(Request).decode
decode_answer = msgspec.msgpack.Decoder(Answer).decode


def settle(outcomes: Outcomes) -> Settled:
    """The part of the outcomes that the mapping asks for."""
    failures = {index: describe(error) for index, error in outcomes.failures.items()}
    return Settled(failures, set(outcomes.rejected))


def describe(error: Exception) -> Problem:
    """An exception in words."""
    if isinstance(error, NotDone):
        return Problem(NotDone.__name__, _text(error))
    if isinstance(error, Reject):
        return Problem(Reject.__name__, _text(error), error.status, list(error.errors))
    return Problem(type(error).__name__, _text(error))


def restore(problem: Problem) -> Exception:
    """The exception again, or one of the same name where its class is the child's own."""
    if problem.name == NotDone.__name__:
        return NotDone(problem.message)
    if problem.name == Reject.__name__:
        return Reject(problem.message, status=problem.status, errors=problem.errors)
    return named(problem.name, problem.message)


def _text(error: Exception) -> str:
    # MessagePack holds UTF-8, which has no lone surrogates.
    return str(error).encode(errors="backslashreplace").decode()
