"""What is under way and what waits, over all partitions: when a source should pause."""

from collections import Counter
from collections.abc import Iterable

from headrace.runner.demand import Demand
from headrace.runner.dispatch.partition import Partition
from headrace.runner.dispatch.ready_queue import Turn

# A batch that takes longer than this blocks its group: what waits behind it is no sign of work.
SLOW_SECONDS = 1.0
# If threads have nothing to do, a batch that takes longer than this may have its partition paused.
BUSY_SECONDS = 0.02
# Then a partition that has plenty is paused: so many records, or fewer of so many bytes.
PLENTY, PLENTY_BYTES, LEAST_PLENTY = 10_000, 10 * 1024 * 1024, 500


class Load:
    """Counts what the threads could take up at once.

    Attributes:
        in_flight: whose batch the handler has.
        retrying: who is held up after an attempt: by a batch that is not done, or by a slowdown.
        parking: which partitions have records that failed and wait for their next attempt.
        waiting: how many records wait in batches that are full.
    """

    def __init__(self) -> None:
        self.in_flight: set[Turn] = set()
        self.retrying: set[Turn] = set()
        self.parking: set[Partition] = set()
        self.waiting = 0
        self._plenty: set[Partition] = set()

    def remove(self, partition: Partition) -> None:
        """Forget a partition."""
        turns = {Turn(partition, group) for group in partition.groups}
        self.waiting -= partition.full
        self.in_flight -= turns
        self.retrying -= turns
        self.parking.discard(partition)
        self._plenty.discard(partition)

    @property
    def is_idle(self) -> bool:
        """Return whether nothing is under way, and nothing waits in a full batch."""
        return not (self.waiting or self.in_flight or self.retrying or self.parking)

    def note_settled(self, turn: Turn, now: float) -> None:
        """Note that the handler has given a batch back."""
        self.in_flight.discard(turn)
        held_up = turn.group.is_held_up(now)
        (self.retrying.add if held_up else self.retrying.discard)(turn)
        parking = turn.partition.is_parking
        (self.parking.add if parking else self.parking.discard)(turn.partition)

    def note_plenty(self, now: float, partitions: int) -> None:
        """Note which partitions have plenty, until they have worked off half of it.

        A source hands out what it has fetched partition by partition, so one can take all the room.
        To pause one throws away what was fetched of it, which takes time to come again. So it must
        have enough, and it must be for the good of another.

        Args:
            now: the time. Threads have nothing to do.
            partitions: how many there are.
        """
        if not (self.in_flight or self.retrying):
            return
        counts = Counter(turn.partition for turn in self._blocked(now, BUSY_SECONDS))
        if len(counts) < partitions:
            self._plenty |= {
                partition
                for partition, count in counts.items()
                if count == len(partition.groups) and partition.full > plenty(partition)
            }

    def paused(self, now: float) -> set[Partition]:
        """Return the partitions of which nothing more could be taken: their sources should pause.

        In such a partition every group retries or has a batch that takes long. One such group, or
        one record that failed, is enough if it keeps the committed position from moving, and the
        others have got as far as they may.
        """
        paused = self._plenty | {partition for partition in self.parking if partition.at_limit}
        if self.in_flight or self.retrying:
            counts = Counter(turn.partition for turn in self._blocked(now, SLOW_SECONDS))
            paused |= {
                partition
                for partition, count in counts.items()
                if partition.at_limit or count == len(partition.groups)
            }
        return paused

    def demand(
        self, now: float, due_in: float, *, hungry: bool, blocked_on_commit: bool, idle: bool
    ) -> Demand:
        """Return what can be taken now.

        Args:
            now: the time.
            due_in: seconds until a batch may be ready.
            hungry: whether threads have nothing to do.
            blocked_on_commit: whether an acknowledged commit would set a batch free.
            idle: whether nothing is left to do.
        """
        if self._plenty:
            self._plenty = {one for one in self._plenty if one.full > plenty(one) // 2}
        paused = self.paused(now)
        return Demand(
            backlog=self.backlog(now, paused, 0.0 if hungry else SLOW_SECONDS),
            paused=frozenset(paused),
            blocked_on_commit=blocked_on_commit,
            idle=idle,
            due_in=due_in,
            starving=due_in > 0 and not (self.in_flight or self.retrying),
        )

    def backlog(self, now: float, paused: set[Partition], slow_seconds: float) -> int:
        """Return how many records wait in full batches that nothing holds up for so long."""
        if not (paused or self.in_flight or self.retrying):
            return self.waiting
        blocked = self._blocked(now, slow_seconds)
        alone = (turn.group.pending.full for turn in blocked if turn.partition not in paused)
        return self.waiting - sum(alone) - sum(partition.full for partition in paused)

    def _blocked(self, now: float, seconds: float) -> Iterable[Turn]:
        long_ago = now - seconds
        return self.retrying | {
            turn
            for turn in self.in_flight
            if turn.group.in_flight_since is not None and turn.group.in_flight_since < long_ago
        }


def plenty(partition: Partition) -> int:
    """Return how many records of a partition are plenty."""
    of_so_many_bytes = PLENTY_BYTES // max(1.0, partition.bound.largest)
    return int(min(PLENTY, max(LEAST_PLENTY, of_so_many_bytes)))
