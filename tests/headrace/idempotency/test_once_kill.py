"""Runners are killed in the middle of effects that are @once: never two of a key at a time.

CHAOS_EFFECTS and CHAOS_KILLS say how many there are, and how many runners are killed.
"""

import os
import random
import signal
from collections import Counter, defaultdict
from functools import partial
from itertools import pairwise

import pytest

from tests.support.kafka.broker import produce
from tests.support.notes import Growing
from tests.support.runner_process import start_runner
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.kafka, pytest.mark.slow(seconds=18)]

RECORDS = int(os.environ.get("CHAOS_EFFECTS", "2500"))
KILLS = int(os.environ.get("CHAOS_KILLS", "3"))
BATCH, LEASE = 20, 4.0
STORES = {"sqlite": RECORDS, "postgres": RECORDS, "redis": RECORDS}
if "CHAOS_EFFECTS" in os.environ:
    STORES["dynamodb"] = RECORDS // 20  # moto takes a hundred times as long
PATIENCE_S = 60.0 + RECORDS / 50


class Runners:
    """Two runner processes of one group, of which one is killed again and again."""

    def __init__(self, bootstrap, topic, store, folder):
        notes = folder / "notes"
        notes.touch()
        self._notes = Growing(notes)
        self.attempts = defaultdict(list)  # at each number: when each began, and ended if it did
        self._done = set()
        self._by_process = Counter()
        self._log = folder / "log"
        environ = {
            "NOTES": str(notes),
            "HEADRACE_ONCE_STORE": store,
            "HEADRACE_ONCE_LEASE_SECONDS": str(LEASE),
        }
        self.start = partial(
            start_runner,
            *("tests.support.workers.effects", bootstrap, topic, "--batch-size", str(BATCH)),
            environ=environ,
            log=self._log,
        )

    def look(self):
        """Read what was noted since the last look."""
        for number, what, moment, process in map(str.split, self._notes.added()):
            self._by_process[int(process)] += 1
            if what == "begin":
                self.attempts[int(number)].append([float(moment), None])
                self._done.discard(number)
            else:
                self.attempts[int(number)][-1][1] = float(moment)
                self._done.add(number)

    def count_of(self, process):
        """How often a process has begun or ended an effect."""
        self.look()
        return self._by_process[process.pid]

    def until(self, count):
        def enough():
            self.look()
            return len(self._done) >= count

        wait_until(enough, PATIENCE_S, every=0.2, why=lambda: self._log.read_text()[-3000:])


@pytest.mark.parametrize(("kept", "records"), STORES.items(), indirect=["kept"], ids=STORES)
def test_no_effect_has_company_and_few_come_twice(kafka, topic, kept, records, tmp_path):
    numbers = topic(4)
    produce(kafka.bootstrap, numbers, range(records))
    runners = Runners(kafka.bootstrap, numbers, kept.url, tmp_path)
    stays = runners.start()
    try:
        for _ in range(KILLS):
            killed = runners.start()
            some = random.randint(10, 60)
            wait_until(lambda k=killed, n=some: runners.count_of(k) >= n, every=0.005)
            os.kill(killed.pid, signal.SIGKILL)
            killed.wait()
        runners.until(records)
    finally:
        stays.terminate()
        stays.wait(60)

    runners.look()
    attempts = runners.attempts
    assert set(attempts) == set(range(records))
    for one in attempts.values():
        for (begun, _), (next_begun, _) in pairwise(one):
            # Only a kill makes a second attempt, and the lease was extended shortly before that.
            # Kafka itself gives the records to the other runner much earlier.
            assert next_begun - begun > LEASE * 2 / 3 - 0.4
    again = sum(len(one) - 1 for one in attempts.values())
    assert 0 < again <= KILLS * BATCH
