"""`runner-kafka`: records a second from a real Kafka, beside a bare loop and every framework.

All decode the same 1 kB JSON records, at least once, in a process of their own. Time runs from the
first record in hand until the last one is processed. `runner-kafka-typed` is a handler that decodes
into a type, and checks it on the way, beside the loop that decodes into a dictionary: into a type
of the whole record, and into one of the two fields that the handler uses.
"""

import tempfile
from pathlib import Path

from benchmarks.measurement import Measurement, more_is_better
from benchmarks.streams import (
    FRUGAL,
    PEERS,
    TUNED,
    TYPED,
    Runs,
    cost,
    make_topic,
    median,
    ours,
    produce,
    race,
)
from headrace.testing.brokers.apache_kafka import KafkaBroker

RECORDS = 200_000
PARTITIONS = 4
RUNS = 7
_OURS, _TYPED, _FRUGAL = "headrace", "headrace, typed", "headrace, typed, two fields"


def run() -> list[Measurement]:
    """Start a broker, fill a topic, let all read it by turns."""
    with tempfile.TemporaryDirectory() as folder, KafkaBroker(Path(folder)) as broker:
        topic = make_topic(broker.bootstrap, PARTITIONS)
        produce(broker.bootstrap, topic, RECORDS)
        contestants = {
            _OURS: ours(broker.bootstrap, topic, RECORDS),
            _TYPED: ours(broker.bootstrap, topic, RECORDS, handler=TYPED),
            _FRUGAL: ours(broker.bootstrap, topic, RECORDS, handler=FRUGAL),
            **PEERS,
        }
        runs = race(contestants, RUNS, bootstrap=broker.bootstrap, topic=topic, records=RECORDS)
    return [
        *(_beside(peer, runs) for peer in PEERS),
        _beside(TUNED, runs, ours=_TYPED, name="runner-kafka-typed, all fields"),
        _beside(TUNED, runs, ours=_FRUGAL, name="runner-kafka-typed, the fields that are used"),
    ]


def _beside(peer: str, runs: Runs, *, ours: str = _OURS, name: str = "runner-kafka") -> Measurement:
    return more_is_better(
        f"{name}: {peer}",
        "records/s",
        RECORDS / median(runs[ours], "wall"),
        RECORDS / median(runs[peer], "wall"),
        peer,
        RUNS,
        f"{RECORDS} records of 1 kB, {PARTITIONS} partitions; processor time"
        f" {cost(runs[ours], RECORDS):.1f} and {cost(runs[peer], RECORDS):.1f} µs a record",
    )
