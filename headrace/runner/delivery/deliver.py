"""One attempt at a batch: give up what is due, invoke, give up what has no attempt left."""

import time
from collections.abc import Callable, Mapping, Sequence

from headrace.errors import NotDone
from headrace.log import Log
from headrace.processing.outcomes import Outcomes
from headrace.record import Record
from headrace.runner.delivery.destination import FailureDestination
from headrace.runner.delivery.limits import GivenUp, RetryLimits
from headrace.runner.dispatch.batch import Batch
from headrace.runner.function.types import Invoke
from headrace.runner.monitoring.stats import Counts, Stats

# Says where a batch must be cut: indices of the records that begin a further part.
Cuts = Callable[[Sequence[Record]], Sequence[int]]


class Deliverer:
    """Delivers batches to the handler and, failing that, to the failure destination.

    Args:
        invoke: delivers records; whatever it raises means that all of them failed.
        limits: when a record is given up.
        destination: where it goes then; None: nothing is ever given up.
        stats: counts what happens.
        log: says what was given up, and what stands in the way.
        bisect: split what failed as a whole, and try the halves one after the other. That is
            no attempt of the records: these are counted from when a record fails alone, or by name.
        cuts: says where a batch must be cut; None: nowhere.
    """

    def __init__(
        self,
        invoke: Invoke,
        limits: RetryLimits,
        destination: FailureDestination | None,
        stats: Stats,
        log: Log,
        *,
        bisect: bool = False,
        cuts: Cuts | None = None,
    ) -> None:
        self._invoke = invoke
        self._limits = limits
        self._destination = destination
        self._stats = stats
        self._log = log
        self._bisect = bisect
        self._cuts = cuts

    def attempt(self, batch: Batch) -> None:
        """Make one attempt. Afterwards `batch.open` names what is not done.

        Records that the destination did not take stay open, and nothing is invoked before it
        has: the position could not move past them anyway, and their keys stay in order.
        """
        before = len(batch.open)
        if self._cuts is not None and not batch.deliveries:
            batch.cut(self._cuts(batch.records))
        if self._destination is not None:
            self._give_up(batch, self._destination, self._limits.unfit(batch))
        if batch.open and not batch.given_up:
            self._deliver(batch)
            if self._destination is not None:
                self._give_up(batch, self._destination, self._limits.exhausted(batch))
        if batch.open:
            batch.count_try(before)

    def _deliver(self, batch: Batch) -> None:
        records = batch.open_records()
        retried = batch.redelivered()
        split = False
        begun = time.monotonic()
        try:
            outcomes = self._invoke(records)
        except Exception as error:  # noqa: BLE001 - an invocation that raises failed as a whole
            outcomes = Outcomes(records, dict.fromkeys(range(len(records)), error))
            split = self._bisect and not isinstance(error, NotDone) and batch.split(error)
        self._count(outcomes, retried, time.monotonic() - begun)
        if split:
            return
        if outcomes.failures or len(records) < len(batch.records):
            batch.learn(outcomes)
        else:
            batch.open = ()

    def _count(self, outcomes: Outcomes, retried: int, seconds: float) -> None:
        invoked, failed = len(outcomes.records), len(outcomes.failures)
        rejected = len(outcomes.rejected)
        counts = Counts(
            invoked=invoked,
            failed=failed,
            done=invoked - failed - rejected,
            dead_lettered=rejected,
            retried=retried,
        )
        self._stats.add(counts, seconds)

    def _give_up(
        self, batch: Batch, destination: FailureDestination, reasons: Mapping[int, GivenUp]
    ) -> None:
        batch.given_up.update(reasons)
        if not batch.given_up:
            return
        indices = sorted(batch.given_up)
        records = [batch.records[index] for index in indices]
        refusals = destination.write(records, [batch.given_up[index] for index in indices])
        taken = [i for i, refusal in zip(indices, refusals, strict=True) if refusal is None]
        for record, refusal in zip(records, refusals, strict=True):
            if refusal is not None:
                self._log.error("failure destination refused", record=record.id, error=refusal)
                break  # one line tells the story; the others follow with the next attempt
        batch.close(taken)
        if taken:
            self._stats.add(Counts(dead_lettered=len(taken), delivered_to_destination=len(taken)))
            first = batch.records[taken[0]].id
            self._log.warning("records given up", count=len(taken), first=first)
