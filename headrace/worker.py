"""The worker base: what a user's class overrides, and what it may use. Nothing else is in it.

Whatever runs a worker (`headrace.worker_host`) keeps its sinks, its outcomes and its dead
letters outside of the object, so a worker may have methods and attributes of any other name.
"""

from collections.abc import Awaitable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any, Generic

from msgspec import Meta

from headrace.definition import check_names
from headrace.payloads.settings import PayloadSettings
from headrace.record import Record
from headrace.settings import Deaggregation, LogLevel, read
from headrace.sources.base import Envelope

if TYPE_CHECKING:
    from typing_extensions import TypeVar

    from headrace.log import Log

    Data = TypeVar("Data", default=Any)
else:
    from typing import TypeVar

    Data = TypeVar("Data")


class WorkerSettings(PayloadSettings, frozen=True, kw_only=True):
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
        worker_concurrency: How many keys of a batch may be in work at once: as threads,
            or as tasks of one event loop if `process` is `async def`.
        deadline_reserve_seconds: The time at the end of an invocation that is kept free to report.
        log_level: The least severe messages that are logged.
        emf_metrics: Whether metrics of each batch are logged in CloudWatch's embedded metric
            format. Unless it is set, only inside AWS Lambda.
        kpl_deaggregation: Whether records that the Kinesis Producer Library packed into one are
            taken apart if they come in an event of the service. With off they are handed over as
            they came.
        unwrap: The envelopes that are opened in messages of SQS, SNS and Amazon MQ, so that what
            they carry becomes records of their own: sns, s3, eventbridge.
        once_store: What keeps the keys and answers of a worker whose process is @once, as a URL
            such as postgres://HOST/DATABASE, sqlite:once.db, redis://HOST or dynamodb://TABLE.
        once_lease_seconds: How long a key is claimed for. While the worker runs, that is extended;
            after a crash, the key is free when the time is over.
    """

    report_batch_item_failures: bool = False
    sink_url: str | None = None
    dead_letter_url: str | None = None
    worker_concurrency: Annotated[int, Meta(ge=1, le=1000)] = 1
    deadline_reserve_seconds: Annotated[float, Meta(ge=0)] = 1.0
    log_level: LogLevel = "INFO"
    emf_metrics: bool | None = None
    kpl_deaggregation: Deaggregation = "kcl"
    unwrap: tuple[Envelope, ...] = ()
    once_store: str | None = None
    once_lease_seconds: Annotated[float, Meta(gt=0)] = 30.0


def open_log(kind: type, settings: WorkerSettings) -> "Log":
    """Open the log of a class of workers."""
    from headrace.log import logger  # noqa: PLC0415 - not every worker logs

    return logger(kind.__name__, settings.log_level)


class Worker(Generic[Data]):
    """Base of every worker. Override `process`, or `process_batch` if a whole batch is cheaper.

    `class Orders(Worker[Order])` declares the input: a msgspec Struct, a dataclass, a TypedDict or
    a pydantic model. A record has it as `record.data`; one that does not fit is rejected, with
    every wrong field. Without brackets, a worker reads `record.value` itself, unless
    HEADRACE_VALUE_FRAME says that values follow a schema of a registry.

    Either may be `async def`. All that a worker is given is here: `log` and `settings`; all that it
    may override is `setup`, `process`, `process_batch` and `close`.

    Args:
        settings: what a test wants them to be. None: they are read from the environment.
    """

    def __init__(self, *, settings: WorkerSettings | None = None) -> None:
        if settings is not None:
            self.settings = settings

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        check_names(cls)

    @cached_property
    def settings(self) -> WorkerSettings:
        """What every worker reads from the environment."""
        return read(WorkerSettings)

    @cached_property
    def log(self) -> "Log":
        """A structured log; keyword arguments become fields."""
        return open_log(type(self), self.settings)

    def setup(self) -> Awaitable[None] | None:
        """Load what the worker needs, once per process. Whatever it raises ends the start."""
        return None

    def process(self, record: Record[Data]) -> Any:
        """Do the work for one record.

        Returns:
            the result, for the waiting caller or for the sink: a JSON value, a Reply (bytes and
            their type), or a Record (forwarded with its key and headers); None for no result.

        Raises:
            Reject: the record can never be processed.
            Exception: any other failure; the record will be delivered again.
        """
        raise NotImplementedError

    def process_batch(
        self, records: Sequence[Record[Data]]
    ) -> Awaitable[Sequence[object]] | Sequence[object]:
        """Do the work for a whole batch: one result, or one exception, for each record in order."""
        raise NotImplementedError

    def close(self) -> Awaitable[None] | None:
        """Let go of what the worker holds, at the end of the process."""
        return None
