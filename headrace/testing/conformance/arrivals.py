"""When the records of a requirement are written."""

from collections.abc import Callable

from headrace.testing.conformance.given import GivenRecord
from headrace.testing.conformance.requirement import Requirement


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
