"""A source in memory, as the adapter uses it, and the times of its records."""

from collections.abc import Sequence
from typing import Any, Protocol

from headrace.record import Record
from headrace.runner.poller import Poller
from headrace.runner.settings import SourceKind
from headrace.testing.clock import STARTED_AT
from headrace.testing.conformance.given import GivenRecord


class Bench(Protocol):
    """What is read, and how far it was read.

    Attributes:
        kind: which source it is.
        poller: reads it.
    """

    kind: SourceKind
    poller: Poller

    @property
    def is_read(self) -> bool:
        """Return whether all that was written has been read."""
        ...

    def build(self, records: Sequence[Record]) -> dict[str, Any]:
        """Make the event of a batch."""
        ...

    def write(self, record: GivenRecord) -> None:
        """Write a record."""
        ...

    def is_settled(self, polled: int) -> bool:
        """Return whether all that can be read now has come to the mapping, which took so many."""
        ...

    def positions(self) -> dict[int, str | None]:
        """Return the last record that is done, by partition."""
        ...

    def close(self) -> None:
        """Let go of what is open."""
        ...


def written_at(record: GivenRecord) -> float:
    """Return when a record was written, in seconds since the epoch."""
    return STARTED_AT + record.at - record.age
