"""The runner on a real Kafka: killed at random, stopped in order, and joined by a second one."""

import os
import random
import signal
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import pytest
from confluent_kafka import Consumer, TopicPartition

from tests.support.kafka.broker import ordered_producer
from tests.support.waiting import wait_until

pytestmark = pytest.mark.kafka

ROOT = Path(__file__).resolve().parents[2]
KEYS = 500
PARTITIONS = 4
BATCH = 50
UNCOMMITTED = 2
ROUNDS = 20
RECORDS = ROUNDS * KEYS
KILLS = 10
PATIENCE_S = 120
# Whoever takes the name of a member that was killed takes its partitions, too, without waiting
# for the end of its session.
SAME_MEMBER = "--consumer-config=group.instance.id=the-one"


class Runners:
    """Starts runners as processes of their own, all of one group."""

    def __init__(self, bootstrap: str, topic: str, folder: Path) -> None:
        self.bootstrap = bootstrap
        self.topic = topic
        self._notes = folder / "notes"
        self._notes.touch()
        self._log = folder / "log"
        self._command = [
            *(sys.executable, "-m", "headrace", "run", "tests.support.workers.noting:handler"),
            *("--kafka", bootstrap, "--topic", topic, "--group", topic),
            *("--batch-size", str(BATCH), "--uncommitted-batches", str(UNCOMMITTED)),
        ]
        self._running: list[subprocess.Popen] = []
        self._onlooker = Consumer({"bootstrap.servers": bootstrap, "group.id": topic})

    def start(self, *flags: str) -> subprocess.Popen:
        # A record takes so long that a runner is at work whenever this process comes to see to it.
        env = {**os.environ, "NOTES": str(self._notes), "SECONDS": "0.001"}
        with self._log.open("ab") as log:
            runner = subprocess.Popen(
                [*self._command, *flags], cwd=ROOT, env=env, stdout=log, stderr=log
            )
        self._running.append(runner)
        return runner

    def wait_until(self, true: Callable[[], bool]) -> None:
        """Wait for what the runners bring about."""
        wait_until(true, PATIENCE_S, every=0.005, why=lambda: self._log.read_text()[-3000:])

    def end(self, *runners: subprocess.Popen) -> None:
        """Ask runners to end in order; each must."""
        for runner in runners:
            runner.send_signal(signal.SIGTERM)
        for runner in runners:
            assert runner.wait(PATIENCE_S) == 0, self._log.read_text()[-3000:]

    def kill(self) -> None:
        """Leave no process behind, however the test went."""
        for runner in self._running:
            runner.kill()
            runner.wait()
        self._onlooker.close()

    def notes(self) -> list[list[str]]:
        """[key, number within the key, process] of each delivery, in their order."""
        return [line.split() for line in self._notes.read_text().splitlines()]

    def count(self) -> int:
        """How many deliveries there were."""
        return self._notes.read_bytes().count(b"\n")

    def distinct(self) -> int:
        """How many records were delivered at least once."""
        return len({(key, number) for key, number, _ in self.notes()})

    def deliveries(self) -> dict[str, list[int]]:
        """The numbers of each key, in the order of their deliveries."""
        found = defaultdict(list)
        for key, number, _ in self.notes():
            found[key].append(int(number))
        return found

    def produce(self, rounds: range) -> None:
        """Write one record of each key in each round; its value is the number of the round."""
        # Without idempotence a retried batch may end up behind later ones.
        producer = ordered_producer(self.bootstrap)
        for number in rounds:
            for key in range(KEYS):
                producer.produce(self.topic, b"%d" % number, b"k%d" % key)
        assert producer.flush(PATIENCE_S) == 0

    def committed(self) -> int:
        """How many records the group has committed."""
        wanted = [TopicPartition(self.topic, number) for number in range(PARTITIONS)]
        found = self._onlooker.committed(wanted, timeout=PATIENCE_S)
        return sum(max(0, place.offset) for place in found)


@pytest.fixture
def runners(kafka, topic, tmp_path):
    started = Runners(kafka.bootstrap, topic(PARTITIONS), tmp_path)
    yield started
    started.kill()


@pytest.mark.slow
def test_sigkill_at_random_points_loses_nothing(runners, capsys):
    """Nothing lost, order kept per key on first delivery, duplicates within what was in flight."""
    runners.produce(range(ROUNDS))
    chance = random.Random(7)
    for _ in range(KILLS):
        wanted = runners.count() + chance.randrange(1, 700)
        runner = runners.start(SAME_MEMBER)
        runners.wait_until(lambda wanted=wanted: runners.count() >= wanted)
        time.sleep(chance.random() * 0.02)
        runner.send_signal(signal.SIGKILL)
        runner.wait()
    assert runners.distinct() < RECORDS  # the kills came while there was work left
    last = runners.start(SAME_MEMBER)
    runners.wait_until(lambda: runners.committed() == RECORDS)
    runners.end(last)

    deliveries = runners.deliveries()
    firsts = {key: list(dict.fromkeys(numbers)) for key, numbers in deliveries.items()}
    assert firsts == {f"k{key}": list(range(ROUNDS)) for key in range(KEYS)}
    duplicates = runners.count() - RECORDS
    in_flight = KILLS * PARTITIONS * BATCH * UNCOMMITTED
    with capsys.disabled():
        sys.stdout.write(f"\n{KILLS} kills: {duplicates} duplicates, at most {in_flight}\n")
    assert duplicates <= in_flight
    assert runners.committed() == RECORDS


def test_sigterm_drains_commits_and_exits_zero(runners):
    runners.produce(range(ROUNDS))
    runner = runners.start()
    runners.wait_until(lambda: runners.count() > KEYS)
    runners.end(runner)
    assert runners.distinct() == runners.count() == runners.committed()
    assert runners.count() < RECORDS  # it did not wait for the end of the work


def test_a_second_runner_takes_over_partitions_without_a_duplicate(runners):
    """GIVEN one at work, WHEN a second one joins, THEN both deliver, each record exactly once."""
    runners.produce(range(1))
    first = runners.start()
    runners.wait_until(lambda: runners.count() > 0)
    second, written = runners.start(), 1
    while len({process for _, _, process in runners.notes()}) < 2:
        # So the first has work all the time until the second has some, too.
        runners.produce(range(written, written + 1))
        runners.wait_until(lambda least=written * KEYS: runners.count() >= least)
        written += 1
    runners.wait_until(lambda: runners.committed() == written * KEYS)
    runners.end(first, second)
    assert runners.deliveries() == {f"k{key}": list(range(written)) for key in range(KEYS)}
    assert runners.committed() == written * KEYS
