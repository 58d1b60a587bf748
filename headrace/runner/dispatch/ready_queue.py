"""Whose turn it is: the key group that was ready first goes first."""

import heapq
import itertools
import math
from typing import NamedTuple

from headrace.runner.dispatch.key_group import KeyGroup
from headrace.runner.dispatch.partition import Partition


class Turn(NamedTuple):
    """A key group, with the partition that it is a part of."""

    partition: Partition
    group: KeyGroup


class ReadyQueue:
    """Turns by the time at which a batch may go.

    Entries are hints: a group's state may have changed since it was put here.
    """

    def __init__(self) -> None:
        self._due: list[tuple[float, int, Turn]] = []
        self._serial = itertools.count()

    def put(self, turn: Turn, now: float) -> float:
        """Queue up behind those that are ready already. Return when the turn will be ready."""
        due = max(turn.partition.ready_at(turn.group), now)
        if due < math.inf:
            heapq.heappush(self._due, (due, next(self._serial), turn))
        return due

    def pop(self, now: float) -> Turn | None:
        """Take whose turn it is; None if none is ready."""
        while self._due and self._due[0][0] <= now:
            turn = heapq.heappop(self._due)[2]
            if turn.partition.ready_at(turn.group) <= now:
                return turn
            self.put(turn, now)
        return None

    def due_in(self, now: float) -> float:
        """Return the seconds until a turn may be ready; infinity if none will be."""
        return self._due[0][0] - now if self._due else math.inf
