"""Runners are killed in the middle of effects that are @once: never two of a key at a time."""

import os
import random
import signal
import subprocess
import sys
from collections import defaultdict
from itertools import pairwise
from pathlib import Path

import pytest

from tests.support.kafka.broker import produce
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.kafka, pytest.mark.slow(seconds=18)]

ROOT = Path(__file__).parents[3]
RECORDS, KILLS, BATCH, LEASE = 2_500, 3, 20, 4.0


class Runners:
    """Two runner processes of one group, of which one is killed again and again."""

    def __init__(self, bootstrap, topic, store, folder):
        self._notes = folder / "notes"
        self._notes.touch()
        self._log = folder / "log"
        self._environment = os.environ | {
            "NOTES": str(self._notes),
            "HEADRACE_ONCE_STORE": store,
            "HEADRACE_ONCE_LEASE_SECONDS": str(LEASE),
        }
        self._command = [
            *(sys.executable, "-m", "headrace", "run", "tests.support.workers.effects"),
            *("--kafka", bootstrap, "--topic", topic, "--batch-size", str(BATCH)),
            "--consumer-config=session.timeout.ms=1500",
            "--consumer-config=heartbeat.interval.ms=300",
            *("--retry-backoff-max-seconds", "0.2"),
        ]

    def start(self):
        with self._log.open("ab") as log:
            return subprocess.Popen(
                self._command,
                cwd=ROOT,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def notes(self):
        """The attempts at each number: when each began, and when it ended if it did."""
        attempts = defaultdict(list)
        for line in self._notes.read_text().splitlines():
            number, what, moment, _ = line.split()
            if what == "begin":
                attempts[int(number)].append([float(moment), None])
            else:
                attempts[int(number)][-1][1] = float(moment)
        return attempts

    def count_of(self, process):
        """How often a process has begun or ended an effect."""
        return self._notes.read_text().count(f" {process.pid}\n")

    def until(self, count):
        def enough():
            return sum(one[-1][1] is not None for one in self.notes().values()) >= count

        wait_until(enough, every=0.05, why=lambda: self._log.read_text()[-3000:])


@pytest.mark.parametrize("kept", ["sqlite", "postgres", "redis"], indirect=True)
def test_no_effect_has_company_and_few_come_twice(kafka, topic, kept, tmp_path):
    numbers = topic(4)
    produce(kafka.bootstrap, numbers, range(RECORDS))
    runners = Runners(kafka.bootstrap, numbers, kept.url, tmp_path)
    stays = runners.start()
    try:
        for _ in range(KILLS):
            killed = runners.start()
            some = random.randint(10, 60)
            wait_until(lambda k=killed, n=some: runners.count_of(k) >= n, every=0.005)
            os.kill(killed.pid, signal.SIGKILL)
            killed.wait()
        runners.until(RECORDS)
    finally:
        stays.terminate()
        stays.wait(60)

    attempts = runners.notes()
    assert set(attempts) == set(range(RECORDS))
    for one in attempts.values():
        for (begun, _), (next_begun, _) in pairwise(one):
            # Only a kill makes a second attempt, and the lease was extended shortly before that.
            # Kafka itself gives the records to the other runner much earlier.
            assert next_begun - begun > LEASE * 2 / 3 - 0.4
    again = sum(len(one) - 1 for one in attempts.values())
    assert 0 < again <= KILLS * BATCH
