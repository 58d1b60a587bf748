"""`runner-latency`: from the producer's send to the handler, at 1,000 records a second."""

import tempfile
import threading
import time
from pathlib import Path

import orjson
from confluent_kafka import KafkaException, Producer
from confluent_kafka.admin import AdminClient

from benchmarks.measurement import Measurement, less_is_better
from benchmarks.process import figures
from benchmarks.streams import PEERS, environ, make_topic, median, message, ours
from headrace.testing.brokers.apache_kafka import KafkaBroker

RECORDS = 10_000
PARTITIONS = 4
PER_SECOND = 1_000
RUNS = 5
_OURS = "headrace"
_SETTLE_SECONDS = 1.0  # from the assignment to the first fetch, generously
_FLAGS = ("--maximum-batching-window-in-seconds", "0")
_BARE = ("bare loop, one poll a message", "bare confluent_kafka loop")


def run() -> list[Measurement]:
    """Let each contestant wait on a topic of its own while records are sent to it, by turns."""
    taken: dict[str, list[dict[str, float]]] = {name: [] for name in (_OURS, *_BARE)}
    with tempfile.TemporaryDirectory() as folder, KafkaBroker(Path(folder)) as broker:
        for turn in range(RUNS + 1):
            for name, runs in taken.items():
                one = _one(name, broker.bootstrap)
                if turn:  # the first one warms the broker
                    runs.append(one)
    note = f"{PER_SECOND} records of 1 kB a second, {PARTITIONS} partitions, batching window 0"
    return [
        less_is_better(
            f"runner-latency-{figure}: {peer}",
            "ms",
            median(taken[_OURS], figure) * 1000,
            median(taken[peer], figure) * 1000,
            peer,
            RUNS,
            note,
        )
        for peer in _BARE
        for figure in ("p50", "p99")
    ]


def _one(name: str, bootstrap: str) -> dict[str, float]:
    topic = make_topic(bootstrap, PARTITIONS)
    command = ours(bootstrap, topic, RECORDS, *_FLAGS) if name == _OURS else PEERS[name]
    job = environ(bootstrap, topic, RECORDS)
    sender = threading.Thread(
        target=_send, args=(bootstrap, topic, job["HEADRACE_GROUP"]), daemon=True
    )
    sender.start()
    return figures(command, job)


def _send(bootstrap: str, topic: str, group: str) -> None:
    producer = Producer({"bootstrap.servers": bootstrap, "linger.ms": 0})
    _wait_for_members(bootstrap, group)
    begun = time.perf_counter()
    for number in range(RECORDS):
        producer.produce(topic, orjson.dumps({**message(number), "sent": time.time()}), str(number))
        producer.poll(0)
        time.sleep(max(0.0, begun + number / PER_SECOND - time.perf_counter()))
    producer.flush()


def _wait_for_members(bootstrap: str, group: str) -> None:
    admin = AdminClient({"bootstrap.servers": bootstrap})
    assigned = 0
    while assigned < PARTITIONS:
        time.sleep(0.1)
        try:
            found = admin.describe_consumer_groups([group])[group].result()
        except KafkaException:  # there is no such group yet
            continue
        assigned = sum(len(m.assignment.topic_partitions) for m in found.members if m.assignment)
    time.sleep(_SETTLE_SECONDS)
