"""When a record is given up."""

import time
from collections.abc import Callable, Iterator

import msgspec

from headrace.errors import HeadraceError, message_of
from headrace.runner.dispatch.batch import Batch
from headrace.runner.dispatch.history import History
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


class UnreadableRecord(GivenUp):
    """A part of the record cannot be read, such as the name of a header that is not UTF-8."""


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

    def unfit(self, batch: Batch) -> Iterator[tuple[int, GivenUp]]:
        """Yield open records to be given up before the next attempt: too old, or too large."""
        if self.age_seconds >= 0:
            yield from self._too_old(batch)
        # Batches close at the limit (payload.fitting): a record over it is alone in its batch.
        if len(batch.records) == 1 and batch.open and oversized(batch.records[0]):
            yield 0, MaximumPayloadSizeExceeded("its event is over 6 MB")

    def exhausted(self, batch: Batch) -> Iterator[tuple[int, GivenUp]]:
        """Yield the records that have no attempt left; the first attempt is not a retry."""
        if not batch.histories:
            return
        for index in (*batch.open, *batch.aside):
            known = batch.known(index)
            if known is None or known.given_up is not None:
                continue
            if isinstance(known.error, GivenUp):  # no further attempt would change it
                yield index, known.error
            elif 0 <= self.retries < known.failures:
                why = f"{known.failures} attempts"
                yield index, RetryAttemptsExhausted(why, known.invocations, known.error)

    def _too_old(self, batch: Batch) -> Iterator[tuple[int, GivenUp]]:
        oldest = (self.now() - self.age_seconds) * 1000
        why = f"older than {self.age_seconds} s"
        for index in batch.open:
            written = batch.records[index].timestamp
            if written is not None and written < oldest:
                known = batch.known(index) or History()
                # The service says 1, too, of a record that was never tried.
                yield index, RecordAgeExceeded(why, known.invocations or 1, known.error)
