"""`runner-start`: from the start of the process to its first record, in a group that exists."""

import statistics
import tempfile
from pathlib import Path

from confluent_kafka import ConsumerGroupTopicPartitions, TopicPartition
from confluent_kafka.admin import AdminClient

from benchmarks.measurement import Measurement, less_is_better
from benchmarks.process import OURS, start
from benchmarks.streams import environ, make_topic, ours, produce
from headrace import Record, Worker
from headrace.testing.brokers.apache_kafka import KafkaBroker

RECORDS = 4_000
PARTITIONS = 4
RUNS = 9
_QUIET = ("--log-level", "ERROR")  # or a warning would be the first line, and not the record


class FirstRecord(Worker):
    """Tells of each record."""

    def process(self, record: Record) -> None:
        """Print where it is."""
        print(record.id, flush=True)


def run() -> list[Measurement]:
    """Start each, by turns; the first turn warms the broker."""
    taken: dict[str, list[float]] = {"ours": [], "bare": []}
    with tempfile.TemporaryDirectory() as folder, KafkaBroker(Path(folder)) as broker:
        topic = make_topic(broker.bootstrap, PARTITIONS)
        produce(broker.bootstrap, topic, RECORDS)
        bare = [OURS, "-m", "benchmarks.peers.stream_first"]
        worker = "benchmarks.runner_start:FirstRecord"
        mine = ours(broker.bootstrap, topic, RECORDS, *_QUIET, handler=worker)
        commands = {"ours": mine, "bare": bare}
        for turn in range(RUNS + 1):
            for name, command in commands.items():
                job = environ(broker.bootstrap, topic, RECORDS)
                _commit(broker.bootstrap, topic, job["HEADRACE_GROUP"])
                one = start(command, job)
                if one.answer.startswith("{"):
                    raise RuntimeError(f"{name} told of something else first: {one.answer}")
                if turn:
                    taken[name].append(one.seconds)
    note = f"{PARTITIONS} partitions, a real Kafka beside it"
    ours_, bare_ = (statistics.median(taken[name]) for name in ("ours", "bare"))
    peer = "bare confluent_kafka consumer"
    return [less_is_better("runner-start", "s", ours_, bare_, peer, RUNS, note)]


def _commit(bootstrap: str, topic: str, group: str) -> None:
    """Make a group, by its positions."""
    positions = [TopicPartition(topic, number, 0) for number in range(PARTITIONS)]
    asked = [ConsumerGroupTopicPartitions(group, positions)]
    admin = AdminClient({"bootstrap.servers": bootstrap})
    admin.alter_consumer_group_offsets(asked)[group].result(30)
