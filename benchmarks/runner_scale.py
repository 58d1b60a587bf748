"""`runner-backlog` and `runner-partitions`: memory and cost as what waits grows."""

import tempfile
from pathlib import Path

from benchmarks.measurement import Measurement, less_is_better, more_is_better
from benchmarks.streams import PEERS, TUNED, cost, make_topic, median, ours, produce, race
from headrace.testing.brokers.apache_kafka import KafkaBroker

BACKLOGS = (100_000, 1_000_000)
PARTITIONS = (1, 12, 120, 1000)
RECORDS = 200_000
RUNS = 7
_OURS = "headrace"
_BARE = "bare confluent_kafka loop"


def run() -> list[Measurement]:
    """Start a broker; race on a growing backlog, then on a growing number of partitions."""
    with tempfile.TemporaryDirectory() as folder, KafkaBroker(Path(folder)) as broker:
        return [
            *(_backlog(broker.bootstrap, records) for records in BACKLOGS),
            *(one for number in PARTITIONS for one in _partitions(broker.bootstrap, number)),
        ]


def _backlog(bootstrap: str, records: int) -> Measurement:
    runs = _race(bootstrap, 12, records, 1)
    return less_is_better(
        f"runner-backlog: {records:,} records",
        "MB",
        median(runs[_OURS], "megabytes"),
        median(runs[_BARE], "megabytes"),
        _BARE,
        1,
        "peak resident memory, 12 partitions, records of 1 kB",
    )


def _partitions(bootstrap: str, partitions: int) -> list[Measurement]:
    runs = _race(bootstrap, partitions, RECORDS, RUNS)
    return [_beside(peer, partitions, runs) for peer in (_BARE, TUNED)]


def _beside(peer: str, partitions: int, runs: dict[str, list[dict[str, float]]]) -> Measurement:
    costs = [cost(runs[name], RECORDS) for name in (_OURS, peer)]
    memory = [median(runs[name], "megabytes") for name in (_OURS, peer)]
    return more_is_better(
        f"runner-partitions: {partitions}: {peer}",
        "records/s",
        RECORDS / median(runs[_OURS], "wall"),
        RECORDS / median(runs[peer], "wall"),
        peer,
        RUNS,
        f"{RECORDS:,} records of 1 kB; processor time {costs[0]:.1f} and {costs[1]:.1f} µs a"
        f" record; peak memory {memory[0]:.0f} and {memory[1]:.0f} MB",
    )


def _race(
    bootstrap: str, partitions: int, records: int, runs: int
) -> dict[str, list[dict[str, float]]]:
    topic = make_topic(bootstrap, partitions)
    produce(bootstrap, topic, records)
    peers = {name: PEERS[name] for name in (_BARE, TUNED)}
    contestants = {_OURS: ours(bootstrap, topic, records), **peers}
    return race(contestants, runs, bootstrap=bootstrap, topic=topic, records=records)
