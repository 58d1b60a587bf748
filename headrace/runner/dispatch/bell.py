"""Threads that wait for news under a lock, which costs nothing to tell while none waits."""

import threading
from collections.abc import Callable


class Bell:
    """A condition that counts who waits. All of it is called with the lock held.

    Args:
        lock: what guards the news.
    """

    def __init__(self, lock: threading.Lock) -> None:
        self._condition = threading.Condition(lock)
        self._waiting = 0

    def wait(self, seconds: float) -> None:
        """Let go of the lock until the bell rings, but for at most so many seconds."""
        self._waiting += 1
        try:
            self._condition.wait(seconds)
        finally:
            self._waiting -= 1

    def wait_for(self, is_so: Callable[[], bool], seconds: float) -> bool:
        """Wait until something is so. Returns False if the time passed first."""
        self._waiting += 1
        try:
            return self._condition.wait_for(is_so, seconds)
        finally:
            self._waiting -= 1

    def ring(self) -> None:
        """Wake one of those that wait."""
        if self._waiting:
            self._condition.notify()

    def ring_all(self) -> None:
        """Wake all that wait."""
        if self._waiting:
            self._condition.notify_all()
