"""How many messages the function takes in a second: what is worth waiting in memory."""

import time
from collections.abc import Callable

_SECONDS = 1.0


class Pace:
    """Counts by seconds. The holdings' lock guards it.

    Args:
        clock: tells the time, in seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._since = clock()
        self._count = 0
        self._last = 0

    def note(self, count: int) -> None:
        """Take in that so many messages were taken to the function."""
        self._turn()
        self._count += count

    def of_a_second(self) -> int:
        """Return how many were taken in the last full second, or in this one if that is more."""
        self._turn()
        return max(self._last, self._count)

    def _turn(self) -> None:
        passed = self._clock() - self._since
        if passed >= _SECONDS:
            self._last = self._count if passed < 2 * _SECONDS else 0
            self._count = 0
            self._since += passed
