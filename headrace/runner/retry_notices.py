"""What is said of records that are tried again and again: at once, then at growing distances."""

import time
from collections.abc import Callable

from headrace.errors import NotDone, summary_of
from headrace.growing_distances import GrowingDistances
from headrace.log import Log
from headrace.runner.dispatch.obstacle import Obstacle
from headrace.runner.settings import MappingSettings, SourceKind

_NOT_COUNTED = "once it can be attempted: this was no attempt"


class RetryNotices:
    """Tells of each partition which record holds it up, how often, and what would end it.

    Args:
        ends: what would end it: the settings in words (see `what_ends`).
        log: takes the lines.
        clock: tells the time, in seconds.
    """

    def __init__(self, ends: str, log: Log, clock: Callable[[], float] = time.monotonic) -> None:
        self._ends = ends
        self._log = log
        self._distances = GrowingDistances(clock)

    def note(self, partition: str, obstacle: Obstacle | None) -> None:
        """Take in what holds a partition up after an attempt; None: nothing does."""
        if obstacle is None:
            self._distances.end(partition)
        elif self._distances.is_due(partition):
            self._write(partition, obstacle)

    def _write(self, partition: str, obstacle: Obstacle) -> None:
        write, message = self._log.warning, "record is tried again"
        if obstacle.stands_still:
            write, message = self._log.error, "partition stands still: a record is tried again"
        write(
            message,
            partition=partition,
            record=obstacle.record,
            failed=obstacle.tries,
            error=_described(obstacle.error),
            waiting=obstacle.waiting,
            ends=_NOT_COUNTED if isinstance(obstacle.error, NotDone) else self._ends,
        )


def _described(error: Exception | None) -> str | None:
    return None if error is None else summary_of(error)[:500]


def what_ends(settings: MappingSettings, source: SourceKind) -> str:
    """Return what ends the attempts at a record that always fails, in words."""
    ends = []
    retries, age = settings.retries(source), settings.maximum_record_age_in_seconds
    if retries >= 0:
        ends.append(f"after {retries} retries (HEADRACE_MAXIMUM_RETRY_ATTEMPTS)")
    if age >= 0:
        ends.append(f"at an age of {age} s (HEADRACE_MAXIMUM_RECORD_AGE_IN_SECONDS)")
    if ends:
        return " or ".join(ends)
    if settings.destination_url is None:
        return "never; HEADRACE_DEAD_LETTER_URL ends it after 10 retries"
    return "never; HEADRACE_MAXIMUM_RETRY_ATTEMPTS ends it"
