"""What the dispatcher hands out at once."""

from collections.abc import Sequence
from typing import NamedTuple

from headrace.runner.dispatch.batch import Batch
from headrace.runner.dispatch.ready_queue import Turn


class Taken(NamedTuple):
    """Batches that were handed out, and whose they are."""

    turn: Turn
    batches: Sequence[Batch]

    @property
    def batch(self) -> Batch:
        """Return the first of them."""
        return self.batches[0]
