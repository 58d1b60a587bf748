"""Which records of a key group go behind a parked key, and which come free when it is released."""

from collections.abc import Iterable, Sequence

from headrace.runner.dispatch.batch import Batch
from headrace.runner.dispatch.done_prefix import DonePrefix
from headrace.runner.dispatch.parked_keys import Holder, ParkedKeys
from headrace.runner.dispatch.pending import Pending


class Parking:
    """Moves records between the parked keys of a group and what it hands out.

    Args:
        parked: the keys that wait for a record that failed.
        pending: what is to be handed out.
        prefix: holds the records by their slots.
    """

    def __init__(self, parked: ParkedKeys, pending: Pending, prefix: DonePrefix) -> None:
        self._parked = parked
        self._pending = pending
        self._prefix = prefix

    def release(self, holders: Iterable[Holder]) -> None:
        """Have handed out what waited for these."""
        freed = [slot for holder in holders for slot in self._parked.release(holder)]
        if freed:
            self._pending.put_back(freed)

    def hold_back(self, batch: Batch) -> None:
        """Move what has a parked key behind it: of a batch, and of all that is to be handed out."""
        batch.open = [index for index in batch.open if not self._follows(batch, index)]
        self._pending.keep(self.behind_parked(self._pending.peek(len(self._pending))))

    def behind_parked(self, slots: Sequence[int]) -> Sequence[int]:
        """Move slots whose key is parked behind it. Returns the others."""
        free = []
        for slot, record in zip(slots, self._prefix.at(slots), strict=True):
            if record.key is not None and record.key in self._parked:
                self._parked.follow(record.key, slot)
            else:
                free.append(slot)
        return free

    def _follows(self, batch: Batch, index: int) -> bool:
        key = batch.records[index].key
        if key is None or key not in self._parked:
            return False
        self._parked.follow(key, batch.slots[index])
        return True
