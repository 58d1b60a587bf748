"""The way in: what was received is filtered, counted, and held."""

from collections.abc import Callable, Sequence

from headrace.runner.filter.filter import Filter
from headrace.runner.monitoring.stats import Counts, Stats
from headrace.runner.sqs.holdings import Holdings
from headrace.runner.sqs.keeper import Keeper
from headrace.runner.sqs.lease import Lease
from headrace.runner.sqs.message import body_of, to_event
from headrace.runner.sqs.returns import Returns
from headrace.runner.stop import Stop


class QueueIntake:
    """Takes leases from the receivers.

    Args:
        arn: the queue's.
        patterns: which messages the function gets to see; the others are deleted.
        holdings: holds the leases.
        keeper: extends them.
        returns: deletes what matches no pattern.
        give_back: takes what comes too late, or is more than was asked for.
        came: is told that a batch may be ready.
        stats: counts what happens.
        stop: says how many messages may come.
    """

    def __init__(
        self,
        arn: str,
        patterns: Filter,
        holdings: Holdings,
        keeper: Keeper,
        returns: Returns,
        give_back: Callable[[Sequence[Lease]], None],
        came: Callable[[], None],
        stats: Stats,
        stop: Stop,
    ) -> None:
        self._arn = arn
        self._patterns = patterns
        self._holdings = holdings
        self._keeper = keeper
        self._returns = returns
        self._give_back = give_back
        self._came = came
        self._stats = stats
        self._stop = stop

    def take(self, leases: Sequence[Lease]) -> None:
        """Hold what was received. What is held already is not worked on twice."""
        new = [lease for lease in leases if not self._holdings.known(lease)]
        with self._stop.claim(len(new)) as granted:
            too_many = new[granted:]
            if not self._hold(new[:granted]):
                too_many = new
        self._give_back(too_many[::-1])
        if self._stop.exhausted:
            self._holdings.stop_waiting_to_fill()
        self._came()

    def _hold(self, leases: Sequence[Lease]) -> bool:
        passed = self._passed(leases)
        matching = [lease for lease, goes in zip(leases, passed, strict=True) if goes]
        others = [lease for lease, goes in zip(leases, passed, strict=True) if not goes]
        self._keeper.watch(leases)
        if not self._holdings.add(others, work=False):
            return False
        if not self._holdings.add(matching, work=True):
            self._returns.delete(others)
            return False
        self._stats.add(Counts(polled=len(leases), filtered_out=len(others)))
        self._returns.delete(others)
        return True

    def _passed(self, leases: Sequence[Lease]) -> Sequence[bool]:
        if not self._patterns.is_on:
            return [True] * len(leases)
        return self._patterns([self._event(lease) for lease in leases]) or ()

    def _event(self, lease: Lease) -> dict[str, object]:
        return to_event(lease.message, body_of(lease.record), self._arn)
