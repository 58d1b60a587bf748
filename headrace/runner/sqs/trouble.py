"""What stands in the way of requests, told at once and then every ten seconds while it lasts."""

import time
from collections.abc import Callable

from headrace.log import Log
from headrace.seldom import Seldom

_SECONDS = 10.0


class Trouble:
    """Tells of requests that failed and are made again. Safe to call from several threads.

    Args:
        log: takes the lines.
        clock: tells the time, in seconds.
    """

    def __init__(self, log: Log, clock: Callable[[], float] = time.monotonic) -> None:
        self._log = log
        self._seldom = Seldom(_SECONDS, clock)

    def note(self, what: str, error: Exception) -> None:
        """Take in that a request failed.

        Args:
            what: was asked for.
            error: why it failed.
        """
        untold = self._seldom.due(what)
        if untold is not None:
            message = f"{what} failed: it is tried again"
            self._log.warning(message, error=error, failed_before=untold or None)
