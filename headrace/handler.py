"""The Lambda entry point of a worker."""

import os
import threading
import time
from collections.abc import Mapping, Sequence
from typing import Any

from headrace.definition import HANDLER_MARK, check_complete
from headrace.errors import Reject
from headrace.invocation import deadline_of, named
from headrace.json_text import JsonError
from headrace.processing.metrics import are_written
from headrace.processing.outcomes import Outcomes, Refused
from headrace.record import Record
from headrace.settings import read
from headrace.sinks.base import Sink
from headrace.sources import Source, pick
from headrace.stream_response import respond
from headrace.worker import Worker, WorkerSettings
from headrace.worker_host import WorkerHost

# Kept free at the end of an invocation to answer a caller whose request takes too long.
_ANSWER_SECONDS = 0.2


def lambda_handler(worker_class: type[Worker]) -> "Handler":
    """Make what AWS Lambda calls; a worker's module exports it under the name `handler`.

    Inside the Lambda runtime the worker is set up at once, in the init phase; elsewhere at first
    use, so that importing a worker's module stays free of effects. Raises as `Handler` does.
    """
    kind: type[Handler] = getattr(worker_class, HANDLER_MARK, Handler)
    handler = kind(worker_class)
    if "AWS_LAMBDA_RUNTIME_API" in os.environ:
        from headrace.log import log_libraries  # noqa: PLC0415 - only where this owns the process

        log_libraries()
        handler.host()
    return handler


class Handler:
    """Takes an event of any source, gives the worker its records, answers as the source expects.

    Args:
        worker_class: what the worker is made of.
        settings: of the worker. None: they are read from the environment.
        told: values for sinks that come before those of the environment, by variable.

    Raises:
        WorkerError: the class overrides neither `process` nor `process_batch`.
    """

    def __init__(
        self,
        worker_class: type[Worker],
        settings: WorkerSettings | None = None,
        told: Mapping[str, str] | None = None,
    ) -> None:
        check_complete(worker_class, Worker)
        self.worker_class = worker_class
        self._settings = settings
        self._told = dict(told or {})
        # Takes the results if it is set before the worker is set up. None: as the settings say.
        self.sink: Sink | None = None
        self._host: WorkerHost | None = None
        self._writes_metrics = False
        self._lock = threading.Lock()

    @classmethod
    def of(cls, host: WorkerHost) -> "Handler":
        """Make a handler of a worker that is set up already."""
        kind = type(host.worker)
        handler: Handler = getattr(kind, HANDLER_MARK, cls)(kind, host.settings)
        handler._host = host
        handler._writes_metrics = are_written(host.settings.emf_metrics)
        return handler

    def __call__(self, event: Any, context: Any = None) -> Any:
        """Handle one event.

        Raises:
            MalformedEvent: the event has not the shape that its source promises.
            BatchFailed: records failed, and the mapping takes no partial response.
        """
        source = self._source(event)
        if source.redelivery == "caller":
            return self._answer(source, event, context)
        records = source.records(event)
        if source.redelivery == "each":  # what `process` returns goes back, not to a sink
            return source.respond(self.run(records, deadline_of(context), to_sink=False))
        outcomes = self.run(records, deadline_of(context))
        return respond(source, outcomes, self.host())

    def __reduce__(self) -> tuple[type["Handler"], tuple[Any, ...]]:
        """Go to another process as the worker's class: each sets up a worker of its own."""
        return type(self), (self.worker_class, self._settings, self._told)

    @property
    def settings(self) -> WorkerSettings:
        """What the worker's settings will be when it is set up."""
        return read(WorkerSettings) if self._settings is None else self._settings

    def with_settings(
        self, settings: WorkerSettings, told: Mapping[str, str] | None = None
    ) -> "Handler":
        """Make a handler of the same worker that has these settings."""
        return type(self)(self.worker_class, settings, told)

    def host(self) -> WorkerHost:
        """Return the worker with what stands around it, set up once."""
        if self._host is not None:  # set last: nobody waits for the lock once all is set up
            return self._host
        with self._lock:
            if self._host is None:
                self._writes_metrics = are_written(self.settings.emf_metrics)
                told = os.environ | self._told
                kind, settings = self.worker_class, self.settings
                self._host = WorkerHost.open(kind, settings, self.sink, variables=told)
            return self._host

    def worker(self) -> Worker:
        """Return the worker, set up once."""
        return self.host().worker

    def run(
        self, records: list[Record], deadline: float = float("inf"), *, to_sink: bool = True
    ) -> Outcomes:
        """Process a batch of a stream; envelopes that the worker wants opened are.

        Args:
            records: in the order of delivery.
            deadline: on the clock of `time.monotonic()`; no further record is begun after it.
            to_sink: whether results go to the worker's sink, if it has one.
        """
        envelopes = self.host().settings.unwrap
        if not envelopes:
            return self._run(records, deadline, to_sink)
        from headrace.sources.opened import Opened  # noqa: PLC0415 - seldom asked for

        opened = Opened(records, envelopes)
        return opened.outcomes(self._run(opened.records, deadline, to_sink))

    def _run(self, records: list[Record], deadline: float, to_sink: bool) -> Outcomes:
        host, begun = self.host(), time.monotonic()
        reserve = host.settings.deadline_reserve_seconds
        outcomes = host.run(records, deadline - reserve, to_sink=to_sink)
        _log_failures(host, outcomes)
        if records and self._writes_metrics:
            from headrace.processing.report import emit_batch  # noqa: PLC0415 - for Lambda alone

            emit_batch(self.worker_class.__name__, outcomes, time.monotonic() - begun)
        return outcomes

    @property
    def takes_batches(self) -> bool:
        """Whether the worker answers several records in one call."""
        return self.host().takes_batches

    def answer(self, records: Sequence[Record]) -> Outcomes:
        """Process the records of callers who wait, each with an answer of its own."""
        host = self.host()
        outcomes = host.answer(records)
        failed = {i: e for i, e in outcomes.failures.items() if not isinstance(e, Reject)}
        _log_failures(host, Outcomes(records, failed))
        return outcomes

    def close(self) -> None:
        """Close the worker, if it was set up. Whoever asks after that has a new one set up."""
        host, self._host = self._host, None
        if host is not None:
            host.close()

    def _source(self, event: Any) -> Source:
        return pick(event, unpack=self.host().settings.kpl_deaggregation != "off")

    def _answer(self, source: Source, event: Any, context: Any) -> Any:
        host, deadline = self.host(), deadline_of(context)
        try:
            (record,) = source.records(event)
        except Reject as error:
            return source.respond(Refused(error))
        outcomes = host.answer([named(record, context)], deadline - _ANSWER_SECONDS)
        if 0 not in outcomes.failures:
            try:
                return source.respond(outcomes)
            except JsonError as error:  # the result cannot be said
                outcomes.fail(0, error)
        answer = source.respond(outcomes)  # if this raises, the caller has the whole error
        if not isinstance(outcomes.failures[0], Reject):
            _log_failures(host, outcomes)
        return answer


def _log_failures(host: WorkerHost, outcomes: Outcomes) -> None:
    if outcomes.failures:
        from headrace.processing.report import log_failures  # noqa: PLC0415 - rare

        log_failures(host.log, outcomes)
