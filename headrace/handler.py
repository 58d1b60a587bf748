"""The Lambda entry point of a worker."""

import os
import threading
import time
from typing import Any

from headrace.errors import BatchFailed, Reject
from headrace.processing.outcomes import Outcomes, Refused
from headrace.record import Record
from headrace.sources import Source, pick
from headrace.worker import Worker


def lambda_handler(worker_class: type[Worker]) -> "Handler":
    """Make what AWS Lambda calls; a worker's module exports it under the name `handler`.

    Inside the Lambda runtime the worker is set up at once, in the init phase; elsewhere at first
    use, so that importing a worker's module stays free of effects.
    """
    handler = Handler(worker_class)
    if "AWS_LAMBDA_RUNTIME_API" in os.environ:
        handler.worker()
    return handler


class Handler:
    """Takes an event of any source, gives the worker its records, answers as the source expects."""

    def __init__(self, worker_class: type[Worker]) -> None:
        self._worker_class = worker_class
        self._worker: Worker | None = None
        self._lock = threading.Lock()

    def __call__(self, event: Any, context: Any = None) -> Any:
        """Handle one event.

        Raises:
            MalformedEvent: the event has not the shape that its source promises.
            BatchFailed: records failed, and the mapping takes no partial response.
        """
        source = pick(event)
        if source.redelivers:
            return self._respond(source, self.run(source.records(event), _deadline(context)))
        return source.respond(self._answer(source, event))

    def __reduce__(self) -> tuple[type["Handler"], tuple[type[Worker]]]:
        """Goes to another process as its worker's class: each sets up a worker of its own."""
        return Handler, (self._worker_class,)

    def worker(self) -> Worker:
        """The worker, set up once."""
        with self._lock:
            if self._worker is None:
                worker = self._worker_class()
                worker.setup()
                self._worker = worker
            return self._worker

    def run(self, records: list[Record], deadline: float = float("inf")) -> Outcomes:
        """Process a batch of a stream. `deadline` is on the clock of `time.monotonic()`."""
        worker = self.worker()
        begun = time.monotonic()
        outcomes = worker.run(records, deadline - worker.settings.deadline_reserve_seconds)
        _log_failures(worker, outcomes)
        if records and _writes_metrics(worker.settings.emf_metrics):
            from headrace.log import emit_batch  # noqa: PLC0415 - slow, as below

            emit_batch(self._worker_class.__name__, outcomes, time.monotonic() - begun)
        return outcomes

    def close(self) -> None:
        """Close the worker, if it was set up."""
        if self._worker is not None:
            self._worker.close()

    def _answer(self, source: Source, event: Any) -> Outcomes:
        worker = self.worker()
        try:
            (record,) = source.records(event)
        except Reject as error:
            return Refused(error)
        outcomes = worker.answer(record)
        failure = outcomes.failures.get(0)
        if failure is not None and not isinstance(failure, Reject):
            _log_failures(worker, outcomes)
        return outcomes

    def _respond(self, source: Source, outcomes: Outcomes) -> Any:
        if outcomes.failures and not self.worker().settings.report_batch_item_failures:
            raise BatchFailed(
                f"{len(outcomes.failures)} of {len(outcomes.records)} records are not done, and"
                " HEADRACE_REPORT_BATCH_ITEM_FAILURES is not set: all will be delivered again"
            )
        return source.respond(outcomes)


def _log_failures(worker: Worker, outcomes: Outcomes) -> None:
    if outcomes.failures:
        from headrace.log import log_failures  # noqa: PLC0415 - slow, and rare

        log_failures(worker.log, outcomes)


def _deadline(context: Any) -> float:
    if context is None:
        return float("inf")
    remaining: int = context.get_remaining_time_in_millis()
    return time.monotonic() + remaining / 1000


def _writes_metrics(setting: bool | None) -> bool:
    return "AWS_LAMBDA_RUNTIME_API" in os.environ if setting is None else setting
