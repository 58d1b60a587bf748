"""The runner on a real Kafka: killed at random, stopped in order, and joined by a second one."""

import os
import random
import signal
import subprocess
import sys
import time
from collections import defaultdict
from pathlib import Path

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition

from workers.runner.settings import MappingSettings

pytestmark = pytest.mark.kafka

ROOT = Path(__file__).resolve().parents[2]
RECORDS = 20_000
KEYS = 500
PARTITIONS = 4
BATCH = 50
KILLS = 10
# A killed member keeps its partitions until its session ends; the broker admits no shorter one.
MEMBER = (
    "--consumer-config=session.timeout.ms=1000",
    "--consumer-config=heartbeat.interval.ms=300",
)


class Runners:
    """Starts runners as processes of their own, all of one group."""

    def __init__(self, bootstrap: str, topic: str, folder: Path) -> None:
        self.notes = folder / "notes"
        self.notes.touch()
        self.log = folder / "log"
        self._command = [
            *(sys.executable, "-m", "headrace", "run", "tests.support.runner_worker:handler"),
            *("--kafka", bootstrap, "--topic", topic, "--group", topic),
            *("--batch-size", str(BATCH), *MEMBER),
        ]
        self._running: list[subprocess.Popen] = []

    def start(self, *flags: str) -> subprocess.Popen:
        env = {**os.environ, "NOTES": str(self.notes)}
        with self.log.open("ab") as log:
            runner = subprocess.Popen(
                [*self._command, *flags], cwd=ROOT, env=env, stdout=log, stderr=log
            )
        self._running.append(runner)
        return runner

    def wait_for_notes(self, size: int, runner: subprocess.Popen, seconds: float = 60) -> None:
        """Wait until the file of deliveries has so many bytes."""
        deadline = time.monotonic() + seconds
        while self.notes.stat().st_size < size:
            assert runner.poll() is None, self.log.read_text()[-3000:]
            assert time.monotonic() < deadline, self.log.read_text()[-3000:]
            time.sleep(0.002)

    def deliveries(self) -> dict[str, list[int]]:
        """The sequence numbers of each key, in the order of their deliveries."""
        found = defaultdict(list)
        for line in self.notes.read_text().splitlines():
            key, number = line.split()
            found[key].append(int(number))
        return found

    def distinct(self) -> int:
        """How many records were delivered at least once."""
        return len(set(self.notes.read_text().splitlines()))

    def end(self) -> None:
        for runner in self._running:
            runner.kill()
            runner.wait()


@pytest.fixture
def runners(kafka, topic, tmp_path):
    started = Runners(kafka.bootstrap, topic(PARTITIONS), tmp_path)
    started.topic = started._command[started._command.index("--topic") + 1]
    yield started
    started.end()


def produce(bootstrap: str, topic: str, count: int) -> None:
    """Record n has the key n % KEYS and, as its value, its number within the key."""
    # Without idempotence a retried batch may end up behind later ones.
    config = {"bootstrap.servers": bootstrap, "linger.ms": 20, "enable.idempotence": True}
    producer = Producer(config)
    for number in range(count):
        producer.produce(topic, b"%d" % (number // KEYS), b"k%d" % (number % KEYS))
        if number % 1000 == 0:
            producer.poll(0)
    assert producer.flush(30) == 0


def committed(bootstrap: str, topic: str) -> int:
    """How many records the group has committed."""
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": topic})
    wanted = [TopicPartition(topic, number) for number in range(PARTITIONS)]
    try:
        return sum(max(0, place.offset) for place in consumer.committed(wanted, timeout=10))
    finally:
        consumer.close()


def firsts(numbers: list[int]) -> list[int]:
    return list(dict.fromkeys(numbers))


@pytest.mark.slow
def test_sigkill_at_random_points_loses_nothing(kafka, runners, capsys):
    """Nothing lost, order kept per key on first delivery, duplicates within what was in flight."""
    produce(kafka.bootstrap, runners.topic, RECORDS)
    chance = random.Random(7)
    for _ in range(KILLS):
        before = runners.notes.stat().st_size
        runner = runners.start()
        runners.wait_for_notes(before + chance.randrange(1, 12_000), runner)
        time.sleep(chance.random() * 0.02)
        runner.send_signal(signal.SIGKILL)
        runner.wait()
    assert runners.distinct() < RECORDS  # the kills came while there was work left
    last = runners.start("--stop-when-idle", "3")
    assert last.wait(60) == 0, runners.log.read_text()[-3000:]

    deliveries = runners.deliveries()
    expected = list(range(RECORDS // KEYS))
    assert {key: firsts(numbers) for key, numbers in deliveries.items()} == {
        f"k{key}": expected for key in range(KEYS)
    }
    total = sum(map(len, deliveries.values()))
    in_flight = KILLS * PARTITIONS * BATCH * MappingSettings().uncommitted_batches
    with capsys.disabled():
        sys.stdout.write(f"\n{KILLS} kills: {total - RECORDS} duplicates, at most {in_flight}\n")
    assert total - RECORDS <= in_flight
    assert committed(kafka.bootstrap, runners.topic) == RECORDS


def test_sigterm_drains_commits_and_exits_zero(kafka, runners):
    produce(kafka.bootstrap, runners.topic, RECORDS)
    runner = runners.start()
    runners.wait_for_notes(2_000, runner)
    runner.send_signal(signal.SIGTERM)
    assert runner.wait(30) == 0
    delivered = sum(map(len, runners.deliveries().values()))
    assert 0 < delivered <= RECORDS
    assert committed(kafka.bootstrap, runners.topic) == delivered


def test_a_second_runner_takes_over_partitions_without_a_duplicate(kafka, runners):
    produce(kafka.bootstrap, runners.topic, RECORDS)
    first = runners.start("--stop-when-idle", "4")
    runners.wait_for_notes(1, first)
    second = runners.start("--stop-when-idle", "4")
    assert first.wait(60) == 0
    assert second.wait(60) == 0
    produce_order = list(range(RECORDS // KEYS))
    assert set(map(tuple, runners.deliveries().values())) == {tuple(produce_order)}
    assert committed(kafka.bootstrap, runners.topic) == RECORDS
