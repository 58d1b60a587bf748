"""The threads that attempt batches: started as needed, up to the function's concurrency."""

import threading
from collections.abc import Callable

from headrace.runner.sqs.crew import Crew
from headrace.runner.sqs.holdings import Holdings
from headrace.runner.sqs.lease import Lease


class Handlers:
    """Takes batches of the holdings, each to a thread.

    Args:
        size: how many threads there are at most.
        holdings: hands the batches out.
        attempt: makes one attempt at a batch.
        crew: starts the threads.
    """

    def __init__(
        self,
        size: int,
        holdings: Holdings,
        attempt: Callable[[list[Lease]], None],
        crew: Crew,
    ) -> None:
        self._size = size
        self._holdings = holdings
        self._attempt = attempt
        self._crew = crew
        self._lock = threading.Lock()
        self._count = 0
        self._idle = 0

    def begin(self) -> None:
        """Start one more thread if there is work, none stands idle, and there may be one."""
        if not self._holdings.has_more():
            return
        with self._lock:
            if self._idle or self._count >= self._size:
                return
            self._count += 1
            self._idle += 1
            name = f"handler-{self._count - 1}"
        self._crew.start(name, self._work)

    def _work(self) -> None:
        while batch := self._holdings.take():
            with self._lock:
                self._idle -= 1
            self.begin()
            self._attempt(batch)
            with self._lock:
                self._idle += 1
