"""What an event source mapping is told, in the names and the ranges of AWS Lambda."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from workers.errors import SettingsError


class MappingSettings(msgspec.Struct, frozen=True, kw_only=True):
    """How records come from the stream to the function. Every field is a variable and a flag.

    Attributes:
        batch_size: the most records of one invocation.
        maximum_batching_window_in_seconds: how long a batch may wait to fill, counted from its
            first record; None is the service's default (0.5 s for Kafka, 0 for Kinesis).
        starting_position: where to begin when nothing was committed yet.
        maximum_retry_attempts: how often a failed record is tried again; -1 is without end.
        maximum_record_age_in_seconds: the age at which a record is given up; -1 is never.
        function_timeout_seconds: the time of one invocation, given to the handler as its deadline.
        function_concurrency: how many invocations may run at once, each of another partition.
            Above 1 the worker must be safe to call from several threads.
        invoke: hand over the records themselves, or the service's event ("event").
        uncommitted_batches: how many batches of one partition may be out before the first of them
            is committed. This times `batch_size` is the most that a crash can deliver twice, for
            each partition. A slow handler stays far below: what is done is committed within
            moments. With 1, each batch waits for the commit of the one before.
        report_batch_item_failures: whether a partial response is read, on the event path.
        on_failure_url: where records go that are given up; None: to `dead_letter_url`.
        dead_letter_url: the worker's own dead-letter sink.
        retry_backoff_seconds: the wait before the first retry; it doubles with each one.
        retry_backoff_max_seconds: the longest wait between two attempts.
        drain_timeout_seconds: how long a stop or a revocation waits for running invocations.
        log_level: DEBUG, INFO, WARNING or ERROR.
    """

    batch_size: Annotated[int, Meta(ge=1, le=10_000)] = 100
    maximum_batching_window_in_seconds: Annotated[float, Meta(ge=0, le=300)] | None = None
    starting_position: Literal["TRIM_HORIZON", "LATEST"] = "TRIM_HORIZON"
    maximum_retry_attempts: Annotated[int, Meta(ge=-1, le=10_000)] = -1
    maximum_record_age_in_seconds: Annotated[int, Meta(ge=-1, le=604_800)] = -1
    function_timeout_seconds: Annotated[float, Meta(gt=0)] | None = None
    function_concurrency: Annotated[int, Meta(ge=1)] = 1
    invoke: Literal["records", "event"] = "records"
    uncommitted_batches: Annotated[int, Meta(ge=1)] = 10
    report_batch_item_failures: bool = False
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
            raise SettingsError("MAXIMUM_RECORD_AGE_IN_SECONDS must be -1 or at least 60")
        if self.gives_up and self.destination_url is None:
            raise SettingsError(
                "MAXIMUM_RETRY_ATTEMPTS and MAXIMUM_RECORD_AGE_IN_SECONDS need ON_FAILURE_URL or"
                " DEAD_LETTER_URL: a record that is given up must go somewhere"
            )
