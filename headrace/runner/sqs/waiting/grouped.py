"""The messages of a FIFO queue: a group has one batch in work at a time, other groups beside it."""

import math
from collections import deque

from headrace.runner.sqs.lease import Lease
from headrace.runner.sqs.waiting.fitting import fitting


class Grouped:
    """Batches of the groups that have none in work, the one that waits longest first.

    Args:
        batch_size: the most messages of a batch. It may hold several groups.
    """

    def __init__(self, batch_size: int) -> None:
        self._batch_size = batch_size
        self._groups: dict[str, deque[Lease]] = {}
        self._ready: dict[str, None] = {}  # groups that wait, and have no batch in work
        self._busy: set[str] = set()
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def add(self, lease: Lease, now: float) -> None:
        """Have a lease wait."""
        del now
        group = _group(lease)
        self._groups.setdefault(group, deque()).append(lease)
        self._count += 1
        if group not in self._busy:
            self._ready[group] = None

    def ready_at(self) -> float:
        """Return when a batch may go: at once, or not as things stand."""
        return -math.inf if self._ready else math.inf

    def take(self) -> list[Lease]:
        """Remove the leases of the next batch and return them."""
        first: list[Lease] = []
        for group in self._ready:
            first += self._groups[group]
            if len(first) >= self._batch_size:
                break
        first = first[: self._batch_size]
        batch = first[: fitting(first)]
        for lease in batch:
            self._groups[_group(lease)].popleft()
            self._busy.add(_group(lease))
            self._ready.pop(_group(lease), None)
        self._count -= len(batch)
        return batch

    def settle(self, batch: list[Lease], failed: set[str]) -> list[Lease]:
        """Set groups free. Returns what waited in those of which a message failed."""
        returned: list[Lease] = []
        for group in dict.fromkeys(map(_group, batch)):
            self._busy.discard(group)
            if any(_group(lease) == group and lease.id in failed for lease in batch):
                returned += self._drop(group)
            elif group in self._groups:
                self._make_ready(group)
        return returned

    def lose(self, lease: Lease) -> list[Lease]:
        """Remove a lease. Returns what waited behind it."""
        group = _group(lease)
        waiting = self._groups.get(group, ())
        if lease not in waiting:
            return []
        later = self._drop(group)
        before = later[: later.index(lease)]
        for one in before:
            self.add(one, 0.0)
        return later[len(before) + 1 :]

    def clear(self) -> list[Lease]:
        """Remove all leases and return them, the last of a group first."""
        return [lease for group in [*self._groups] for lease in reversed(self._drop(group))]

    def stop_waiting_to_fill(self) -> None:
        """Change nothing: no batch of a FIFO queue waits to fill."""

    def _make_ready(self, group: str) -> None:
        if self._groups[group]:
            self._ready[group] = None
        else:
            del self._groups[group]

    def _drop(self, group: str) -> list[Lease]:
        leases = list(self._groups.pop(group, ()))
        self._ready.pop(group, None)
        self._count -= len(leases)
        return leases


def _group(lease: Lease) -> str:
    return lease.group or lease.id
