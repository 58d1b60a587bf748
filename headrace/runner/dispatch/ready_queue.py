"""Which strand's turn it is: the one that was ready first goes first."""

import heapq
import itertools
import math

from headrace.runner.dispatch.key_group import Strand


class ReadyQueue:
    """Strands by the time at which a batch of theirs may go.

    Entries are hints: a strand's state may have changed since it was put here.
    """

    def __init__(self) -> None:
        self._due: list[tuple[float, int, Strand]] = []
        self._serial = itertools.count()

    def put(self, strand: Strand, now: float) -> float:
        """Queue a strand up, behind those that are ready already. Returns when it will be."""
        due = max(strand.lane.ready_at(strand), now)
        if due < math.inf:
            heapq.heappush(self._due, (due, next(self._serial), strand))
        return due

    def pop(self, now: float) -> Strand | None:
        """The strand whose turn it is; None where none is ready."""
        while self._due and self._due[0][0] <= now:
            strand = heapq.heappop(self._due)[2]
            if strand.lane.ready_at(strand) <= now:
                return strand
            self.put(strand, now)
        return None

    def due_in(self, now: float) -> float:
        """Seconds until a strand may be ready; infinity where none will be."""
        return self._due[0][0] - now if self._due else math.inf
