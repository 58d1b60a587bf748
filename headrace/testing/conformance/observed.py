"""What an adapter has seen of a mapping."""

from typing import Any

import msgspec


class Unsupported(Exception):
    """Raised by an adapter: the mapping does not have what is asked for."""


class Invocation(msgspec.Struct, frozen=True, kw_only=True):
    """One invocation of the function.

    Attributes:
        event: as it came.
        records: the names of the records in it, in order.
        begun: seconds since the mapping began.
    """

    event: Any
    records: list[str]
    begun: float = 0.0


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    """What the failure destination got for one record.

    Attributes:
        record: its name.
        document: the failure record.
    """

    record: str
    document: dict[str, Any]


class Observed(msgspec.Struct, kw_only=True):
    """What became of a requirement's records.

    Attributes:
        invocations: in the order in which they began.
        most_at_once: how many of them ran at once, at most.
        positions: the last record that is done, by partition, None if none is; None if positions
            cannot be seen from outside.
        failures: in the order of their arrival.
        refused: why the mapping could not be made; None: it could.
        left: messages that are still in the queue.
        dead: messages in the dead-letter queue.
    """

    invocations: list[Invocation] = []
    most_at_once: int = 0
    positions: dict[int, str | None] | None = {}
    failures: list[Failure] = []
    refused: str | None = None
    left: list[str] = []
    dead: list[str] = []
