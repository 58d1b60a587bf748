"""What the runner has done so far, for a progress line, a table or a metrics page."""

import threading

import msgspec


class Snapshot(msgspec.Struct, frozen=True):
    """Counts of records since the start.

    Attributes:
        polled: taken from the source.
        done: processed by the handler.
        retried: delivered once more.
        dead_lettered: rejected by the worker or given up, and acknowledged as a dead letter.
        committed: behind the committed position.
        lag: for each partition or shard, the records (Kafka) or milliseconds (Kinesis) it is
            behind the end of the stream.
    """

    polled: int
    done: int
    retried: int
    dead_lettered: int
    committed: int
    lag: dict[str, int]


class Stats:
    """Counts from several threads, once for each batch."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts = dict.fromkeys(("polled", "done", "retried", "dead_lettered", "committed"), 0)
        self._lag: dict[str, int] = {}

    def add(self, **counts: int) -> None:
        """Add to counts by name."""
        with self._lock:
            for name, count in counts.items():
                self._counts[name] += count

    def set_lag(self, lag: dict[str, int]) -> None:
        """Replace the lag of all lanes."""
        with self._lock:
            self._lag = lag

    def snapshot(self) -> Snapshot:
        """All counts at one moment."""
        with self._lock:
            return Snapshot(lag=dict(self._lag), **self._counts)
