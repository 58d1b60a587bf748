"""What is under way and what waits, over all lanes: when a source should pause."""

from collections import Counter
from collections.abc import Iterable

from workers.runner.lane import Lane
from workers.runner.strand import Strand

# A batch that takes longer than this holds its strand up: what waits behind it is no sign of work.
SLOW_SECONDS = 1.0


class Load:
    """Counts what the threads could take up at once.

    Attributes:
        in_flight: the strands whose batch the handler has.
        retrying: the strands whose batch is not done after an attempt.
        waiting: how many records wait in batches that are full.
    """

    def __init__(self) -> None:
        self.in_flight: set[Strand] = set()
        self.retrying: set[Strand] = set()
        self.waiting = 0

    def remove(self, lane: Lane) -> None:
        """Forget a lane."""
        self.waiting -= lane.full
        self.in_flight.difference_update(lane.strands)
        self.retrying.difference_update(lane.strands)

    def held_up(self, now: float) -> set[Lane]:
        """The lanes of which nothing more could be taken: their sources should pause.

        Those are lanes that retry, or whose batches take long, in all strands; or in one, if that
        keeps the committed position from moving and the others have got as far as they may.
        """
        counts = Counter(strand.lane for strand in self._held(now))
        return {lane for lane, count in counts.items() if lane.sated or count == len(lane.strands)}

    def backlog(self, now: float) -> int:
        """How many records wait in full batches, where nothing holds them up."""
        lanes = self.held_up(now)
        alone = (strand.full for strand in self._held(now) if strand.lane not in lanes)
        return self.waiting - sum(alone) - sum(lane.full for lane in lanes)

    def _held(self, now: float) -> Iterable[Strand]:
        long_ago = now - SLOW_SECONDS
        return self.retrying | {
            strand
            for strand in self.in_flight
            if strand.in_flight_since is not None and strand.in_flight_since < long_ago
        }
