"""A lane: one ordered channel of records (a partition, a shard) during one assignment.

A new assignment opens a new lane, so a completion that comes late carries a lane that is closed
and can move nothing. The dispatcher guards lanes; they hold no lock of their own.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from zlib import crc32

from headrace.record import Record
from headrace.runner.dispatch.batch import Batch
from headrace.runner.dispatch.done_prefix import Prefix
from headrace.runner.dispatch.key_group import Strand
from headrace.runner.monitoring.stats import LaneStatus
from headrace.runner.settings import MappingSettings


class Lane:
    """Spreads records over strands by their keys, and knows how far all of it is done.

    With a `parallelization_factor` of 1 there is one strand: records go out in order.

    Args:
        name: for logs and statistics.
        settings: of the mapping.
        window: how long a batch may wait to fill, in seconds.
        rolling: the window begins where the invocation before ended, as with Kinesis; otherwise
            with the first record of the batch, as with Kafka.

    Attributes:
        prefix: what is done without a gap.
        committed: the last record whose commit was acknowledged.
        committed_count: how many records came until then.
        stopped: no further batch is taken.
        closed: the assignment is over; nothing that happens to this lane counts any more.
        held: something that was done still has an end to come (an open tumbling window): the
            lane is not idle.
        waiting: the strands that stand still until a commit is acknowledged, in order.
        full: how many records wait in batches that are full.
        largest: bytes that no record reaches in an event; infinity as long as nobody said so.
    """

    def __init__(
        self, name: str, settings: MappingSettings, window: float, *, rolling: bool = False
    ) -> None:
        self.name = name
        self.prefix = Prefix()
        self.committed: Record | None = None
        self.committed_count = 0
        self.stopped = False
        self.closed = False
        self.held = False
        self.waiting: dict[Strand, None] = {}
        self.full = 0
        self.largest = math.inf
        factor, size = settings.parallelization_factor, settings.batch_size
        self.strands = [Strand(self, size, window, rolling=rolling) for _ in range(factor)]
        # So much may be out beyond the committed position: it bounds what a crash delivers twice.
        self._ahead = settings.uncommitted_batches * size * factor
        self._limit = self._ahead

    @property
    def done(self) -> Record | None:
        """The last record of the contiguous prefix that is done; None before the first."""
        return self.prefix.done

    @property
    def buffered(self) -> int:
        """How many records wait to be taken."""
        return sum([strand.pending for strand in self.strands])

    @property
    def dirty(self) -> bool:
        """Whether something is done and not yet committed."""
        return self.prefix.done is not self.committed

    @property
    def idle(self) -> bool:
        """Whether everything that was fed is done and committed."""
        return self.prefix.end == self.prefix.fed and not self.dirty and not self.held

    @property
    def sated(self) -> bool:
        """Whether more records could not be handed out before further commits."""
        return self.prefix.fed >= self._limit

    @property
    def pressing(self) -> bool:
        """Whether half of what may be out is done: a commit sent now is answered in time."""
        return self._limit - self.prefix.end <= self._ahead // 2

    def note_largest(self, size: int) -> None:
        """Note that no record reaches this size in an event, of those that are fed next.

        With small records that is enough to know that a batch fits, without looking at each.
        """
        known = 0 if self.prefix.fed == 0 else self.largest
        self.largest = max(known, size)

    def feed(
        self, records: Sequence[Record], now: float, passed: Sequence[bool] | None = None
    ) -> Iterable[Strand]:
        """Add records that the source delivered, in its order.

        Args:
            records: the next ones.
            now: the time.
            passed: which of them are to be processed; the others count as done. None: all.

        Returns:
            the strands that got some.
        """
        groups = self._spread(self.prefix.add(records, passed))
        for strand, positions in groups.items():
            before = strand.full
            strand.feed(positions, now)
            self.full += strand.full - before
        if passed is not None:
            self._advance()
        return groups

    def ready_at(self, strand: Strand) -> float:
        """When a batch may be taken: a past time for at once, infinity for not as things stand.

        A batch waits for commits where it would go too far beyond the committed position. It is
        cut short only if no commit would help: then what is before it is not done.
        """
        if self.stopped:
            return math.inf
        if strand.batch is None and not strand.fits(self._limit, whole=self.dirty):
            self.waiting[strand] = None
            return math.inf
        return strand.ready_at()

    def take(self, strand: Strand, now: float) -> Batch:
        """Hand out a strand's next batch, or the same again while some of it is not done."""
        before = strand.full
        batch = strand.take(now, self._limit)
        self.full += strand.full - before
        return batch

    def settle(self, strand: Strand, now: float, retry_at: float) -> None:
        """Take a strand's batch back; `done` moves over the prefix that is done."""
        held = strand.first == self.prefix.end
        strand.settle(now, retry_at)
        if held:
            self._advance()

    def commit(self, record: Record, count: int) -> Iterable[Strand]:
        """Note an acknowledged commit. Returns the strands that may go on."""
        self.committed, self.committed_count = record, count
        self._limit = self.prefix.commit(count) + self._ahead
        freed, self.waiting = self.waiting, {}
        return freed

    def status(self) -> LaneStatus:
        """Where it stands."""
        batches = [(s.batch, s.in_flight_since) for s in self.strands if s.batch is not None]
        begun = [since for _, since in batches if since is not None]
        return LaneStatus(
            name=self.name,
            buffered=self.buffered,
            in_flight=sum(len(batch.records) for batch, since in batches if since is not None),
            in_flight_since=min(begun, default=None),
            committed=self.committed_count,
            tries=max((batch.tries for batch, _ in batches), default=0),
        )

    def _advance(self) -> None:
        self.prefix.advance(min([strand.first for strand in self.strands]))

    def _spread(self, positions: range) -> Mapping[Strand, Sequence[int]]:
        if len(self.strands) == 1:
            return {self.strands[0]: positions} if positions else {}
        groups: dict[Strand, list[int]] = {}
        for position, record in zip(positions, self.prefix.at(positions), strict=True):
            number = position if record.key is None else _hash(record.key)
            groups.setdefault(self.strands[number % len(self.strands)], []).append(position)
        return groups


def _hash(key: bytes) -> int:
    # By the rest of this very sum, librdkafka chooses the partition: so all keys of a partition
    # have the same one. The upper half does not tell.
    return crc32(key) >> 16
