"""`runner-async`: a handler that awaits 20 ms, 1,000 keys, 1,000 at once, one partition.

Beside the peers, and beside the bound: an event loop with 1,000 tasks that wait as often, and
nothing else. Each key is in order, and a position is committed after the records before it.
"""

import asyncio
import tempfile
import time
from pathlib import Path

from benchmarks.measurement import Measurement, more_is_better
from benchmarks.streams import (
    AWAITING,
    FASTSTREAM_AT_ONCE,
    PEERS,
    make_topic,
    median,
    ours,
    produce,
    race,
)
from headrace.testing.brokers.apache_kafka import KafkaBroker

RECORDS = 50_000
WAIT_MS = 20.0
AT_ONCE = 1_000
RUNS = 5
_OURS = "headrace"
_FLAGS = (
    *("--worker-concurrency", str(AT_ONCE), "--batch-size", "10000"),
    # Else the end of each batch, where ever fewer keys are left, would hold up the next one.
    *("--parallelization-factor", "10", "--maximum-batching-window-in-seconds", "0"),
)


def run() -> list[Measurement]:
    """Start a broker, fill a topic, let all read it by turns."""
    with tempfile.TemporaryDirectory() as folder, KafkaBroker(Path(folder)) as broker:
        topic = make_topic(broker.bootstrap, 1)
        produce(broker.bootstrap, topic, RECORDS, keys=AT_ONCE)
        contestants = {
            _OURS: ours(broker.bootstrap, topic, RECORDS, *_FLAGS, handler=AWAITING),
            "FastStream, acknowledged before it is handled": FASTSTREAM_AT_ONCE,
            "faust-streaming": PEERS["faust-streaming"],
        }
        runs = race(
            contestants,
            RUNS,
            bootstrap=broker.bootstrap,
            topic=topic,
            records=RECORDS,
            wait_ms=WAIT_MS,
            concurrency=AT_ONCE,
        )
    rates = {name: RECORDS / median(taken, "wall") for name, taken in runs.items()}
    rates["the bound"] = RECORDS / min(asyncio.run(_waits()) for _ in range(RUNS))
    note = (
        f"{RECORDS:,} records, {AT_ONCE:,} keys, 1 partition, at most {AT_ONCE:,} at once;"
        f" one after the other would be {1000 / WAIT_MS:.0f} records/s"
    )
    return [
        more_is_better(f"runner-async: {peer}", "records/s", rates[_OURS], rate, peer, RUNS, note)
        for peer, rate in rates.items()
        if peer != _OURS
    ]


async def _waits() -> float:
    """Seconds that as many waits take, 1,000 at once, if nothing else is done."""

    async def wait() -> None:
        for _ in range(RECORDS // AT_ONCE):
            await asyncio.sleep(WAIT_MS / 1000)

    begun = time.perf_counter()
    await asyncio.gather(*(wait() for _ in range(AT_ONCE)))
    return time.perf_counter() - begun
