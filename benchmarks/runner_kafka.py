"""`runner-kafka`: records a second from a real Kafka, beside a bare loop and every framework.

All decode the same 1 kB JSON records, at least once, in a process of their own. Time runs from the
first record in hand until the last one is processed.
"""

import tempfile
from pathlib import Path

from benchmarks.measurement import Measurement, more_is_better
from benchmarks.streams import PEERS, Runs, cost, make_topic, median, ours, produce, race
from headrace.testing.brokers.apache_kafka import KafkaBroker

RECORDS = 200_000
PARTITIONS = 4
RUNS = 3
_OURS = "headrace"


def run() -> list[Measurement]:
    """Start a broker, fill a topic, let all read it by turns."""
    with tempfile.TemporaryDirectory() as folder, KafkaBroker(Path(folder)) as broker:
        topic = make_topic(broker.bootstrap, PARTITIONS)
        produce(broker.bootstrap, topic, RECORDS)
        contestants = {_OURS: ours(broker.bootstrap, topic, RECORDS), **PEERS}
        runs = race(contestants, RUNS, bootstrap=broker.bootstrap, topic=topic, records=RECORDS)
    return [_beside(peer, runs) for peer in PEERS]


def _beside(peer: str, runs: Runs) -> Measurement:
    return more_is_better(
        f"runner-kafka: {peer}",
        "records/s",
        RECORDS / median(runs[_OURS], "wall"),
        RECORDS / median(runs[peer], "wall"),
        peer,
        RUNS,
        f"{RECORDS} records of 1 kB, {PARTITIONS} partitions; processor time"
        f" {cost(runs[_OURS], RECORDS):.1f} and {cost(runs[peer], RECORDS):.1f} µs a record",
    )
