"""How many full batches are handed out at once: several, as long as the handler is quick.

To take a batch and to settle it costs as much as some ten records. A stride of batches shares that
cost. They are attempted one after the other, as if each had been taken by itself; a stride ends
with the first one that leaves something undone, or that is slow, and what was not begun goes back.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from headrace.runner.dispatch.batch import Batch

_RECORDS = 1_000
# A stride takes hardly longer than this beyond its first batch: so much later, others get a turn,
# and what is done can be committed.
_SECONDS = 0.01


class Attempted(NamedTuple):
    """What came of a stride.

    Attributes:
        batches: how many were attempted.
        quick: whether all of them were, in so little time that more could be taken at once.
    """

    batches: int = 1
    quick: bool = False


FIRST_ALONE = Attempted()


class Stride:
    """Grows while the handler is quick.

    Attributes:
        batches: how many to hand out at once, at most.
    """

    def __init__(self, batch_size: int) -> None:
        self.batches = 1
        self._most = max(1, _RECORDS // batch_size)

    def note(self, attempted: Attempted) -> None:
        """Take in how the last stride went."""
        self.batches = min(2 * self.batches, self._most) if attempted.quick else 1


def attempt_all(
    batches: Sequence[Batch],
    attempt: Callable[[Batch], None],
    is_stopped: Callable[[], bool],
    clock: Callable[[], float],
) -> Attempted:
    """Attempt the batches of a stride.

    Args:
        batches: in their order.
        attempt: makes one attempt at a batch.
        is_stopped: tells whether no further batch is to be begun.
        clock: tells the time, in seconds.
    """
    begun = clock()
    for count, batch in enumerate(batches, 1):
        attempt(batch)
        seconds = clock() - begun
        if batch.open or batch.aside:
            return Attempted(count)
        if count < len(batches) and (seconds > _SECONDS or is_stopped()):
            return Attempted(count)
    return Attempted(len(batches), quick=seconds < _SECONDS / 2)
