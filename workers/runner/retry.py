"""When a record is tried again, and when it is given up."""

import random
import time

import msgspec

from workers.errors import HeadraceError
from workers.runner.batch import Batch


class RetryAttemptsExhausted(HeadraceError):
    """The record failed more often than `maximum_retry_attempts` allows."""


class RecordAgeExceeded(HeadraceError):
    """The record is older than `maximum_record_age_in_seconds`."""


class Backoff(msgspec.Struct, frozen=True):
    """Exponential backoff with jitter. Times are seconds."""

    first: float
    longest: float

    def delay(self, tries: int) -> float:
        """The wait after `tries` attempts without progress: between half and all of the step."""
        step = min(self.longest, self.first * 2.0 ** min(tries - 1, 60))
        return step * random.uniform(0.5, 1)  # noqa: S311 - jitter, not a secret


class Limits(msgspec.Struct, frozen=True):
    """How long to go on trying; -1 is without end."""

    retries: int
    age_seconds: int

    def too_old(self, batch: Batch) -> dict[int, Exception]:
        """The open records past their age, to be checked before each attempt."""
        if self.age_seconds < 0:
            return {}
        oldest = time.time_ns() // 1_000_000 - self.age_seconds * 1000
        return {
            index: RecordAgeExceeded(f"older than {self.age_seconds} s{_last(batch, index)}")
            for index in batch.open
            if (written := batch.records[index].timestamp) is not None and written < oldest
        }

    def exhausted(self, batch: Batch) -> dict[int, Exception]:
        """The open records that have no attempt left; the first attempt is not a retry."""
        if self.retries < 0:
            return {}
        return {
            index: RetryAttemptsExhausted(f"{attempts} attempts{_last(batch, index)}")
            for index in batch.open
            if (attempts := batch.attempts[index]) > self.retries
        }


def _last(batch: Batch, index: int) -> str:
    error = batch.errors.get(index)
    return "" if error is None else f"; last error: {type(error).__name__}: {error}"
