"""What an event source mapping is told, in the names and the ranges of AWS Lambda."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from headrace.errors import SettingsError


class MappingSettings(msgspec.Struct, frozen=True, kw_only=True):
    """How records come from the stream to the function. Every field is a variable and a flag.

    Attributes:
        batch_size: the most records of one invocation.
        maximum_batching_window_in_seconds: how long a batch may wait to fill, counted from its
            first record; None is the service's default (0.5 s for Kafka, 0 for Kinesis).
        starting_position: where to begin when nothing was committed yet.
        starting_position_timestamp: seconds since the epoch, for AT_TIMESTAMP.
        parallelization_factor: how many batches of one partition or shard may be in work at once;
            records of one key stay in order.
        maximum_retry_attempts: how often a failed record is tried again; -1 is without end.
        maximum_record_age_in_seconds: the age at which a record is given up; -1 is never.
        function_timeout_seconds: the time of one invocation, given to the handler as its deadline.
            A function in this process is then hosted in child processes, to be ended when it
            takes longer.
        function_concurrency: how many invocations may run at once, of partitions and of their
            parts; at least `parallelization_factor`.
            Above 1 the worker must be safe to call from several threads.
        invoke: hand over the records themselves, or the service's event ("event").
        uncommitted_batches: how many batches of one partition may be out before the first of them
            is committed. This times `batch_size` and `parallelization_factor` is the most that a
            crash can deliver twice, for each partition. A slow handler stays far below: what is
            done is committed within moments. With 1, each batch waits for the one before.
        report_batch_item_failures: whether a partial response is read, on the event path.
        on_failure_url: where records go that are given up; None: to `dead_letter_url`.
        dead_letter_url: the worker's own dead-letter sink.
        bisect_batch_on_function_error: split a batch that failed as a whole, instead of retrying
            it whole; with a partial response it splits there.
        filter_criteria: event patterns, as a JSON array; a record that matches none is skipped.
        tumbling_window_in_seconds: aggregate over windows of this length; 0 is without.
        function: where the function is, if not in this process: the URL of a runtime interface,
            or the name or ARN of a Lambda function.
        http_port: where health, readiness and metrics are served; None: nowhere.
        retry_backoff_seconds: the wait before the first retry; it doubles with each one.
        retry_backoff_max_seconds: the longest wait between two attempts.
        drain_timeout_seconds: how long a stop or a revocation waits for running invocations.
        log_level: DEBUG, INFO, WARNING or ERROR.
    """

    batch_size: Annotated[int, Meta(ge=1, le=10_000)] = 100
    maximum_batching_window_in_seconds: Annotated[float, Meta(ge=0, le=300)] | None = None
    starting_position: Literal["TRIM_HORIZON", "LATEST", "AT_TIMESTAMP"] = "TRIM_HORIZON"
    starting_position_timestamp: Annotated[float, Meta(ge=0)] | None = None
    parallelization_factor: Annotated[int, Meta(ge=1, le=1_000)] = 1
    maximum_retry_attempts: Annotated[int, Meta(ge=-1, le=10_000)] = -1
    maximum_record_age_in_seconds: Annotated[int, Meta(ge=-1, le=604_800)] = -1
    function_timeout_seconds: Annotated[float, Meta(gt=0)] | None = None
    function_concurrency: Annotated[int, Meta(ge=1)] = 1
    invoke: Literal["records", "event"] = "records"
    uncommitted_batches: Annotated[int, Meta(ge=1)] = 10
    report_batch_item_failures: bool = False
    bisect_batch_on_function_error: bool = False
    filter_criteria: str | None = None
    tumbling_window_in_seconds: Annotated[int, Meta(ge=0, le=900)] = 0
    function: str | None = None
    http_port: Annotated[int, Meta(ge=0, le=65_535)] | None = None
    on_failure_url: str | None = None
    dead_letter_url: str | None = None
    retry_backoff_seconds: Annotated[float, Meta(gt=0)] = 0.1
    retry_backoff_max_seconds: Annotated[float, Meta(gt=0)] = 30.0
    drain_timeout_seconds: Annotated[float, Meta(ge=0)] = 20.0
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    @property
    def destination_url(self) -> str | None:
        """Where records go that are given up."""
        return self.on_failure_url or self.dead_letter_url

    @property
    def gives_up(self) -> bool:
        """Whether a record can be given up at all."""
        return self.maximum_retry_attempts >= 0 or self.maximum_record_age_in_seconds >= 0

    def check(self) -> None:
        """Refuse settings that contradict each other. Raises SettingsError."""
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
        if self.tumbling_window_in_seconds and self.parallelization_factor > 1:
            raise SettingsError(
                "HEADRACE_TUMBLING_WINDOW_IN_SECONDS and HEADRACE_PARALLELIZATION_FACTOR do not"
                " go together: a window's invocations follow each other"
            )
        if self.gives_up and self.destination_url is None:
            raise SettingsError(
                "HEADRACE_MAXIMUM_RETRY_ATTEMPTS and HEADRACE_MAXIMUM_RECORD_AGE_IN_SECONDS need"
                " HEADRACE_ON_FAILURE_URL or HEADRACE_DEAD_LETTER_URL: a record that is given up"
                " must go somewhere"
            )
