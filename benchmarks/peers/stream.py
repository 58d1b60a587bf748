"""What every contestant of the stream benchmarks does with a record, and the clock of it.

Variables say what: the topic, how many records, how long the handler waits. Runs in the peers' own
environments, so it needs nothing but orjson.
"""

import asyncio
import itertools
import os
import resource
import sys
import time
from collections.abc import Mapping

import orjson

BOOTSTRAP = os.environ.get("STREAM_BOOTSTRAP", "")
TOPIC = os.environ.get("STREAM_TOPIC", "")
GROUP = os.environ.get("STREAM_GROUP", "")
RECORDS = int(os.environ.get("STREAM_RECORDS", "0"))
WAIT_SECONDS = float(os.environ.get("STREAM_WAIT_MS", "0")) / 1000
CONCURRENCY = int(os.environ.get("STREAM_CONCURRENCY", "1"))


class Job:
    """Decodes each record, waits where that is asked for, and tells the parent when all is done.

    Wall and processor time run from the first record in hand to the last one processed. A record
    that carries the time of its sending (seconds since the epoch, `sent`) is one of latency.
    """

    def __init__(self) -> None:
        self._count = itertools.count(1)
        self._begun: tuple[float, float] | None = None
        self._delays: list[float] = []

    def handle(self, value: bytes) -> bool:
        """Handle one record. Returns whether it was the last."""
        self._decode(value)
        if WAIT_SECONDS:
            time.sleep(WAIT_SECONDS)
        return self._done()

    async def handle_async(self, value: bytes) -> bool:
        """The same for a handler that waits without a thread."""
        self._decode(value)
        if WAIT_SECONDS:
            await asyncio.sleep(WAIT_SECONDS)
        return self._done()

    def _decode(self, value: bytes) -> None:
        if self._begun is None:
            self._begun = time.perf_counter(), time.process_time()
        sent = self._sent(value)
        if sent is not None:
            self._delays.append(time.time() - sent)

    def _sent(self, value: bytes) -> float | None:
        sent: float | None = orjson.loads(value).get("sent")
        return sent

    def _done(self) -> bool:
        if next(self._count) != RECORDS:
            return False
        # Some peers redirect `print`, or are in the middle of a line.
        print("\n" + self._figures(), file=sys.__stdout__, flush=True)
        return True

    def _figures(self) -> str:
        wall, processor = self._begun or (0.0, 0.0)
        delays = sorted(self._delays[len(self._delays) // 10 :]) or [0.0]  # without the warm-up
        figures = {
            "wall": time.perf_counter() - wall,
            "processor": time.process_time() - processor,
            "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
            "p50": delays[len(delays) // 2],
            "p99": delays[len(delays) * 99 // 100],
        }
        return orjson.dumps(figures).decode()


class StartedJob(Job):
    """The same, by a clock that runs from before the first request on: it counts reading, too."""

    def __init__(self) -> None:
        super().__init__()
        self._begun = time.perf_counter(), time.process_time()


class ItemJob(StartedJob):
    """The same for items of a table, as plain Python values."""

    def handle_item(self, item: Mapping[str, object]) -> bool:
        """Handle one item. Returns whether it was the last."""
        self._decode(b"")
        assert item["text"]
        return self._done()

    def _sent(self, value: bytes) -> float | None:
        del value  # nobody asks when it was sent
        return None
