"""One ordered channel of records (a Kafka partition, a Kinesis shard) during one assignment.

A new assignment opens a new Partition, so a completion that comes late carries one that is closed
and can move nothing. Partitions hold no lock of their own: the dispatcher's guards them.
"""

import math
from collections.abc import Iterable, Mapping, Sequence

from headrace.record import Position, Record
from headrace.runner.dispatch.batch import Batch
from headrace.runner.dispatch.done_prefix import DonePrefix
from headrace.runner.dispatch.history import History
from headrace.runner.dispatch.key_group import KeyGroup
from headrace.runner.dispatch.pending import Pending
from headrace.runner.dispatch.retry_times import RetryTimes
from headrace.runner.dispatch.size_bound import SizeBound
from headrace.runner.dispatch.spread import spread
from headrace.runner.dispatch.stride import FIRST_ALONE, Attempted
from headrace.runner.settings import MappingSettings


class Partition:
    """Spreads records over key groups, and knows how far all of it is done.

    With a `parallelization_factor` of 1 there is one group: records go out in order.

    Args:
        name: for logs and statistics.
        settings: of the mapping.
        window: how long a batch may wait to fill, in seconds.
        rolling: whether the window begins with the end of the invocation before, as with Kinesis,
            and not with the first record of the batch, as with Kafka.

    Attributes:
        prefix: what is done without a gap.
        committed: the last position whose commit was acknowledged.
        committed_count: how many records came until then.
        stopped: no further batch is taken.
        closed: the assignment is over; nothing that happens to this partition counts any more.
        has_end_to_come: something that was done has an end to come (an open tumbling window), so
            the partition is not idle.
        blocked_on_commit: the groups that stand still until a commit is acknowledged, in order.
        parking: the groups of which a record failed, and waits for its next attempt.
        full: how many records wait in batches that are full.
        bound: how large its records are at most.
    """

    def __init__(
        self, name: str, settings: MappingSettings, window: float, *, rolling: bool = False
    ) -> None:
        self.name = name
        self.prefix = DonePrefix()
        self.committed: Position | None = None
        self.committed_count = 0
        self.stopped = False
        self.closed = False
        self.has_end_to_come = False
        self.blocked_on_commit: dict[KeyGroup, None] = {}
        self.full = 0
        self.bound = SizeBound()
        factor, size = settings.parallelization_factor, settings.records_per_batch
        self.groups = [
            KeyGroup(
                self.prefix,
                self.bound,
                Pending(self.prefix, self.bound, size, window, rolling=rolling),
            )
            for _ in range(factor)
        ]
        # So much may be out beyond the committed position: it bounds what a crash delivers twice.
        self._ahead = settings.uncommitted_records
        # The same while a record is tried again and again, and keeps that position where it is.
        self._ahead_of_retries = max(self._ahead, settings.records_ahead)
        self._committed_end = 0
        self.parking: set[KeyGroup] = set()

    @property
    def done(self) -> Position | None:
        """Return the last position of the contiguous prefix that is done; None before the first."""
        return self.prefix.done

    @property
    def waiting(self) -> int:
        """Return how many records wait to be taken, again or for the first time."""
        return sum([len(group.pending) + group.parked.count for group in self.groups])

    @property
    def outstanding(self) -> int:
        """Return how many records are not done."""
        return sum([group.outstanding for group in self.groups])

    @property
    def is_parking(self) -> bool:
        """Return whether a record that failed waits for its next attempt."""
        return bool(self.parking)

    @property
    def limit(self) -> int:
        """Return the slot before which records may be handed out."""
        return self._committed_end + (self._ahead_of_retries if self.parking else self._ahead)

    @property
    def is_uncommitted(self) -> bool:
        """Return whether something is done and not yet committed."""
        return self.prefix.done is not self.committed

    @property
    def idle(self) -> bool:
        """Return whether everything that was fed is done and committed."""
        is_read = self.prefix.end == self.prefix.fed
        return is_read and not self.is_uncommitted and not self.has_end_to_come

    @property
    def at_limit(self) -> bool:
        """Return whether further records could not be handed out before further commits."""
        return self.prefix.fed >= self.limit

    @property
    def commit_is_urgent(self) -> bool:
        """Return whether half of what may be out is done: a commit sent now is answered in time."""
        return self.limit - self.prefix.end <= self._ahead // 2

    def append(
        self, records: Sequence[Record], now: float, passed: Sequence[bool] | None = None
    ) -> Iterable[KeyGroup]:
        """Add records that the source delivered, in its order.

        Args:
            records: the next ones.
            now: the time.
            passed: which of them are to be processed; the others count as done. None: all.

        Returns:
            The groups that got some.
        """
        slots = self.prefix.add(records, passed)
        shares = self._shares(slots)
        for group, share in shares.items():
            before = group.pending.full
            group.enqueue(share, now)
            self.full += group.pending.full - before
        if passed is not None:
            self._advance()
        return shares

    def give_up(self, groups: Iterable[KeyGroup], reason: Exception) -> None:
        """Have the record that was appended last go to the failure destination."""
        for group in groups:
            group.histories[self.prefix.fed - 1] = History(given_up=reason)

    def ready_at(self, group: KeyGroup) -> float:
        """Return when a batch may be taken: a past time for at once, infinity for not now.

        A batch waits for commits if it would go too far beyond the committed position. It is cut
        short only if no commit would help: then what is before it is not done.
        """
        if self.stopped:
            return math.inf
        if group.batch is None and not group.pending.fits(self.limit, whole=self.is_uncommitted):
            self.blocked_on_commit[group] = None
            return group.ready_at(new=False)
        return group.ready_at()

    def take(self, group: KeyGroup, now: float) -> list[Batch]:
        """Hand out a group's next batches, or the same again while some of one is not done."""
        before = group.pending.full
        # The limit is a closer one as soon as nothing is retried any more.
        batches = group.take(now, self.limit, alone=self.is_parking)
        self.full += group.pending.full - before
        return batches

    def settle(
        self, group: KeyGroup, now: float, times: RetryTimes, attempted: Attempted = FIRST_ALONE
    ) -> None:
        """Take a group's batches back; `done` moves over the prefix that is done."""
        before = group.pending.full
        held_the_prefix = group.first == self.prefix.end
        done = group.settle(now, times, attempted, tell=self.is_parking)
        self.full += group.pending.full - before
        (self.parking.add if group.parked else self.parking.discard)(group)
        if held_the_prefix:
            self._advance()
        if done:
            self.prefix.drop(done)

    def commit(self, position: Position, count: int) -> Iterable[KeyGroup]:
        """Note an acknowledged commit. Returns the groups that may go on."""
        self.committed, self.committed_count = position, count
        self._committed_end = self.prefix.commit(count)
        freed, self.blocked_on_commit = self.blocked_on_commit, {}
        return freed

    def _advance(self) -> None:
        self.prefix.advance(min([group.first for group in self.groups]))

    def _shares(self, slots: range) -> Mapping[KeyGroup, Sequence[int]]:
        if len(self.groups) == 1:
            return {self.groups[0]: slots} if slots else {}
        return spread(slots, self.prefix.at(slots), self.groups)
