"""A source in memory, as the adapter uses it."""

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from headrace.record import Record
from headrace.runner.poller import Poller
from headrace.runner.settings import SourceKind
from headrace.testing.clock import STARTED_AT
from headrace.testing.conformance.given import GivenRecord
from headrace.testing.conformance.requirement import Requirement


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


class Arrivals:
    """The records of a requirement, in the order of their times.

    Args:
        requirement: whose.
        write: writes one.
    """

    def __init__(self, requirement: Requirement, write: Callable[[GivenRecord], None]) -> None:
        self._coming = sorted(requirement.records, key=lambda record: record.at)
        self._write = write

    def until(self, now: float) -> None:
        """Write what is due."""
        while self._coming and self._coming[0].at <= now:
            self._write(self._coming.pop(0))

    @property
    def next_at(self) -> float | None:
        """Return when the next one is due; None if none is."""
        return self._coming[0].at if self._coming else None


def written_at(record: GivenRecord) -> float:
    """Return when a record was written, in seconds since the epoch."""
    return STARTED_AT + record.at - record.age
