"""When a FIFO queue is asked for one message at a time: while one that failed may come again.

A message that fails sends back all that was received behind it in its group. Each time they count
as received once more, and the queue would move them to its dead-letter queue with the one that
failed, although no function ever saw them. So what comes behind it is not received with it again.
"""

import threading
import time
from collections.abc import Callable, Iterable

from headrace.runner.sqs.lease import Lease

_SECONDS = 10.0  # after so long, the message that failed was moved, or others have it


class Caution:
    """Knows which groups have a message that failed.

    Args:
        wait: how long a request waits for messages: it may have begun so much earlier.
        clock: tells the time, in seconds.
    """

    def __init__(self, wait: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._wait = wait
        self._clock = clock
        self._lock = threading.Lock()
        self._again_at: dict[str, float] = {}

    def note(self, lease: Lease, seconds: float) -> None:
        """Take in that a message failed, and is visible again in so many seconds."""
        if lease.group is not None:
            with self._lock:
                self._again_at[lease.group] = self._clock() + seconds

    def clear(self, done: Iterable[Lease]) -> None:
        """Take in that messages are done: so their groups go on."""
        if self._again_at:
            with self._lock:
                for lease in done:
                    self._again_at.pop(lease.group or "", None)

    def is_on(self) -> bool:
        """Return whether a message that failed may come now."""
        if not self._again_at:
            return False
        with self._lock:
            now = self._clock()
            self._again_at = {g: at for g, at in self._again_at.items() if now < at + _SECONDS}
            return any(at - self._wait <= now for at in self._again_at.values())
