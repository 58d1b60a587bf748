"""A message that is ours until its visibility timeout is over."""

from collections.abc import Mapping
from typing import Any

import msgspec

from headrace.record import Record


class Lease:
    """A message that was received and is neither deleted nor given back.

    Args:
        record: of the message.
        message: what boto3 gave, without the body.
        group: whose order holds; None in a standard queue.
        begun: when it was received, on the clock of `time.monotonic()`.
        deadline: when it becomes visible to others unless the lease is extended, on that clock.

    Attributes:
        size: bytes of the body.
        done: it was worked on; only its deletion is waited for.
        ended: it is deleted, given back or lost.
    """

    __slots__ = ("begun", "deadline", "done", "ended", "group", "message", "record", "size")

    def __init__(
        self,
        record: Record,
        message: Mapping[str, Any],
        group: str | None,
        begun: float,
        deadline: float,
    ) -> None:
        self.record = record
        self.message = message
        self.group = group
        self.begun = begun
        self.deadline = deadline
        self.size = len(record.value or b"")
        self.done = False
        self.ended = False

    @property
    def id(self) -> str:
        """Return the message's id, unique in its queue."""
        return str(self.message["MessageId"])

    @property
    def handle(self) -> str:
        """Return the receipt by which the message is deleted."""
        return str(self.message["ReceiptHandle"])

    def renew(self, message: Mapping[str, Any], deadline: float) -> None:
        """Take the newer receipt of a message that was handed out once more."""
        self.message = message
        self.deadline = deadline

    def forget_body(self) -> None:
        """Keep no more than it takes to delete the message, or to give it back."""
        self.size = 0
        self.record = msgspec.structs.replace(self.record, value=None, headers=())
