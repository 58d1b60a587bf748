"""The lanes that have something done that is not committed yet."""

from collections.abc import Collection, Iterable

from headrace.record import Record
from headrace.runner.dispatch.key_group import Strand
from headrace.runner.dispatch.partition import Lane

# The last record of a lane's done prefix, and the length of that prefix.
Positions = dict[Lane, tuple[Record, int]]


class Uncommitted:
    """Knows how far each lane may be committed. Keeps to the order in which lanes came here.

    Attributes:
        pressing: the lanes that would stand still before long.
    """

    def __init__(self) -> None:
        self.pressing: set[Lane] = set()
        self._lanes: dict[Lane, None] = {}

    def __bool__(self) -> bool:
        return bool(self._lanes)

    def note(self, lane: Lane) -> None:
        """Take a lane up, if it has anything to commit."""
        if lane.dirty:
            self._lanes[lane] = None
            if lane.pressing:
                self.pressing.add(lane)

    def forget(self, lane: Lane) -> None:
        """Commit nothing more of a lane."""
        self._lanes.pop(lane, None)
        self.pressing.discard(lane)

    def positions(self, lanes: Collection[Lane] | None) -> Positions:
        """How far lanes may be committed (None: all of them)."""
        return {
            lane: (lane.done, lane.prefix.count)
            for lane in self._lanes
            if lane.done is not None and (lanes is None or lane in lanes)
        }

    def gated(self) -> bool:
        """Whether something stands still for want of a commit."""
        return any(lane.waiting for lane in self._lanes)

    def acknowledge(self, positions: Positions) -> Iterable[Strand]:
        """Note commits. Returns the strands that may go on."""
        for lane, (record, count) in positions.items():
            yield from lane.commit(record, count)
            if not lane.pressing:
                self.pressing.discard(lane)
            if not lane.dirty:
                self.forget(lane)
