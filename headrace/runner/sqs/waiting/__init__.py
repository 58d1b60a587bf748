"""Which messages make the next batch: of any order in a standard queue, by groups in a FIFO one."""

from typing import Protocol

from headrace.runner.sqs.lease import Lease
from headrace.runner.sqs.waiting.grouped import Grouped
from headrace.runner.sqs.waiting.unordered import Unordered

__all__ = ["Grouped", "Unordered", "Waiting"]


class Waiting(Protocol):
    """The leases that are in no batch. No lock of its own: that of the holdings guards it."""

    def __len__(self) -> int: ...

    def add(self, lease: Lease, now: float) -> None:
        """Have a lease wait."""
        ...

    def ready_at(self) -> float:
        """Return when a batch may go: a past time for at once, infinity if there is none."""
        ...

    def take(self) -> list[Lease]:
        """Remove the leases of the next batch and return them."""
        ...

    def settle(self, batch: list[Lease], failed: set[str]) -> list[Lease]:
        """Take in that a batch was attempted.

        Args:
            batch: as `take` gave it.
            failed: the ids of those that are not done.

        Returns:
            Leases that waited behind a failure, and wait no longer: they are to be given back.
        """
        ...

    def lose(self, lease: Lease) -> list[Lease]:
        """Remove a lease that is no longer ours. Returns what `settle` returns."""
        ...

    def clear(self) -> list[Lease]:
        """Remove all leases and return them."""
        ...

    def stop_waiting_to_fill(self) -> None:
        """Let no batch wait to fill any more: no further message will come."""
        ...
