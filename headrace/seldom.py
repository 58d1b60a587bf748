"""How often something is told that happens again and again: at once, then once in a while."""

import threading
import time
from collections.abc import Callable

import msgspec


class _Kind(msgspec.Struct):
    """When a kind was last told, and how often it came since."""

    told_at: float
    since: int = 0


class Seldom:
    """Says of each event whether to tell of it. Any thread may ask.

    Args:
        seconds: how long further events of a kind are only counted.
        clock: tells the time, in seconds.
    """

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._clock = clock
        self._lock = threading.Lock()
        self._kinds: dict[str, _Kind] = {}

    def due(self, kind: str) -> int | None:
        """Take in an event.

        Returns:
            How many of its kind were not told since the last; None if this one is not, either.
        """
        now = self._clock()
        with self._lock:
            known = self._kinds.get(kind)
            if known is not None and now < known.told_at + self._seconds:
                known.since += 1
                return None
            self._kinds[kind] = _Kind(now)
        return 0 if known is None else known.since
