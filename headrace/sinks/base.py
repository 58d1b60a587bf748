"""The contract of a sink: a write is done when the other side has acknowledged it."""

from collections.abc import Sequence
from typing import Protocol

import msgspec

from headrace.errors import HeadraceError, NotDone
from headrace.record import Headers, Position

TIMEOUT_SECONDS = 30.0
"""How long a sink tries to get a message acknowledged, if its URL does not say."""


class WriteFailed(HeadraceError):
    """The other side did not take a message; the text says why."""


class ContentRefused(WriteFailed):
    """The other side refuses a message for what is in it, such as its size: now and later."""


def held_back() -> NotDone:
    """Why a message that follows a failed one of its key was not written.

    Made anew each time: whoever raises an exception adds frames to its traceback, and those keep
    records alive for as long as the exception itself.
    """
    return NotDone("an earlier message of the same key was not written")


def too_late() -> WriteFailed:
    """Why a message counts as not written. Made anew each time, as `held_back`."""
    return WriteFailed("not acknowledged in time")


class Message(msgspec.Struct, frozen=True):
    """What a sink writes.

    Attributes:
        key: the Kafka key or Kinesis partition key; None if the result has none.
        value: the payload; None is a tombstone, if the sink knows them.
        headers: carried if the sink can carry them.
        id: the id of the record that it came from; file and object names are made of it.
        position: where that record stands; by it, a table knows that it has its row already.
        as_sent: it goes back into a queue, as somebody sent it there: with its headers alone.
        group: the message group that it had in a queue without an order, as such a queue has it.
    """

    key: bytes | None
    value: bytes | None
    headers: Headers = ()
    id: str = ""
    position: Position | None = None
    as_sent: bool = False
    group: bytes | None = None


class Sink(Protocol):
    """Where results and dead letters go. Any thread may call `send`."""

    def send(self, messages: Sequence[Message]) -> list[Exception | None]:
        """Write the messages in order and wait until each is acknowledged or has failed.

        Must not raise for a message that could not be written: it returns, for each message,
        None (acknowledged) or the reason.
        """
        ...

    def close(self) -> None:
        """Let go of connections. Nothing is pending, since `send` waits."""
        ...
