"""Shards that close after a few changes, are trimmed, and a service that refuses."""

import itertools
import random
import threading
from collections import defaultdict

import pytest

from headrace.runner.shards.errors import StreamError
from headrace.runner.stop import Stop
from tests.support.dynamodb.rolling import RollingStreams, shard_name
from tests.support.dynamodb.tables import KEYS, TableRunner, create_table, write
from tests.support.kinesis.killed import Killed
from tests.support.kinesis.runner import first_orders

pytestmark = [pytest.mark.kinesis, pytest.mark.usefixtures("aws_credentials")]

KILLS = 3


def in_order(count: int) -> list[list[int]]:
    return [list(range(key, count, KEYS)) for key in range(KEYS)]


@pytest.fixture
def rolling(moto_server):
    with RollingStreams(moto_server, every=12) as streams:
        yield streams


def test_children_are_read_after_their_parents_while_shards_close(moto_server, rolling, tmp_path):
    create_table(moto_server, "rolling")
    runner = TableRunner(rolling.url, "rolling", tmp_path)
    write(moto_server, "rolling", range(40))
    writing = threading.Thread(target=write, args=(moto_server, "rolling", range(40, 100)))
    writing.start()
    runner.run(until=100, batch_size=7, parallelization_factor=2)
    writing.join()
    assert sorted(runner.values()) == list(range(100))
    assert first_orders(runner.values()) == in_order(100)
    places = defaultdict(list)
    for place, record in enumerate(runner.seen):
        places[record.position.shard].append(place)
    assert len(places) >= 8
    for line in (0, 1):
        shards = [shard_name(line, n) for n in range(9) if shard_name(line, n) in places]
        for parent, child in itertools.pairwise(shards):
            assert max(places[parent]) < min(places[child])


@pytest.mark.slow
def test_a_service_that_refuses_and_forgets_loses_nothing(moto_server, rolling, tmp_path):
    create_table(moto_server, "refusing")
    write(moto_server, "refusing", range(40))
    whim = random.Random(4)
    codes = ("ExpiredIteratorException", "LimitExceededException", "InternalServerError")

    def refuse(operation, arguments):
        told = codes if operation == "GetRecords" else codes[1:]
        return whim.choice(told) if whim.random() < 0.3 else None

    runner = TableRunner(rolling.url, "refusing", tmp_path)
    rolling.fault = refuse
    runner.run(until=40, batch_size=7)
    assert first_orders(runner.values()) == in_order(40)
    assert len(runner.values()) == 40
    assert rolling.refused["GetRecords"] > 0


def test_what_was_trimmed_meanwhile_is_told_and_the_rest_is_read(moto_server, rolling, tmp_path):
    create_table(moto_server, "trimmed")
    runner = TableRunner(rolling.url, "trimmed", tmp_path)
    write(moto_server, "trimmed", range(40))
    runner.run(stop=Stop(max_records=5), batch_size=5)
    rolling.trimmed = [9, 12]  # of one line a part of a shard, of the other the whole first shard
    runner.run(until=40 - 9 - 12 + 5)
    read = [record.position.shard for record in runner.seen[5:]]
    assert len(read) == 40 - 9 - 12
    assert shard_name(1, 0) not in read


def test_a_stream_that_is_switched_off_is_read_to_its_end(moto_server, rolling, tmp_path):
    create_table(moto_server, "off")
    write(moto_server, "off", range(30))
    runner = TableRunner(rolling.url, "off", tmp_path)
    rolling.status = "DISABLED"
    with pytest.raises(StreamError, match="table 'off': it is disabled, and all that it held is"):
        runner.run(stop=Stop(when_idle=60))
    assert first_orders(runner.values()) == in_order(30)


@pytest.mark.slow
def test_from_latest_on_closed_shards_are_passed_over(moto_server, rolling, tmp_path):
    create_table(moto_server, "latest-rolling")
    write(moto_server, "latest-rolling", range(40))
    runner = TableRunner(rolling.url, "latest-rolling", tmp_path)
    runner.run(starting_position="LATEST")
    assert runner.values() == []
    write(moto_server, "latest-rolling", range(40, 80))
    runner.run(starting_position="LATEST")
    assert set(runner.values()) >= set(range(40, 80))
    assert not {record.position.shard for record in runner.seen} & {shard_name(0, 0)}


@pytest.mark.slow
def test_a_killed_runner_loses_nothing_and_keys_stay_in_order(moto_server, rolling, tmp_path):
    create_table(moto_server, "killed")
    write(moto_server, "killed", range(150))
    killed = Killed(rolling.url, "dynamodb", "killed", tmp_path)
    for _ in range(KILLS):
        killed.run_and_kill(after=random.randint(10, 30))
    killed.run_to_the_end()
    values = killed.values()
    assert set(values) == set(range(150))
    assert first_orders(values) == in_order(150)
    assert len(values) - 150 <= KILLS * 2 * 2 * 5  # of two shards, the batches that are out
