"""`runner-kafka`: records a second from a real Kafka, the runner beside a bare consume loop.

Both decode the same 1 kB JSON records in a process of their own, as a new group, by turns. Time
runs from the first records in hand until the last one is processed. Run as a program, this module
is the bare loop; `headrace run` takes the worker from it.
"""

import os
import statistics
import sys
import tempfile
import time
import uuid
from pathlib import Path

import orjson
from confluent_kafka import Consumer, Producer
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from benchmarks.measurement import Measurement, more_is_better
from benchmarks.process import OURS, figures
from headrace.brokers import KafkaBroker
from workers import Record, Worker, lambda_handler
from workers.outcome import Outcomes
from workers.runner.settings import MappingSettings

TOPIC = "orders"
RECORDS = 200_000
PARTITIONS = 4
RUNS = 7
CHUNK = 1000


class Clock:
    """Wall and processor seconds (of all threads) from the first records to the last."""

    def __init__(self) -> None:
        self._left = RECORDS
        self._begun: tuple[float, float] | None = None

    def start(self) -> None:
        """Begin, where it has not begun."""
        self._begun = self._begun or _now()

    def stop(self, processed: int) -> bool:
        """Note that records were processed; after the last one, print one line for the parent."""
        self._left -= processed
        if self._left or self._begun is None:
            return False
        wall, processor = (now - then for now, then in zip(_now(), self._begun, strict=True))
        print(orjson.dumps({"wall": wall, "processor": processor}).decode(), flush=True)
        return True


class Decode(Worker):
    """The user's function as a worker; it takes the time by the batch."""

    def setup(self) -> None:
        """Make the clock."""
        self.clock = Clock()

    def process(self, record: Record) -> None:
        """Decode."""
        orjson.loads(record.value or b"")

    def run(self, records: list[Record], deadline: float = float("inf")) -> Outcomes:  # type: ignore[override]
        """As every worker, between the clock's start and stop."""
        self.clock.start()
        outcomes = super().run(records, deadline)
        self.clock.stop(len(records))
        return outcomes


handler = lambda_handler(Decode)


def run() -> list[Measurement]:
    """Start a broker, fill a topic, let both read it by turns."""
    with tempfile.TemporaryDirectory() as folder, KafkaBroker(Path(folder)) as broker:
        _produce(broker.bootstrap)
        ours, bare = _race(broker.bootstrap)
    settings = MappingSettings()
    return [
        more_is_better(
            "runner-kafka",
            "records/s",
            RECORDS / _median(ours, "wall"),
            RECORDS / _median(bare, "wall"),
            "bare confluent_kafka loop",
            RUNS,
            f"{RECORDS} records of 1 kB, {PARTITIONS} partitions; batch_size={settings.batch_size},"
            f" uncommitted_batches={settings.uncommitted_batches} (defaults) beside"
            f" consume({CHUNK}) and an asynchronous commit for each chunk; processor time"
            f" {_cost(ours):.1f} and {_cost(bare):.1f} µs a record",
        )
    ]


def _race(bootstrap: str) -> tuple[list[dict[str, float]], list[dict[str, float]]]:
    ours, bare = [], []
    for _ in range(RUNS + 1):  # the first turn warms the broker's cache
        ours.append(figures(_ours(bootstrap), os.environ))
        bare.append(figures(_bare(bootstrap), os.environ))
    return ours[1:], bare[1:]


def _median(runs: list[dict[str, float]], clock: str) -> float:
    return statistics.median(run[clock] for run in runs)


def _cost(runs: list[dict[str, float]]) -> float:
    return _median(runs, "processor") / RECORDS * 1e6


def _ours(bootstrap: str) -> list[str]:
    return [
        *(OURS, "-m", "headrace", "run", "benchmarks.runner_kafka:handler"),
        *("--kafka", bootstrap, "--topic", TOPIC, "--group", uuid.uuid4().hex),
        *("--max-records", str(RECORDS), "--log-level", "WARNING"),
    ]


def _bare(bootstrap: str) -> list[str]:
    return [OURS, "-m", "benchmarks.runner_kafka", bootstrap]


def _produce(bootstrap: str) -> None:
    new = NewTopic(TOPIC, num_partitions=PARTITIONS, replication_factor=1)
    admin = AdminClient({"bootstrap.servers": bootstrap})
    admin.create_topics([new])[TOPIC].result(30)
    producer = Producer({"bootstrap.servers": bootstrap, "linger.ms": 50})
    record = {"name": "x" * 320, "readings": [1.5] * 40, "text": "y" * 420, "unit": {"mm": "s"}}
    for number in range(RECORDS):
        producer.produce(TOPIC, orjson.dumps({"id": number, **record}), str(number % 1000))
        if number % CHUNK == 0:
            producer.flush()
    producer.flush()


def _consume(bootstrap: str) -> None:
    """What a user would write: at least once, without any care for failures."""
    consumer = Consumer(
        {
            "bootstrap.servers": bootstrap,
            "group.id": uuid.uuid4().hex,
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
        }
    )
    consumer.subscribe([TOPIC])
    clock, finished = Clock(), False
    while not finished:
        messages = consumer.consume(CHUNK, 0.1)
        if not messages:
            continue
        clock.start()
        for message in messages:
            if error := message.error():
                raise RuntimeError(error.str())
            orjson.loads(message.value() or b"")
        consumer.commit(asynchronous=True)
        finished = clock.stop(len(messages))
    consumer.close()


def _now() -> tuple[float, float]:
    return time.perf_counter(), time.process_time()


if __name__ == "__main__":
    _consume(*sys.argv[1:])
