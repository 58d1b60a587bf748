"""The worker base: write `process(record)` once, run it on any event source.

What every worker shares stands here: set up once, take an event, process, respond.
"""

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import msgspec

from headrace.dead_letters import letter as dead_letter
from headrace.errors import Reject
from headrace.processing import isolation as batch
from headrace.processing.outcomes import Outcomes
from headrace.processing.results import deliver
from headrace.record import Record
from headrace.settings import LogLevel, read
from headrace.sinks import Sink, open_sink

if TYPE_CHECKING:
    from aws_lambda_powertools.logging import Logger


class WorkerSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What every worker reads from the environment.

    Attributes:
        report_batch_item_failures: Whether the event source mapping asks for partial responses
            (`FunctionResponseTypes: ReportBatchItemFailures`). Set it beside the mapping: with
            false, a batch with a failure raises, so that all of it comes again.
        sink_url: The sink for results, as a URL such as file:results.jsonl or
            kafka://HOST:PORT/TOPIC. Unless it is set, results go to a caller who waits, and else
            nowhere.
        dead_letter_url: The sink for rejected records, as a URL such as file:dead.jsonl or
            sqs://queue. Unless it is set, a rejected record counts as failed.
        worker_concurrency: How many keys of a batch may be in work at once.
        deadline_reserve_seconds: The time at the end of an invocation that is kept free to report.
        log_level: The least severe messages that are logged.
        emf_metrics: Whether metrics of each batch are logged in CloudWatch's embedded metric
            format. Unless it is set, only inside AWS Lambda.
    """

    report_batch_item_failures: bool = False
    sink_url: str | None = None
    dead_letter_url: str | None = None
    worker_concurrency: int = 1
    deadline_reserve_seconds: float = 1.0
    log_level: LogLevel = "INFO"
    emf_metrics: bool | None = None

    def __post_init__(self) -> None:
        if self.worker_concurrency < 1:
            raise ValueError("`worker_concurrency` must be at least 1")


class Worker:
    """Base of every worker. Override `process`, or `process_batch` where a whole batch is cheaper.

    Attributes:
        settings: what every worker reads from the environment.
    """

    settings: WorkerSettings

    def __init__(self) -> None:
        self.settings = read(WorkerSettings)
        self._sink = _open(self.settings.sink_url)
        self._dead_letters = _open(self.settings.dead_letter_url)

    @cached_property
    def log(self) -> "Logger":
        """A structured logger; keyword arguments become fields."""
        from headrace.log import logger  # noqa: PLC0415 - slow, and seldom asked for

        return logger(type(self).__name__, self.settings.log_level)

    def setup(self) -> None:
        """Load what the worker needs, once per process. Whatever it raises ends the start."""

    def process(self, record: Record) -> Any:
        """Do the work for one record.

        Returns:
            the result, for the waiting caller or for the sink: a JSON value, a Reply (bytes and
            their type), or a Record (forwarded with its key and headers); None for no result.

        Raises:
            Reject: the record can never be processed.
            Exception: any other failure; the record will be delivered again.
        """
        raise NotImplementedError(
            f"{type(self).__name__} defines neither process nor process_batch"
        )

    def process_batch(self, records: Sequence[Record]) -> Sequence[object]:
        """Do the work for a whole batch: one result, or one exception, for each record in order."""
        raise NotImplementedError

    def run(self, records: Sequence[Record], deadline: float = float("inf")) -> Outcomes:
        """Process a batch of a stream: isolate failures, write results and dead letters.

        Args:
            records: in the order of delivery.
            deadline: `time.monotonic()` after which no further record is begun.
        """
        outcomes = self._process(records, self._dead_letter, deadline)
        if self._sink is not None:
            deliver(outcomes, self._sink)
        return outcomes

    def answer(self, record: Record) -> Outcomes:
        """Process the one record of a caller who waits; a Reject goes back to that caller."""
        return self._process([record], _refuse, float("inf"))

    def close(self) -> None:
        """Let go of what the worker holds, at the end of the process."""
        for sink in (self._sink, self._dead_letters):
            if sink is not None:
                sink.close()

    def _process(
        self, records: Sequence[Record], on_reject: batch.DeadLetter, deadline: float
    ) -> Outcomes:
        if type(self).process_batch is not Worker.process_batch:
            return batch.run_whole(self.process_batch, records, on_reject, deadline=deadline)
        return batch.run(
            self.process,
            records,
            on_reject,
            deadline=deadline,
            concurrency=self.settings.worker_concurrency,
        )

    def _dead_letter(self, record: Record, error: Reject) -> None:
        if self._dead_letters is None:
            raise error
        dead_letter.write(self._dead_letters, record, error)
        self.log.warning("record rejected", record=record.id, error=error.detail)


def _open(url: str | None) -> Sink | None:
    return open_sink(url) if url else None


def _refuse(record: Record, error: Reject) -> None:
    del record  # its caller gets the error
    raise error
