"""What stands in the way of requests, told at once and then every ten seconds while it lasts."""

import threading
import time
from collections.abc import Callable

from headrace.log import Log

_SECONDS = 10.0


class Trouble:
    """Tells of requests that failed and are made again. Safe to call from several threads.

    Args:
        log: takes the lines.
        clock: tells the time, in seconds.
    """

    def __init__(self, log: Log, clock: Callable[[], float] = time.monotonic) -> None:
        self._log = log
        self._clock = clock
        self._lock = threading.Lock()
        self._next_at: dict[str, float] = {}
        self._untold: dict[str, int] = {}

    def note(self, what: str, error: Exception) -> None:
        """Take in that a request failed.

        Args:
            what: was asked for.
            error: why it failed.
        """
        with self._lock:
            now = self._clock()
            if now < self._next_at.get(what, 0.0):
                self._untold[what] = self._untold.get(what, 0) + 1
                return
            self._next_at[what] = now + _SECONDS
            untold = self._untold.pop(what, None)
        self._log.warning(f"{what} failed: it is tried again", error=error, failed_before=untold)
