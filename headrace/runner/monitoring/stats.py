"""What the runner has done so far, for a status view and for a metrics page."""

import threading
import time
from bisect import bisect_left
from collections.abc import Callable, Sequence

import msgspec

SECONDS = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 900.0)
"""Upper bounds of the buckets that invocations are counted in by their time."""

_COUNTS = (
    "polled",
    "filtered_out",
    "invoked",
    "failed",
    "done",
    "retried",
    "dropped",
    "dead_lettered",
    "delivered_to_destination",
    "committed",
    "lost",
)


class LaneStatus(msgspec.Struct, frozen=True, kw_only=True):
    """Where one partition or shard stands, since its assignment.

    Attributes:
        name: as in logs and events: `topic-0`, or the shard's id.
        buffered: records that wait to be taken.
        in_flight: records that the handler has.
        in_flight_since: when it got the oldest of them, on `time.monotonic()`; None: it has none.
        committed: records behind the committed position.
        tries: attempts in a row that left something open; 0 where nothing is being retried.
    """

    name: str
    buffered: int = 0
    in_flight: int = 0
    in_flight_since: float | None = None
    committed: int = 0
    tries: int = 0


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    """Counts of records since the start, and where the lanes stand now.

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
        lag: records behind the end of each partition, as of the last measurement.
        age: milliseconds behind the end of each shard, as of the last read.
        lanes: the partitions or shards that are assigned.
        seconds: how many invocations took up to each of `SECONDS`, and longer than the last.
        seconds_sum: the time of all invocations together.
        poll_age: seconds since the source was last polled, or else since the start.
    """

    polled: int
    filtered_out: int
    invoked: int
    failed: int
    done: int
    retried: int
    dropped: int
    dead_lettered: int
    delivered_to_destination: int
    committed: int
    lost: int
    lag: dict[str, int]
    age: dict[str, int]
    lanes: Sequence[LaneStatus]
    seconds: tuple[int, ...]
    seconds_sum: float
    poll_age: float

    @property
    def oldest(self) -> float:
        """For how many seconds the oldest invocation has been running; 0 where none is."""
        since = (lane.in_flight_since for lane in self.lanes if lane.in_flight_since is not None)
        now = time.monotonic()
        return max((now - begun for begun in since), default=0.0)


class Stats:
    """Counts from several threads, once for each batch."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts = dict.fromkeys(_COUNTS, 0)
        self._seconds = [0] * (len(SECONDS) + 1)
        self._seconds_sum = 0.0
        self._lag: dict[str, int] = {}
        self._age: dict[str, int] = {}
        self._polled_at = time.monotonic()
        self._lanes: Callable[[], Sequence[LaneStatus]] = tuple

    def add(self, *, seconds: float | None = None, **counts: int) -> None:
        """Add to counts by the names of `Snapshot`.

        Args:
            seconds: the time of one invocation, if there was one.
            counts: records by name. KeyError where `Snapshot` has no such count.
        """
        with self._lock:
            for name, count in counts.items():
                self._counts[name] += count
            if seconds is not None:
                self._seconds[bisect_left(SECONDS, seconds)] += 1
                self._seconds_sum += seconds

    def beat(self) -> None:
        """Note that the source is being polled: it shows that the runner is alive."""
        self._polled_at = time.monotonic()

    def watch(self, lanes: Callable[[], Sequence[LaneStatus]]) -> None:
        """Ask for the lanes here at each snapshot; called from any thread."""
        self._lanes = lanes

    def set_lag(self, lag: dict[str, int]) -> None:
        """Replace the lag of all partitions, in records."""
        with self._lock:
            self._lag = lag

    def set_age(self, age: dict[str, int]) -> None:
        """Replace the age of all shards' iterators, in milliseconds."""
        with self._lock:
            self._age = age

    def poll_age(self) -> float:
        """Seconds since the source was last polled, or else since the start."""
        return time.monotonic() - self._polled_at

    def snapshot(self) -> Snapshot:
        """All counts at one moment."""
        lanes = self._lanes()
        with self._lock:
            return Snapshot(
                lag=dict(self._lag),
                age=dict(self._age),
                lanes=lanes,
                seconds=tuple(self._seconds),
                seconds_sum=self._seconds_sum,
                poll_age=self.poll_age(),
                **self._counts,
            )
