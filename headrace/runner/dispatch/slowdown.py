"""A key group slows down while nothing gets done: then no single record is at fault."""

import math

from headrace.runner.dispatch.batch import Batch
from headrace.runner.dispatch.retry_times import RetryTimes


class Slowdown:
    """Counts batches of new records of which nothing got done, one after the other.

    Attributes:
        until: when new records may be handed out again.
    """

    def __init__(self) -> None:
        self.until = -math.inf
        self._barren = 0

    @property
    def is_on(self) -> bool:
        """Return whether the last batch of new records failed to the last one."""
        return self._barren > 0

    def note(self, batch: Batch, now: float, times: RetryTimes) -> None:
        """Take in how an attempt ended."""
        if batch.progress:
            self._barren, self.until = 0, -math.inf
        elif batch.aside and not batch.is_retry:
            self._barren += 1
            self.until = now + times.batch(self._barren - 1)
