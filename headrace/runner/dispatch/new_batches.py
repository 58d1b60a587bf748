"""Batches of records that are handed out for the first time."""

from headrace.runner.dispatch.batch import Batch
from headrace.runner.dispatch.done_prefix import DonePrefix
from headrace.runner.dispatch.history import History
from headrace.runner.dispatch.pending import Pending
from headrace.runner.dispatch.size_bound import SizeBound


class NewBatches:
    """Cuts the batches of a key group.

    Args:
        prefix: holds the records of the partition by their slots.
        bound: how large these are at most.
        pending: what waits.
        histories: outlive the batches.
    """

    def __init__(
        self,
        prefix: DonePrefix,
        bound: SizeBound,
        pending: Pending,
        histories: dict[int, History],
    ) -> None:
        self._prefix = prefix
        self._bound = bound
        self._pending = pending
        self._histories = histories

    def cut(self, limit: int, most: int) -> list[Batch]:
        """Take up to `most` full batches that end before the slot `limit`; or else a single one."""
        size = self._pending.batch_size
        count = self._pending.count_before(limit, most if self._bound.surely_fit(size) else 1)
        if count < 2 * size:
            return [self._one(min(count, size))]
        slots = self._pending.take(count - count % size)
        records = self._prefix.at(slots)
        return [
            Batch(records[begin : begin + size], slots[begin : begin + size], self._histories)
            for begin in range(0, len(slots), size)
        ]

    def _one(self, most: int) -> Batch:
        records = self._prefix.at(self._pending.peek(most))
        count = self._bound.fitting(records)
        slots = self._pending.take(count)
        return Batch(records if count == most else records[:count], slots, self._histories)
