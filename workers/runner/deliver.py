"""One attempt at a batch: give up what is due, invoke, give up what has no attempt left."""

from collections.abc import Mapping

from aws_lambda_powertools.logging import Logger

from workers.outcome import Outcomes
from workers.runner.batch import Batch
from workers.runner.failure import FailureDestination
from workers.runner.invoke import Invoke
from workers.runner.retry import Limits
from workers.runner.stats import Stats


class Deliverer:
    """Delivers batches to the handler and, failing that, to the failure destination."""

    def __init__(
        self,
        invoke: Invoke,
        limits: Limits,
        destination: FailureDestination | None,
        stats: Stats,
        log: Logger,
    ) -> None:
        self._invoke = invoke
        self._limits = limits
        self._destination = destination
        self._stats = stats
        self._log = log

    def attempt(self, batch: Batch) -> None:
        """Make one attempt. Afterwards `batch.open` names what is not done.

        Records that the destination did not take stay open, and nothing is invoked before it
        has: the position could not move past them anyway, and their keys stay in order.
        """
        before = len(batch.open)
        self._give_up(batch, self._limits.too_old(batch))
        if batch.open and not batch.given_up:
            self._deliver(batch)
            self._give_up(batch, self._limits.exhausted(batch))
        if batch.open:
            batch.count_try(before)

    def _deliver(self, batch: Batch) -> None:
        records = batch.open_records()
        try:
            outcomes = self._invoke(records)
        except Exception as error:  # noqa: BLE001 - an invocation that raises failed as a whole
            outcomes = Outcomes(records)
            outcomes.failures = dict.fromkeys(range(len(records)), error)
        if batch.tries:
            self._stats.add(retried=len(records))
        rejected = len(outcomes.rejected)
        done = len(records) - len(outcomes.failures) - rejected
        self._stats.add(done=done, dead_lettered=rejected)
        if outcomes.failures or len(batch.open) < len(batch.records):
            batch.learn(outcomes)
        else:
            batch.open = ()

    def _give_up(self, batch: Batch, reasons: Mapping[int, Exception]) -> None:
        batch.given_up.update(reasons)
        if not batch.given_up or self._destination is None:
            return
        indices = sorted(batch.given_up)
        records = [batch.records[index] for index in indices]
        refusals = self._destination.write(records, [batch.given_up[index] for index in indices])
        taken = [i for i, refusal in zip(indices, refusals, strict=True) if refusal is None]
        for record, refusal in zip(records, refusals, strict=True):
            if refusal is not None:
                self._log.error("failure destination refused", record=record.id, error=refusal)
                break  # one line tells the story; the others follow with the next attempt
        batch.close(taken)
        if taken:
            self._stats.add(dead_lettered=len(taken))
            first = batch.records[taken[0]].id
            self._log.warning("records given up", count=len(taken), first=first)
