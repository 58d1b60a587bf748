"""One attempt at a batch: give up what is due, invoke, give up what has no attempt left."""

import time
from collections.abc import Callable, Iterable, Sequence

from headrace.errors import NotDone, failure_of, message_of
from headrace.growing_distances import GrowingDistances
from headrace.log import Log
from headrace.processing.outcomes import Outcomes
from headrace.record import Record
from headrace.runner.delivery.counting import count
from headrace.runner.delivery.destination import FailureDestination
from headrace.runner.delivery.limits import RetryLimits
from headrace.runner.dispatch.batch import Batch
from headrace.runner.function.types import Invoke
from headrace.runner.monitoring.stats import Counts, Stats

_REFUSED = "failure destination refused"

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
        isolate: whether a record that fails by itself leaves its batch, so that the others go on.
            Otherwise the batch is tried again whole, or from that record on, as AWS does it.
        bisect: whether what failed as a whole is split, and the halves tried one after the other.
            That is no attempt of the records: these are counted from when a record fails alone, or
            by name.
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
        isolate: bool = True,
        bisect: bool = False,
        cuts: Cuts | None = None,
    ) -> None:
        self._invoke = invoke
        self._limits = limits
        self._destination = destination
        self._stats = stats
        self._log = log
        self._isolate = isolate
        self._bisect = bisect
        self._cuts = cuts
        self._refusals = GrowingDistances()
        self._refused: str | None = None  # the record that was told of last

    def attempt(self, batch: Batch) -> None:
        """Make one attempt. Afterwards the batch knows what is not done.

        Records that the destination did not take are not done, and nothing is invoked before it
        has them: the position could not move past them anyway, and their keys stay in order. With
        `isolate` that counts for these records and their keys alone.
        """
        before = len(batch.open)
        if self._cuts is not None and batch.is_new:
            batch.cut(self._cuts(batch.records))
        if self._destination is not None:
            self._give_up(batch, self._limits.unfit(batch))
        if self._may_deliver(batch):
            self._deliver(batch)
            if self._destination is not None:
                self._give_up(batch, self._limits.exhausted(batch))
            self._may_deliver(batch)
        batch.count_try(before)

    def _may_deliver(self, batch: Batch) -> bool:
        waiting = batch.given_up()
        if waiting and self._isolate:
            return batch.set_aside(waiting)
        return bool(batch.open) and not waiting

    def _deliver(self, batch: Batch) -> None:
        records, retried = batch.open_records(), batch.redelivered()
        begun = time.monotonic()
        try:
            outcomes = self._invoke(records)
        except BaseException as error:  # noqa: BLE001 - an invocation that raises failed as a whole
            failure = failure_of(error)
            failures: dict[int, Exception] = dict.fromkeys(range(len(records)), failure)
            count(self._stats, Outcomes(records, failures), retried, time.monotonic() - begun)
            self._fail(batch, failure)
            return
        count(self._stats, outcomes, retried, time.monotonic() - begun)
        if outcomes.failures or len(records) < len(batch.records):
            batch.learn(outcomes, isolate=self._isolate)
        else:
            batch.open = ()

    def _fail(self, batch: Batch, error: Exception) -> None:
        # Records that failed before come together by chance: none of them is to blame for another.
        splits = (self._bisect or batch.is_retry) and not isinstance(error, NotDone)
        if not (splits and batch.split(error)):
            batch.fail(error, isolate=self._isolate)

    def _give_up(self, batch: Batch, reasons: Iterable[tuple[int, Exception]]) -> None:
        for index, reason in list(reasons):
            batch.history(index).given_up = reason
        indices = batch.given_up()
        if indices and self._destination is not None:
            self._write(batch, indices, self._destination)

    def _write(self, batch: Batch, indices: Sequence[int], destination: FailureDestination) -> None:
        records = [batch.records[index] for index in indices]
        reasons = {index: batch.history(index).given_up for index in indices}
        given = [reason for reason in reasons.values() if reason is not None]
        refusals = destination.write(records, given)
        taken = [i for i, refusal in zip(indices, refusals, strict=True) if refusal is None]
        for record, refusal in zip(records, refusals, strict=True):
            if refusal is not None:
                self._tell(record, refusal)
                break  # one line tells the story; the others follow with the next attempt
        if any(batch.records[index].id == self._refused for index in taken):
            self._refusals.end(_REFUSED)
        batch.remove(taken)
        if taken:
            self._stats.add(Counts(dead_lettered=len(taken), delivered_to_destination=len(taken)))
            told = ((batch.records[i].id, message_of(reasons[i])) for i in taken)
            self._stats.dead_letters.add(told)
            first = batch.records[taken[0]].id
            self._log.warning("records given up", count=len(taken), first=first)

    def _tell(self, record: Record, refusal: Exception) -> None:
        if self._refusals.is_due(_REFUSED):
            self._refused = record.id
            self._log.error(_REFUSED, record=record.id, error=refusal)
