"""The records of a partition whose keys fall together: one batch of them at a time is in work.

A record that failed by itself leaves its batch: its key is parked, and the others go on. So records
of a group are in one of three places: in the batch, parked, or pending.
"""

import math
from collections.abc import Collection, Sequence
from functools import reduce
from typing import cast

from headrace.runner.dispatch.batch import Batch
from headrace.runner.dispatch.done_prefix import DonePrefix
from headrace.runner.dispatch.history import History
from headrace.runner.dispatch.new_batches import NewBatches
from headrace.runner.dispatch.parked_keys import ParkedKeys, holder_of
from headrace.runner.dispatch.parking import Parking
from headrace.runner.dispatch.pending import Pending, joined
from headrace.runner.dispatch.retry_times import RetryTimes
from headrace.runner.dispatch.size_bound import SizeBound
from headrace.runner.dispatch.slowdown import Slowdown
from headrace.runner.dispatch.stride import Attempted, Stride


class KeyGroup:
    """Cuts batches, and says when the next one may go.

    Args:
        prefix: holds the records of the partition by their slots.
        bound: how large these are at most.
        pending: takes the records that are to be handed out.

    Attributes:
        pending: as it was given.
        batch: in work, or waiting for its next attempt; None between batches.
        further: batches that were handed out with it, and come after it.
        in_flight_since: when the handler got the batch; None while it does not have it.
        first: the first slot that is not done, as of the last attempt; infinity if all are.
        histories: of records that were not done at their first delivery, by slot.
        parked: the keys that wait for a record that failed.
    """

    def __init__(self, prefix: DonePrefix, bound: SizeBound, pending: Pending) -> None:
        self.batch: Batch | None = None
        self.further: Sequence[Batch] = ()
        self.in_flight_since: float | None = None
        self.first: float = math.inf
        self.histories: dict[int, History] = {}
        self.parked = ParkedKeys()
        self._prefix = prefix
        self._bound = bound
        self.pending = pending
        self._parking = Parking(self.parked, pending, prefix)
        self._opened: Sequence[int] = ()  # what of the batch was open when the handler got it
        self._batch_first: float = math.inf  # the first slot of the batch that is not done
        self._retry_at = 0.0
        self._slowdown = Slowdown()
        self._stride = Stride(pending.batch_size)
        self._new = NewBatches(prefix, bound, pending, self.histories)

    @property
    def outstanding(self) -> int:
        """Return how many records are not done."""
        waiting = len(self.pending) + self.parked.count + self._further_records
        return waiting if self.batch is None else waiting + len(self.batch.open)

    @property
    def in_flight(self) -> int:
        """Return how many records the handler has."""
        if self.batch is None or self.in_flight_since is None:
            return 0
        return len(self.batch.records) + self._further_records

    def enqueue(self, slots: Sequence[int], now: float) -> None:
        """Add records by their slots in the partition."""
        if self.parked:
            slots = self._parking.behind_parked(slots)
        if slots:
            self.pending.append(slots, now)
        self._note_first()

    def ready_at(self, *, new: bool = True) -> float:
        """Return when a batch may go: a past time for at once, infinity for not as things stand.

        Args:
            new: whether new records may be handed out; otherwise only those that failed before.
        """
        if self.in_flight_since is not None:
            return math.inf
        if self.batch is not None:
            return self._retry_at
        retry = self.parked.next_due() if self.parked else math.inf
        return min(retry, max(self.pending.ready_at(), self._slowdown.until)) if new else retry

    def is_held_up(self, now: float) -> bool:
        """Return whether its records wait for more than a thread that takes them."""
        return self.batch is not None or (self._slowdown.until > now and len(self.pending) > 0)

    def take(self, now: float, limit: int, *, alone: bool = False) -> list[Batch]:
        """Hand out the next batches, or the same one again while some of it is not done.

        Args:
            now: the time.
            limit: the slot before which batches of new records must end.
            alone: hand out one batch only.
        """
        self.in_flight_since = now
        if self.batch is None:
            due = self.parked.take_due(now, self.pending.batch_size) if self.parked else []
            self.batch, *self.further = (
                [self._retry(due)]
                if due
                else self._new.cut(limit, 1 if alone else self._stride.batches)
            )
            self._batch_first = self.batch.slots[0]
        self._opened = self.batch.open
        return [self.batch, *self.further]

    def settle(
        self, now: float, times: RetryTimes, attempted: Attempted, *, tell: bool = False
    ) -> Collection[int]:
        """Take the batches back after an attempt.

        Args:
            now: the time.
            times: how long what is not done waits.
            attempted: how many of the batches were attempted; all of them but the last are done.
            tell: have the slots returned that are done now. They are, too, if this group has parked
                keys.
        """
        self.in_flight_since = None
        self.pending.settled_at = now
        if self.batch is None:
            return ()
        before, batch = self._end_stride(attempted)
        for ended in (*before, batch):
            self._slowdown.note(ended, now, times)
        done: list[int] = []
        if tell or batch.aside or self.parked or self.histories:
            done = [slot for ended in before for slot in ended.slots]
            done += self._sort_out(batch, now, times)
            for slot in done:
                self.histories.pop(slot, None)
        self.batch, self._batch_first = None, math.inf
        if batch.open:
            self.batch, self._batch_first = batch, batch.slots[batch.open[0]]
            self._retry_at = now + times.batch(batch.tries)
        self._note_first()
        return done

    @property
    def _further_records(self) -> int:
        return sum([len(batch.records) for batch in self.further])

    def _end_stride(self, attempted: Attempted) -> tuple[list[Batch], Batch]:
        """Put back what was not begun. Returns the batches that are done, and the one after."""
        self._stride.note(attempted)
        batches = [cast("Batch", self.batch), *self.further]
        self.further = ()
        if left := batches[attempted.batches :]:
            self.pending.put_back(reduce(joined, [batch.slots for batch in left]))
        if attempted.batches > 1:
            self._opened = range(len(batches[attempted.batches - 1].records))
        return batches[: attempted.batches - 1], batches[attempted.batches - 1]

    def _retry(self, due: list[int]) -> Batch:
        records = self._prefix.at(due)
        count = self._bound.fitting(records)
        for slot, record in zip(due[count:], records[count:], strict=True):
            self.parked.park(holder_of(record, slot), slot, -math.inf)
        return Batch(records[:count], due[:count], self.histories, is_retry=True)

    def _sort_out(self, batch: Batch, now: float, times: RetryTimes) -> Collection[int]:
        """Park what failed by itself, with what is behind it; set free what waited for a success.

        Returns:
            The slots that are done.
        """
        left = {*batch.open, *batch.aside}
        done = {batch.slots[index]: index for index in self._opened if index not in left}
        if batch.is_retry:
            self._parking.release(
                holder_of(batch.records[index], slot) for slot, index in done.items()
            )
        delays: dict[int, float] = {}  # what failed together as often is tried again together
        for index in sorted(batch.aside):
            slot, tries = batch.slots[index], batch.history(index).tries
            if tries not in delays:
                delays[tries] = times.record(tries, healthy=not self._slowdown.is_on)
            self.parked.park(holder_of(batch.records[index], slot), slot, now + delays[tries])
        if batch.aside and not batch.is_retry:
            self._parking.hold_back(batch)
        batch.aside = []
        return done

    def _note_first(self) -> None:
        firsts = [self.pending.first, self._batch_first]
        if self.parked:
            firsts.append(self.parked.first())
        self.first = min(firsts)
