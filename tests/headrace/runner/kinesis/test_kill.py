"""A runner that is killed goes on where its checkpoints say: nothing lost, little repeated."""

import random

import pytest

from headrace.testing.moto_server import create_stream, kinesis_client
from tests.support.kinesis.killed import Killed
from tests.support.kinesis.kpl import aggregate
from tests.support.kinesis.runner import first_orders, put

pytestmark = [pytest.mark.kinesis, pytest.mark.slow]

KILLS = 4
# Of each of the two shards, a kill can repeat the batches that are out and not committed.
REPEATED_BY_A_KILL = 2 * 2 * 5


def test_a_killed_runner_loses_nothing_and_repeats_little(kinesis_mock, tmp_path):
    create_stream(kinesis_mock, "killed", 2)
    put(kinesis_mock, "killed", range(200))
    killed = Killed(kinesis_mock, "kinesis", "killed", tmp_path)
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
    killed = Killed(kinesis_mock, "kinesis", "killed-inside", tmp_path)
    for _ in range(KILLS):
        killed.run_and_kill(after=random.randint(20, 40))
    killed.run_to_the_end()
    values = killed.values()
    assert set(values) == set(range(200))
    assert len(values) - 200 <= KILLS * REPEATED_BY_A_KILL // 2  # one shard
    assert first_orders(values) == [list(range(key, 200, 7)) for key in range(7)]
