"""`runner-concurrency`: a handler that waits 2 ms, 1,000 keys, 12 partitions.

Beside the peers, and beside the bound: so many waits at once as the concurrency limit admits, and
nothing else. A wait is as long as this machine makes it: the system wakes nobody in time.
"""

import statistics
import tempfile
import time
from pathlib import Path

from benchmarks.measurement import Measurement, more_is_better
from benchmarks.streams import PEERS, make_topic, median, ours, produce, race
from headrace.testing.brokers.apache_kafka import KafkaBroker

RECORDS = 5_000
PARTITIONS = 12
WAIT_MS = 2.0
CONCURRENCY = 12
RUNS = 3
_OURS = "headrace"
_FLAGS = (
    *("--parallelization-factor", str(CONCURRENCY), "--function-concurrency", str(CONCURRENCY)),
    *("--batch-size", "10", "--maximum-batching-window-in-seconds", "0"),
)


def run() -> list[Measurement]:
    """Start a broker, fill a topic, let all read it by turns."""
    with tempfile.TemporaryDirectory() as folder, KafkaBroker(Path(folder)) as broker:
        topic = make_topic(broker.bootstrap, PARTITIONS)
        produce(broker.bootstrap, topic, RECORDS)
        contestants = {_OURS: ours(broker.bootstrap, topic, RECORDS, *_FLAGS), **PEERS}
        runs = race(
            contestants,
            RUNS,
            bootstrap=broker.bootstrap,
            topic=topic,
            records=RECORDS,
            wait_ms=WAIT_MS,
            concurrency=CONCURRENCY,
        )
    rates = {name: RECORDS / median(taken, "wall") for name, taken in runs.items()}
    wait = _real_wait()
    rates["the bound"] = CONCURRENCY / wait
    note = (
        f"{RECORDS} records, 1,000 keys, {PARTITIONS} partitions, at most {CONCURRENCY} at once;"
        f" a wait of {WAIT_MS:g} ms takes {wait * 1000:.2f} ms here"
    )
    return [
        more_is_better(
            f"runner-concurrency: {peer}", "records/s", rates[_OURS], rate, peer, RUNS, note
        )
        for peer, rate in rates.items()
        if peer != _OURS
    ]


def _real_wait() -> float:
    taken = []
    for _ in range(500):
        begun = time.perf_counter()
        time.sleep(WAIT_MS / 1000)
        taken.append(time.perf_counter() - begun)
    return statistics.median(taken)
