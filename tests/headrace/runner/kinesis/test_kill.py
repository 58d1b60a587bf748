"""A runner that is killed goes on where its checkpoints say: nothing lost, little repeated."""

import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from headrace.testing.moto_server import aws_environment, create_stream, kinesis_client
from tests.support.kinesis.kpl import aggregate
from tests.support.kinesis.runner import first_orders, put
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.kinesis, pytest.mark.slow]

ROOT = Path(__file__).parents[4]
KILLS = 4
# Of each of the two shards, a kill can repeat the batches that are out and not committed.
REPEATED_BY_A_KILL = 2 * 2 * 5


class Killed:
    """Runner processes on one stream, one after the other."""

    def __init__(self, endpoint: str, stream: str, folder: Path) -> None:
        self.notes = folder / "notes"
        self.notes.touch()
        self._command = [
            sys.executable, "-m", "tests.support.kinesis.process",
            endpoint, stream, str(folder), str(self.notes), "0.01",
        ]  # fmt: skip
        self._environment = os.environ | aws_environment(endpoint)

    def start(self) -> subprocess.Popen:
        return subprocess.Popen(self._command, cwd=ROOT, env=self._environment)

    def values(self) -> list[int]:
        return [int(line) for line in self.notes.read_text().split()]

    def run_and_kill(self, after: int) -> None:
        """Kill it in the middle: once it has processed so many more records."""
        wanted = len(self.values()) + after
        process = self.start()
        try:
            wait_until(lambda: len(self.values()) >= wanted)
        finally:
            os.kill(process.pid, signal.SIGKILL)
            process.wait()

    def run_to_the_end(self) -> None:
        assert self.start().wait(120) == 0


def test_a_killed_runner_loses_nothing_and_repeats_little(kinesis_mock, tmp_path):
    create_stream(kinesis_mock, "killed", 2)
    put(kinesis_mock, "killed", range(200))
    killed = Killed(kinesis_mock, "killed", tmp_path)
    for _ in range(KILLS):
        killed.run_and_kill(after=random.randint(10, 40))
    killed.run_to_the_end()
    values = killed.values()
    assert set(values) == set(range(200))
    assert len(values) - 200 <= KILLS * REPEATED_BY_A_KILL
    assert first_orders(values) == [list(range(key, 200, 7)) for key in range(7)]


def test_a_runner_killed_inside_an_aggregate_goes_on_inside_it(kinesis_mock, tmp_path):
    create_stream(kinesis_mock, "killed-inside", 1)
    client = kinesis_client(kinesis_mock)
    for first in (0, 100):
        data = aggregate([(f"k{n % 7}", None, b"%d" % n) for n in range(first, first + 100)])
        client.put_record(StreamName="killed-inside", Data=data, PartitionKey="k")
    killed = Killed(kinesis_mock, "killed-inside", tmp_path)
    for _ in range(KILLS):
        killed.run_and_kill(after=random.randint(20, 40))
    killed.run_to_the_end()
    values = killed.values()
    assert set(values) == set(range(200))
    assert len(values) - 200 <= KILLS * REPEATED_BY_A_KILL // 2  # one shard
    assert first_orders(values) == [list(range(key, 200, 7)) for key in range(7)]
