"""What the runner has done so far, for a status view and for a metrics page."""

import threading
import time
from bisect import bisect_left
from collections.abc import Callable, Sequence
from operator import add
from typing import Annotated

import msgspec
from msgspec import Meta
from msgspec.structs import astuple

from headrace.runner.monitoring.recent import RecentDeadLetters

LIVE_SECONDS = 60.0
"""How long a source may go without a poll, beside the time of a drain."""

SECONDS = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 900.0)
"""Upper bounds of the buckets that invocations are counted in by their time."""


def _count(name: str, description: str) -> Meta:
    return Meta(title=name, description=description)


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """Counts of records. Each has its name on the metrics page, and what it says there.

    Attributes:
        polled: taken from the source.
        filtered_out: matched no filter pattern, and never came to the handler.
        invoked: handed to the handler; a retried record counts each time.
        failed: of these, not done when the invocation was over.
        done: processed by the handler.
        retried: delivered once more.
        dropped: given up without having gone to a failure destination.
        dead_lettered: rejected by the worker or given up, and acknowledged as a dead letter.
        delivered_to_destination: of these, given up by the mapping.
        committed: behind the committed position.
        lost: gone from the source before they were read.
    """

    polled: Annotated[int, _count("PolledEventCount", "Records taken from the source.")] = 0
    filtered_out: Annotated[
        int, _count("FilteredOutEventCount", "Records that matched no filter pattern.")
    ] = 0
    invoked: Annotated[
        int,
        _count("InvokedEventCount", "Records handed to the function; each retry counts again."),
    ] = 0
    failed: Annotated[
        int, _count("FailedInvokeEventCount", "Records that an invocation left undone.")
    ] = 0
    dropped: Annotated[
        int, _count("DroppedEventCount", "Records given up without a failure destination.")
    ] = 0
    delivered_to_destination: Annotated[
        int,
        _count(
            "OnFailureDestinationDeliveredEventCount",
            "Records given up, and acknowledged by the failure destination.",
        ),
    ] = 0
    committed: Annotated[
        int, _count("CommittedEventCount", "Records behind the committed position.")
    ] = 0
    done: Annotated[
        int, _count("headrace_records_done", "Records that the function processed.")
    ] = 0
    retried: Annotated[int, _count("headrace_records_retried", "Records delivered once more.")] = 0
    dead_lettered: Annotated[
        int, _count("headrace_records_dead_lettered", "Records acknowledged as dead letters.")
    ] = 0
    lost: Annotated[
        int,
        _count("headrace_records_lost", "Records gone from the source before they were read."),
    ] = 0


class PartitionStatus(msgspec.Struct, frozen=True, kw_only=True):
    """Where one partition or shard stands, since its assignment.

    Attributes:
        name: as in logs and events: `topic-0`, or the shard's id.
        buffered: records that wait to be taken, again or for the first time.
        parked: of these, records that failed, and those that wait behind one with their key.
        in_flight: records that the handler has.
        in_flight_since: when it got the oldest of them, on `time.monotonic()`; None: it has none.
        committed: records behind the committed position.
        tries: how often what is retried failed, of the record or batch that failed most often; 0 if
            nothing is being retried.
    """

    name: str
    buffered: int = 0
    parked: int = 0
    in_flight: int = 0
    in_flight_since: float | None = None
    committed: int = 0
    tries: int = 0


class Snapshot(Counts, frozen=True, kw_only=True):
    """Counts of records since the start, and where the partitions stand now.

    Attributes:
        lag: records behind the end of each partition, as of the last measurement.
        age: milliseconds behind the end of each shard, as of the last read.
        partitions: the partitions or shards that are assigned.
        seconds: how many invocations took up to each of `SECONDS`, and longer than the last.
        seconds_sum: the time of all invocations together.
        poll_age: seconds since the source was last polled, or else since the start.
    """

    lag: dict[str, int]
    age: dict[str, int]
    partitions: Sequence[PartitionStatus]
    seconds: tuple[int, ...]
    seconds_sum: float
    poll_age: float

    @property
    def oldest(self) -> float:
        """Return for how many seconds the oldest invocation has been running; 0 if none is."""
        since = (p.in_flight_since for p in self.partitions if p.in_flight_since is not None)
        now = time.monotonic()
        return max((now - begun for begun in since), default=0.0)


class Stats:
    """Counts from several threads, once for each batch.

    Attributes:
        dead_letters: the last ones, and why they are.
    """

    def __init__(self) -> None:
        self.dead_letters = RecentDeadLetters()
        self._lock = threading.Lock()
        self._counts: Sequence[int] = astuple(Counts())
        self._seconds = [0] * (len(SECONDS) + 1)
        self._seconds_sum = 0.0
        self._lag: dict[str, int] = {}
        self._age: dict[str, int] = {}
        self._polled_at = time.monotonic()
        self._partitions: Callable[[], Sequence[PartitionStatus]] = tuple

    def add(self, counts: Counts, seconds: float | None = None) -> None:
        """Add to the counts; and the time of one invocation, if there was one."""
        with self._lock:
            self._counts = [*map(add, self._counts, astuple(counts))]
            if seconds is not None:
                self._seconds[bisect_left(SECONDS, seconds)] += 1
                self._seconds_sum += seconds

    def beat(self) -> None:
        """Note that the source is being polled: it shows that the runner is alive."""
        self._polled_at = time.monotonic()

    def watch(self, partitions: Callable[[], Sequence[PartitionStatus]]) -> None:
        """Ask for the partitions here at each snapshot; called from any thread."""
        self._partitions = partitions

    def set_lag(self, lag: dict[str, int]) -> None:
        """Replace the lag of all partitions, in records."""
        with self._lock:
            self._lag = lag

    def set_age(self, age: dict[str, int]) -> None:
        """Replace the age of all shards' iterators, in milliseconds."""
        with self._lock:
            self._age = age

    def poll_age(self) -> float:
        """Return the seconds since the source was last polled, or else since the start."""
        return time.monotonic() - self._polled_at

    def is_live(self, drain_seconds: float) -> bool:
        """Return whether the source is still polled; a drain of so many seconds is no hanging."""
        return self.poll_age() < LIVE_SECONDS + drain_seconds

    def snapshot(self) -> Snapshot:
        """Return all counts at one moment."""
        partitions = self._partitions()
        with self._lock:
            return Snapshot(
                lag=dict(self._lag),
                age=dict(self._age),
                partitions=partitions,
                seconds=tuple(self._seconds),
                seconds_sum=self._seconds_sum,
                poll_age=self.poll_age(),
                **dict(zip(Counts.__struct_fields__, self._counts, strict=True)),
            )
