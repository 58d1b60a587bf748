"""The messages of a standard queue: each for itself, the oldest first."""

import math
from collections import OrderedDict
from itertools import islice

from headrace.runner.protocol.payload import ROOM
from headrace.runner.sqs.lease import Lease
from headrace.runner.sqs.waiting.fitting import fitting


class Unordered:
    """Batches of what came first.

    Args:
        batch_size: the most messages of a batch.
        window: how long a batch may wait to fill, in seconds, from its first message on.
    """

    def __init__(self, batch_size: int, window: float) -> None:
        self._batch_size = batch_size
        self._window = window
        self._leases: OrderedDict[str, tuple[Lease, float]] = OrderedDict()
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._leases)

    def add(self, lease: Lease, now: float) -> None:
        """Have a lease wait."""
        self._leases[lease.id] = (lease, now)
        self._bytes += lease.size

    def ready_at(self) -> float:
        """Return when a batch may go."""
        if not self._leases:
            return math.inf
        if len(self._leases) >= self._batch_size or self._bytes > ROOM or not self._window:
            return -math.inf
        _, came = next(iter(self._leases.values()))
        return came + self._window

    def take(self) -> list[Lease]:
        """Remove the leases of the next batch and return them."""
        first = [lease for lease, _ in islice(self._leases.values(), self._batch_size)]
        return [self._pop() for _ in range(fitting(first))]

    def settle(self, batch: list[Lease], failed: set[str]) -> list[Lease]:
        """Return nothing: no message waits for another one."""
        del batch, failed
        return []

    def lose(self, lease: Lease) -> list[Lease]:
        """Remove a lease. Nothing waited behind it."""
        if self._leases.pop(lease.id, None):
            self._bytes -= lease.size
        return []

    def clear(self) -> list[Lease]:
        """Remove all leases and return them."""
        return [self._pop() for _ in range(len(self._leases))]

    def stop_waiting_to_fill(self) -> None:
        """Let no batch wait to fill any more."""
        self._window = 0.0

    def _pop(self) -> Lease:
        _, (lease, _) = self._leases.popitem(last=False)
        self._bytes -= lease.size
        return lease
