"""`runner-concurrency`: a handler that waits 2 ms, 1,000 keys, 12 partitions.

Beside the peers, and beside the bound: so many waits at once as the concurrency limit admits, and
nothing else. A wait is as long as this machine makes it: the system wakes nobody in time.
"""

import statistics
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.measurement import Measurement, more_is_better
from benchmarks.streams import PEERS, make_topic, median, ours, produce, race
from headrace.testing.brokers.apache_kafka import KafkaBroker

RECORDS = 20_000  # so that the end, where few keys are left, is a small part
RECORDS_IN_TURN = 2_000  # for those that handle one record after the other
PARTITIONS = 12
WAIT_MS = 2.0
CONCURRENCY = 12
RUNS = 5
_OURS = "headrace"
_AT_ONCE = ("sentry-arroyo", "faust-streaming")
_FLAGS = (
    *("--parallelization-factor", str(CONCURRENCY), "--function-concurrency", str(CONCURRENCY)),
    *("--batch-size", "10", "--maximum-batching-window-in-seconds", "0"),
)


def run() -> list[Measurement]:
    """Start a broker, fill a topic for each kind of contestants, let them read it by turns."""
    with tempfile.TemporaryDirectory() as folder, KafkaBroker(Path(folder)) as broker:
        topic = make_topic(broker.bootstrap, PARTITIONS)
        at_once = {
            _OURS: ours(broker.bootstrap, topic, RECORDS, *_FLAGS),
            **{name: PEERS[name] for name in _AT_ONCE},
        }
        in_turn = {name: command for name, command in PEERS.items() if name not in _AT_ONCE}
        rates = _rates(broker.bootstrap, topic, RECORDS, at_once)
        other = make_topic(broker.bootstrap, PARTITIONS)
        rates |= _rates(broker.bootstrap, other, RECORDS_IN_TURN, in_turn)
    wait = _real_wait()
    rates["the bound"] = CONCURRENCY / wait
    note = (
        f"{RECORDS:,} records, 1,000 keys, {PARTITIONS} partitions, at most {CONCURRENCY} at once;"
        f" a wait of {WAIT_MS:g} ms takes {wait * 1000:.2f} ms here"
    )
    return [
        more_is_better(
            f"runner-concurrency: {peer}", "records/s", rates[_OURS], rate, peer, RUNS, note
        )
        for peer, rate in rates.items()
        if peer != _OURS
    ]


def _rates(
    bootstrap: str, topic: str, records: int, contestants: Mapping[str, Sequence[str]]
) -> dict[str, float]:
    """Records a second of each, by turns."""
    produce(bootstrap, topic, records)
    runs = race(
        contestants,
        RUNS,
        bootstrap=bootstrap,
        topic=topic,
        records=records,
        wait_ms=WAIT_MS,
        concurrency=CONCURRENCY,
    )
    return {name: records / median(taken, "wall") for name, taken in runs.items()}


def _real_wait() -> float:
    taken = []
    for _ in range(500):
        begun = time.perf_counter()
        time.sleep(WAIT_MS / 1000)
        taken.append(time.perf_counter() - begun)
    return statistics.median(taken)
