"""When a record is given up."""

import time
from collections.abc import Callable

import msgspec

from headrace.errors import HeadraceError, message_of
from headrace.runner.dispatch.batch import Batch
from headrace.runner.protocol.payload import oversized


class GivenUp(HeadraceError):
    """Why a record goes to the failure destination; a subclass's name is the service's condition.

    Args:
        why: what limit was reached.
        invocations: how often the function was invoked with the record.
        last: what it failed with at last, if it was invoked.
    """

    def __init__(self, why: str, invocations: int = 0, last: Exception | None = None) -> None:
        end = "" if last is None else f"; last error: {type(last).__name__}: {message_of(last)}"
        super().__init__(why + end)
        self.invocations = invocations
        self.last = last


class RetryAttemptsExhausted(GivenUp):
    """The record failed more often than `maximum_retry_attempts` allows."""


class RecordAgeExceeded(GivenUp):
    """The record is older than `maximum_record_age_in_seconds`."""


class MaximumPayloadSizeExceeded(GivenUp):
    """The event of the record alone is larger than the service allows."""


class RetryLimits(msgspec.Struct, frozen=True):
    """How long to go on trying a record; -1 is without end.

    Attributes:
        retries: attempts after the first one.
        age_seconds: the age at which it is given up.
        now: tells the time, in seconds since the epoch.
    """

    retries: int
    age_seconds: int
    now: Callable[[], float] = time.time

    def unfit(self, batch: Batch) -> dict[int, GivenUp]:
        """Return open records to be given up before the next attempt: too old, or too large."""
        return self.too_old(batch) | _too_large(batch)

    def too_old(self, batch: Batch) -> dict[int, GivenUp]:
        """Return the open records past their age."""
        if self.age_seconds < 0:
            return {}
        oldest = (self.now() - self.age_seconds) * 1000
        why = f"older than {self.age_seconds} s"
        return {
            index: RecordAgeExceeded(why, batch.deliveries.get(index, 0), batch.errors.get(index))
            for index in batch.open
            if (written := batch.records[index].timestamp) is not None and written < oldest
        }

    def exhausted(self, batch: Batch) -> dict[int, GivenUp]:
        """Return the open records that have no attempt left; the first attempt is not a retry."""
        if self.retries < 0 or not batch.attempts:
            return {}
        still_open = set(batch.open)
        return {
            index: RetryAttemptsExhausted(
                f"{attempts} attempts", batch.deliveries.get(index, 0), batch.errors.get(index)
            )
            for index, attempts in batch.attempts.items()
            if attempts > self.retries and index in still_open
        }


def _too_large(batch: Batch) -> dict[int, GivenUp]:
    # Batches close at the limit (payload.fitting), so a record over it is alone in its batch.
    if len(batch.records) != 1 or not batch.open or not oversized(batch.records[0]):
        return {}
    return {0: MaximumPayloadSizeExceeded("its event is over 6 MB")}
