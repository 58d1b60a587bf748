"""What is under way and what waits, over all lanes: when a source should pause."""

from collections import Counter
from collections.abc import Iterable

from headrace.runner.dispatch.key_group import Strand
from headrace.runner.dispatch.partition import Lane

# A batch that takes longer than this holds its strand up: what waits behind it is no sign of work.
SLOW_SECONDS = 1.0
# Where other lanes have nothing, a lane that has plenty is held up after less.
BUSY_SECONDS = 0.02
PLENTY = 500


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
        self._plenty: set[Lane] = set()

    def remove(self, lane: Lane) -> None:
        """Forget a lane."""
        self.waiting -= lane.full
        self.in_flight.difference_update(lane.strands)
        self.retrying.difference_update(lane.strands)
        self._plenty.discard(lane)

    def note_plenty(self, now: float, *, starving: bool) -> None:
        """Note which lanes have plenty, until they have worked off half of it.

        A source hands out what it has fetched lane by lane, so one can take all the room.

        Args:
            now: the time.
            starving: no batch is ready, so threads stand idle.
        """
        if self._plenty:
            self._plenty = {lane for lane in self._plenty if lane.full > PLENTY // 2}
        if starving and (self.in_flight or self.retrying):
            counts = Counter(strand.lane for strand in self._held(now, BUSY_SECONDS))
            self._plenty |= {
                lane
                for lane, count in counts.items()
                if count == len(lane.strands) and lane.full > PLENTY
            }

    def held_up(self, now: float) -> set[Lane]:
        """The lanes of which nothing more could be taken: their sources should pause.

        Those are lanes that retry, or whose batches take long, in all strands; or in one, if that
        keeps the committed position from moving and the others have got as far as they may.
        """
        if not (self.in_flight or self.retrying):
            return set(self._plenty)
        counts = Counter(strand.lane for strand in self._held(now, SLOW_SECONDS))
        return self._plenty | {
            lane for lane, count in counts.items() if lane.sated or count == len(lane.strands)
        }

    def backlog(self, now: float) -> int:
        """How many records wait in full batches, where nothing holds them up."""
        lanes = self.held_up(now)
        if not (lanes or self.in_flight or self.retrying):
            return self.waiting
        held = self._held(now, SLOW_SECONDS)
        alone = (strand.full for strand in held if strand.lane not in lanes)
        return self.waiting - sum(alone) - sum(lane.full for lane in lanes)

    def _held(self, now: float, seconds: float) -> Iterable[Strand]:
        long_ago = now - seconds
        return self.retrying | {
            strand
            for strand in self.in_flight
            if strand.in_flight_since is not None and strand.in_flight_since < long_ago
        }
