"""The threads that receive messages, by long polls: one while the queue is quiet."""

import math
import threading
import time
from collections.abc import Callable, Sequence

from headrace.runner.monitoring.stats import Stats
from headrace.runner.sqs.caution import Caution
from headrace.runner.sqs.errors import is_passing
from headrace.runner.sqs.holdings import Holdings
from headrace.runner.sqs.lease import Lease
from headrace.runner.sqs.queue import Queue
from headrace.runner.sqs.room import Asked
from headrace.runner.sqs.trouble import Trouble
from headrace.runner.stop import Stop

_AGAIN_SECONDS = 1.0
_PAUSE_SECONDS = 0.2  # after an empty answer to a request that did not wait


class Receivers:
    """Receives as long as there is room. One thread more takes part after each full answer.

    Args:
        queue: the queue.
        holdings: says how much room there is.
        caution: says when to ask for one message only.
        take: is given what came.
        wait: how long a request waits for a message, in seconds.
        size: how many threads there are.
        most: how many messages a request asks for, at most.
        stop: says when enough has been received.
        stats: is told that the queue is being asked.
        trouble: is told of requests that failed.

    Attributes:
        answered: whether the queue has answered.
        empty_at: when it was last asked to no avail, on the clock of `time.monotonic()`.
    """

    def __init__(
        self,
        queue: Queue,
        holdings: Holdings,
        caution: Caution,
        take: Callable[[Sequence[Lease]], None],
        wait: int,
        size: int,
        most: int,
        stop: Stop,
        stats: Stats,
        trouble: Trouble,
    ) -> None:
        self.answered = False
        self.empty_at = -math.inf
        self._queue = queue
        self._holdings = holdings
        self._caution = caution
        self._take = take
        self._wait = wait
        self._size = size
        self._most = most
        self._stop = stop
        self._stats = stats
        self._trouble = trouble
        self._active = 1
        self._news = threading.Condition()

    def run(self, number: int) -> None:
        """Receive until the holdings are stopped. Raises what no repetition would change.

        Args:
            number: of this thread, from 0 on: only the first few take part.
        """
        while not self._holdings.stopped:
            if self._stop.exhausted:
                self._pause(_PAUSE_SECONDS)
            elif self._takes_part(number):
                with self._holdings.asking(1 if self._caution.is_on() else self._most) as asked:
                    self._stats.beat()
                    if asked.count:
                        asked.leases = self._receive(asked.count)
                if asked.count:
                    self._hand_on(asked)

    def close(self) -> None:
        """Wake those that take no part."""
        with self._news:
            self._news.notify_all()

    def _takes_part(self, number: int) -> bool:
        with self._news:
            if number >= self._active and not self._holdings.stopped:
                self._news.wait(1.0)
            return number < self._active

    def _receive(self, most: int) -> Sequence[Lease]:
        begun = time.monotonic()
        try:
            leases = self._queue.receive(most, self._wait)
        except Exception as error:
            if not is_passing(error):
                raise
            self._trouble.note("receiving", error)
            self._pause(_AGAIN_SECONDS)
            return ()
        self.answered = True
        if not leases:
            self.empty_at = max(self.empty_at, begun)
        return leases

    def _hand_on(self, asked: Asked) -> None:
        if asked.leases:
            self._take(asked.leases)
        elif not self._wait:
            self._pause(_PAUSE_SECONDS)
        came = len(asked.leases)
        with self._news:
            if not came:
                self._active = 1
            elif came == asked.count == self._most and self._active < self._size:
                self._active += 1
                self._news.notify_all()

    def _pause(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while not self._holdings.stopped and time.monotonic() < until:
            time.sleep(0.05)
