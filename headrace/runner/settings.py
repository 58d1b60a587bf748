"""What an event source mapping is told, in the names and the ranges of AWS Lambda."""

from typing import Annotated, Literal

from msgspec import Meta

from headrace.errors import SettingsError
from headrace.payloads.settings import SchemaSettings
from headrace.settings import LogLevel

SourceKind = Literal["kafka", "kinesis", "dynamodb", "sqs"]

SHARDED: frozenset[SourceKind] = frozenset({"kinesis", "dynamodb"})
"""Sources that are read shard by shard: they have tumbling windows, and windows of batches that
begin when the batch before is done."""

_RETRIES_WITH_DESTINATION = 10
_BATCH_SIZE = 100
_LAST_SECOND = 253_402_300_799  # of the year 9999, in seconds since 1970
# Enough for a quick handler to go on while a commit is on its way.
_UNCOMMITTED_RECORDS = 5_000
_LEAST_UNCOMMITTED_BATCHES = 10


class MappingSettings(SchemaSettings, frozen=True, kw_only=True):
    """How records come from the stream to the function. Every field is a variable and a flag.

    Attributes:
        batch_size: The most records in one invocation. Unless it is set: 100, and 10 for SQS, as on
            AWS.
        maximum_batching_window_in_seconds: How long a batch may wait to fill, counted from its
            first record. Unless it is set: 0.5 s for Kafka and 0 for the others, as on AWS.
        starting_position: Where to begin if nothing was committed yet: with the oldest record
            (TRIM_HORIZON), with the next new one (LATEST) or at a time (AT_TIMESTAMP).
        starting_position_timestamp: The time to begin at, in seconds since 1970. It goes with the
            starting position AT_TIMESTAMP.
        parallelization_factor: How many batches of one partition or shard may be in work at once.
            Records with the same key stay in order.
        maximum_retry_attempts: How often a failed record is tried again, before it is given up.
            With -1 there is no limit, except that a record from Kafka is given up after 10 retries
            if there is a place for it, as on AWS. Unless it is set: 10 if there is an on-failure or
            a dead-letter URL, without a limit otherwise.
        maximum_record_age_in_seconds: The age at which a record is given up. With -1 there is no
            limit.
        function_timeout_seconds: How long one invocation may take. The function sees it as its
            deadline. With a timeout, a function in this process runs in child processes, so that it
            can be ended.
        function_concurrency: How many invocations may run at once, over all partitions. It is at
            least the parallelization factor. Above 1 the worker must be safe to call from several
            threads.
        processes: How many processes read, as members of the consumer group or as consumers of the
            queue, for functions that need more than one processor core (Kafka and SQS). One
            supervisor starts, stops and replaces them, and tells of all of them together. Each has
            its own worker, and its own limits of concurrency and memory.
        invoke: What the function is given: the records themselves (records), or the event that AWS
            Lambda would send (event).
        uncommitted_batches: How many batches of one partition may be delivered before the first of
            them is committed. This number times the batch size and the parallelization factor is
            the most that a crash can deliver twice, for each partition. Usually it is far less:
            what is done is committed within moments. With 1, each batch waits for the one before.
            Unless it is set: as many as make 5,000 records, and at least 10.
        records_ahead: How many records of a partition may be delivered beyond one that fails and is
            tried again. It holds back only the records with its own key, but the committed position
            stays before it: so many records a crash can deliver twice then. A record that fails for
            longer stops its partition there.
        order: What waits while a record that failed is tried again: later records of its key (key),
            or all that come after its batch in their partition or shard (partition), as on AWS.
        report_batch_item_failures: Whether a partial response is understood: the function names the
            records of a batch that failed, and the others are done.
        on_failure_url: The sink for records that are given up, as a URL such as file:failed.jsonl
            or kafka:///failures. Unless it is set, they go to the dead-letter URL.
        dead_letter_url: The sink for rejected records, as a URL such as file:dead.jsonl or
            sqs://queue. Records that are given up go there, too, unless there is an on-failure URL.
        bisect_batch_on_function_error: Whether a batch that failed is split in two before it is
            tried again. With a partial response it is split at the first record that failed.
        filter_criteria: Event patterns, as a JSON array. A record that matches none of them is
            skipped.
        tumbling_window_in_seconds: Aggregate over windows of this length (Kinesis and DynamoDB
            only). With 0 there are no windows.
        function: Where the function is, if it is not in this process: the URL of a runtime
            interface, or the name or ARN of a Lambda function.
        http_port: The port at which health, readiness and metrics are served. Unless it is set,
            they are not served.
        http_page: Whether that port also shows a page for people: rates, lag, retries and the last
            dead letters with their reasons, which may quote records. With HEADRACE_API_KEY, whoever
            looks must know the key.
        http_produce: Whether the page may write test messages to what is read. Whoever can reach
            the port, and knows the key if there is one, then can.
        retry_backoff_seconds: How long to wait before the first retry. The wait doubles with each
            further one.
        retry_backoff_max_seconds: The longest wait between two attempts. A record that fails while
            others succeed waits at most one second, if its attempts are limited.
        drain_timeout_seconds: How long to wait for running invocations when the runner stops or
            loses a partition.
        log_level: The least severe messages that are logged.
    """

    batch_size: Annotated[int, Meta(ge=1, le=10_000)] | None = None
    maximum_batching_window_in_seconds: Annotated[float, Meta(ge=0, le=300)] | None = None
    starting_position: Literal["TRIM_HORIZON", "LATEST", "AT_TIMESTAMP"] = "TRIM_HORIZON"
    starting_position_timestamp: Annotated[float, Meta(ge=0, le=_LAST_SECOND)] | None = None
    parallelization_factor: Annotated[int, Meta(ge=1, le=1_000)] = 1
    maximum_retry_attempts: Annotated[int, Meta(ge=-1, le=10_000)] | None = None
    maximum_record_age_in_seconds: Annotated[int, Meta(ge=-1, le=604_800)] = -1
    function_timeout_seconds: Annotated[float, Meta(gt=0)] | None = None
    function_concurrency: Annotated[int, Meta(ge=1, le=1_000)] = 1
    processes: Annotated[int, Meta(ge=1, le=1_000)] = 1
    invoke: Literal["records", "event"] = "records"
    uncommitted_batches: Annotated[int, Meta(ge=1)] | None = None
    records_ahead: Annotated[int, Meta(ge=1)] = 10_000
    order: Literal["key", "partition"] = "key"
    report_batch_item_failures: bool = False
    bisect_batch_on_function_error: bool = False
    filter_criteria: str | None = None
    tumbling_window_in_seconds: Annotated[int, Meta(ge=0, le=900)] = 0
    function: str | None = None
    http_port: Annotated[int, Meta(ge=0, le=65_535)] | None = None
    http_page: bool = False
    http_produce: bool = False
    on_failure_url: str | None = None
    dead_letter_url: str | None = None
    retry_backoff_seconds: Annotated[float, Meta(gt=0)] = 0.1
    retry_backoff_max_seconds: Annotated[float, Meta(gt=0)] = 30.0
    drain_timeout_seconds: Annotated[float, Meta(ge=0)] = 20.0
    log_level: LogLevel = "INFO"

    @property
    def destination_url(self) -> str | None:
        """Return where records go that are given up."""
        return self.on_failure_url or self.dead_letter_url

    @property
    def records_per_batch(self) -> int:
        """Return the most records of a stream in one invocation."""
        return self.batch_size or _BATCH_SIZE

    @property
    def uncommitted_records(self) -> int:
        """Return how many records of a partition may be delivered beyond its committed position."""
        at_once = self.records_per_batch * self.parallelization_factor
        enough = max(_UNCOMMITTED_RECORDS // at_once, _LEAST_UNCOMMITTED_BATCHES)
        return (self.uncommitted_batches or enough) * at_once

    def retries(self, source: SourceKind) -> int:
        """Return how often a failed record of a source is tried again; -1 is without end."""
        given = self.maximum_retry_attempts
        if given is None or (given == -1 and source == "kafka"):
            return -1 if self.destination_url is None else _RETRIES_WITH_DESTINATION
        return given

    def gives_up(self, source: SourceKind) -> bool:
        """Return whether a record can be given up at all."""
        return self.retries(source) >= 0 or self.maximum_record_age_in_seconds >= 0

    def check(self) -> None:
        """Refuse settings that contradict each other. Raises SettingsError."""
        self.check_schemas()
        if 0 <= self.maximum_record_age_in_seconds < 60:
            raise SettingsError("HEADRACE_MAXIMUM_RECORD_AGE_IN_SECONDS must be -1 or at least 60")
        if (self.starting_position == "AT_TIMESTAMP") != (
            self.starting_position_timestamp is not None
        ):
            raise SettingsError(
                "HEADRACE_STARTING_POSITION=AT_TIMESTAMP and"
                " HEADRACE_STARTING_POSITION_TIMESTAMP go together"
            )
        if self.retry_backoff_seconds > self.retry_backoff_max_seconds:
            raise SettingsError(
                "HEADRACE_RETRY_BACKOFF_SECONDS is more than HEADRACE_RETRY_BACKOFF_MAX_SECONDS"
            )
        if self.http_page and self.http_port is None:
            raise SettingsError("HEADRACE_HTTP_PAGE needs HEADRACE_HTTP_PORT")
        if self.http_produce and not self.http_page:
            raise SettingsError("HEADRACE_HTTP_PRODUCE needs HEADRACE_HTTP_PAGE")
        if self.tumbling_window_in_seconds and self.parallelization_factor > 1:
            raise SettingsError(
                "HEADRACE_TUMBLING_WINDOW_IN_SECONDS and HEADRACE_PARALLELIZATION_FACTOR do not"
                " go together: a window's invocations follow each other"
            )
        limits = (self.maximum_retry_attempts, self.maximum_record_age_in_seconds)
        if max(limit for limit in limits if limit is not None) >= 0 and not self.destination_url:
            raise SettingsError(
                "HEADRACE_MAXIMUM_RETRY_ATTEMPTS and HEADRACE_MAXIMUM_RECORD_AGE_IN_SECONDS need"
                " HEADRACE_ON_FAILURE_URL or HEADRACE_DEAD_LETTER_URL: a record that is given up"
                " must go somewhere"
            )

    def check_source(self, source: SourceKind) -> None:
        """Refuse settings that a source does not know. Raises SettingsError."""
        if source not in SHARDED and self.tumbling_window_in_seconds:
            raise SettingsError("HEADRACE_TUMBLING_WINDOW_IN_SECONDS is for Kinesis and DynamoDB")
        if source in SHARDED and self.processes > 1:
            raise SettingsError("HEADRACE_PROCESSES is for Kafka and SQS, which share work out")
        if source != "kafka" and self.event_record_format is not None:
            raise SettingsError("HEADRACE_EVENT_RECORD_FORMAT is for Kafka")
        if source == "dynamodb" and self.starting_position == "AT_TIMESTAMP":
            raise SettingsError(
                "HEADRACE_STARTING_POSITION: a table's stream begins at TRIM_HORIZON or LATEST"
            )
