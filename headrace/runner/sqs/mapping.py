"""A queue at work: receivers, handlers, the keeper of leases, and what goes back."""

import threading
import time
from functools import partial

from headrace.log import Log
from headrace.runner.monitoring.stats import Stats
from headrace.runner.settings import MappingSettings
from headrace.runner.sqs.crew import Crew
from headrace.runner.sqs.delivery import Delivery
from headrace.runner.sqs.holdings import Holdings
from headrace.runner.sqs.keeper import Keeper
from headrace.runner.sqs.receivers import Receivers
from headrace.runner.sqs.returns import Returns
from headrace.runner.stop import Stop

_LOOK_SECONDS = 0.05
_LEAVE_SECONDS = 5.0
_BROKEN_SECONDS = 1.0


class QueueMapping:
    """Runs the messages of a queue through a function until `stop` says so.

    Args:
        settings: of the mapping.
        holdings: what is held.
        receivers: bring messages.
        delivery: takes batches to the function.
        keeper: extends leases.
        returns: deletes and gives back.
        stats: counts what happens.
        stop: says when to end.
        log: is told what is out of the ordinary.
        crew: starts the threads.
        threads: how many receive, and how many return.
    """

    def __init__(
        self,
        settings: MappingSettings,
        holdings: Holdings,
        receivers: Receivers,
        delivery: Delivery,
        keeper: Keeper,
        returns: Returns,
        stats: Stats,
        stop: Stop,
        log: Log,
        crew: Crew,
        threads: int,
    ) -> None:
        self._settings = settings
        self._holdings = holdings
        self._receivers = receivers
        self._delivery = delivery
        self._keeper = keeper
        self._returns = returns
        self._stats = stats
        self._stop = stop
        self._log = log
        self._receiving: list[threading.Thread] = []
        self._crew = crew
        self._threads = threads
        stats.watch(holdings.status)

    def run(self) -> None:
        """Receive until it is time to stop; then drain and give back. Raises what broke it."""
        self._crew.start("keeper", self._keeper.run)
        for number in range(self._threads):
            self._crew.start(f"returns-{number}", self._returns.run)
            receive = partial(self._receivers.run, number)
            self._receiving.append(self._crew.start(f"receiver-{number}", receive))
        try:
            while self._crew.broken is None and not self._is_due():
                self._stop.wait(_LOOK_SECONDS)
        finally:
            self._drain()
        if self._crew.broken is not None:
            raise self._crew.broken

    def live(self) -> bool:
        """Return whether the queue is still asked. A drain may take its time."""
        return self._stats.is_live(self._settings.drain_timeout_seconds)

    def ready(self) -> bool:
        """Return whether messages are taken: from the first answer until the drain."""
        return self._receivers.answered and not self._holdings.stopped and not self._stop.requested

    def _is_due(self) -> bool:
        return self._stop.due(ready=self._receivers.answered, idle=self._is_idle)

    def _is_idle(self) -> bool:
        """Return whether all is done: also what was given back and may have come again."""
        if not self._returns.is_clear():
            return False
        if self._stop.exhausted:
            return self._holdings.is_empty()
        return self._holdings.is_empty(self._receivers.empty_at)

    def _drain(self) -> None:
        """Give back what waits, at once; then wait for what is in work, and for what is asked."""
        patience = self._settings.drain_timeout_seconds if self._crew.broken is None else 0.0
        deadline = time.monotonic() + patience
        self._delivery.give_back(self._holdings.stop())
        self._receivers.close()
        left = self._holdings.wait_settled(deadline)
        if left:
            self._log.warning("drain timed out: what is in flight will be delivered again")
            self._delivery.give_back(left)
        for thread in self._receiving:
            thread.join()  # it may bring messages, which are given back
        leave = _LEAVE_SECONDS if self._crew.broken is None else _BROKEN_SECONDS
        if not self._returns.flush(max(deadline, time.monotonic() + leave)):
            self._log.warning(
                "messages were not given back: they come again after their visibility timeout"
            )
        self._keeper.close()
        self._returns.close()
