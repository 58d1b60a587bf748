"""One attempt at a batch of messages: what is done is deleted, what is not is given back."""

import time
from collections.abc import Callable, Sequence

from headrace.errors import NotDone, failure_of
from headrace.processing.outcomes import Outcomes
from headrace.runner.backoff import Backoff
from headrace.runner.delivery.counting import count
from headrace.runner.dispatch.obstacle import Obstacle
from headrace.runner.function.types import Invoke
from headrace.runner.monitoring.stats import Stats
from headrace.runner.retry_notices import RetryNotices
from headrace.runner.sqs.caution import Caution
from headrace.runner.sqs.holdings import Holdings
from headrace.runner.sqs.lease import Lease
from headrace.runner.sqs.message import receive_count
from headrace.runner.sqs.returns import Returns

_LONGEST_SECONDS = 43_200  # that a message may stay hidden


class Delivery:
    """Takes batches to the function.

    Args:
        invoke: delivers records; whatever it raises means that all of them failed.
        holdings: is told what came of a batch.
        returns: takes what is done, and what is not.
        caution: is told what failed, and what is done.
        backoff: how long to wait before a function is tried again that could not be reached.
        delay: how long a message stays hidden that failed, by how often it was received.
        stats: counts what happens.
        notices: tells what failed.
        name: the queue's.
        is_stopped: tells whether a function that cannot be reached is to be tried no more.
    """

    def __init__(
        self,
        invoke: Invoke,
        holdings: Holdings,
        returns: Returns,
        caution: Caution,
        backoff: Backoff,
        delay: Callable[[int], float],
        stats: Stats,
        notices: RetryNotices,
        name: str,
        is_stopped: Callable[[], bool],
    ) -> None:
        self._invoke = invoke
        self._holdings = holdings
        self._returns = returns
        self._caution = caution
        self._backoff = backoff
        self._delay = delay
        self._stats = stats
        self._notices = notices
        self._name = name
        self._is_stopped = is_stopped

    def attempt(self, batch: list[Lease]) -> None:
        """Have the function work on a batch, and send its messages back where they belong."""
        begun = time.monotonic()
        outcomes = self._outcomes(batch)
        retried = sum(receive_count(lease.message) > 1 for lease in batch)
        count(self._stats, outcomes, retried, time.monotonic() - begun)
        failures = outcomes.failures
        failed = {batch[index].id for index in failures}
        behind = self._holdings.settle(batch, failed)
        done = [lease for lease in batch if lease.id not in failed]
        self._returns.delete(done)
        self._caution.clear(done)
        for index, error in failures.items():
            self._fail(batch[index], error)
        self.give_back(behind[::-1])
        self._holdings.finish(batch)

    def give_back(self, leases: Sequence[Lease], seconds: int = 0) -> None:
        """Have messages become visible to all, at once or after some seconds."""
        if leases:  # they are held no longer before they can come again
            self._holdings.end(leases, again_in=seconds)
            self._returns.give_back(leases, seconds)

    def _outcomes(self, batch: Sequence[Lease]) -> Outcomes:
        """Invoke the function; again if it could not be reached, since that is no attempt."""
        records = [lease.record for lease in batch]
        tries = 0
        while True:
            try:
                return self._invoke(records)
            except NotDone as error:
                tries += 1
                notice = Obstacle(records[0].id, tries, error, waiting=0, stands_still=False)
                self._notices.note(self._name, notice)
                if not self._wait(self._backoff.delay(tries)):
                    return Outcomes(records, dict.fromkeys(range(len(records)), error))
            except BaseException as error:  # noqa: BLE001 - an invocation that raises failed as a whole
                return Outcomes(records, dict.fromkeys(range(len(records)), failure_of(error)))

    def _fail(self, lease: Lease, error: Exception) -> None:
        if isinstance(error, NotDone):  # it was merely held back
            self.give_back([lease])
            return
        received = receive_count(lease.message)
        notice = Obstacle(lease.record.id, received, error, waiting=0, stands_still=False)
        self._notices.note(self._name, notice)
        seconds = min(_LONGEST_SECONDS, round(self._delay(received)))
        self._caution.note(lease, seconds)
        self.give_back([lease], seconds)

    def _wait(self, seconds: float) -> bool:
        """Wait for so long. Returns False if it is time to stop."""
        until = time.monotonic() + seconds
        while time.monotonic() < until and not self._is_stopped():
            time.sleep(0.05)
        return not self._is_stopped()
