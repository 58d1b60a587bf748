"""When something is told that goes on and on: at once, then at growing distances."""

import threading
import time
from collections.abc import Callable

import msgspec

_FIRST_SECONDS = 1.0
_LONGEST_SECONDS = 3600.0


class _Kind(msgspec.Struct):
    """When a kind is told next, and how long after that."""

    next_at: float
    distance: float = _FIRST_SECONDS


class GrowingDistances:
    """Says of each event whether to tell of it. Any thread may ask.

    Args:
        clock: tells the time, in seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._kinds: dict[str, _Kind] = {}

    def is_due(self, kind: str) -> bool:
        """Take in an event."""
        now = self._clock()
        with self._lock:
            known = self._kinds.setdefault(kind, _Kind(now))
            if now < known.next_at:
                return False
            known.next_at = now + known.distance
            known.distance = min(_LONGEST_SECONDS, 2 * known.distance)
        return True

    def end(self, kind: str) -> None:
        """Take in that it goes on no more: the next event is told at once."""
        if self._kinds:
            self._kinds.pop(kind, None)
