"""The runner on stand-ins for Kinesis: restarts, resharding, expired iterators, throttling."""

import time

import pytest
from botocore.exceptions import ClientError

from headrace import Worker, lambda_handler, runner
from headrace.errors import SettingsError
from headrace.runner.stop import Stop
from headrace.testing.moto_server import create_stream, kinesis_client, wait_until_active
from tests.support.kinesis.runner import StreamRunner, first_orders, put

pytestmark = [pytest.mark.kinesis, pytest.mark.usefixtures("aws_credentials")]


class Runner(StreamRunner):
    """A worker, put together with its stream as the command does it."""

    def _run(self, note, chosen, stats, stop, *, by_event):
        class Noting(Worker):
            def process(self, record) -> None:
                note(record)

        runner.run(lambda_handler(Noting), self.source, chosen, stats=stats, stop=stop)


@pytest.fixture(params=["moto_server", "kinesis_mock"])
def endpoint(request) -> str:
    return request.getfixturevalue(request.param)


def test_a_restart_resumes_after_the_checkpoint(endpoint, tmp_path):
    create_stream(endpoint, "restart", 2)
    runner = Runner(endpoint, "restart", tmp_path)
    put(endpoint, "restart", range(60))
    assert runner.run(stop=Stop(max_records=25), batch_size=10).snapshot().committed == 25
    runner.run(until=60, batch_size=10)
    put(endpoint, "restart", range(60, 80))
    runner.run(until=80)
    assert sorted(runner.values()) == list(range(80))
    assert first_orders(runner.values()) == [list(range(key, 80, 7)) for key in range(7)]


def test_what_was_not_done_comes_again_after_a_restart(moto_server, tmp_path):
    create_stream(moto_server, "undone", 1)
    runner = Runner(moto_server, "undone", tmp_path)
    put(moto_server, "undone", range(20), keys=20)
    stop = Stop()

    def fail_at_10(record):
        if record.value == b"10":
            stop.request()
            raise ValueError("the process is about to end")

    runner.run(fail_at_10, stop)
    before = runner.values()
    assert 10 not in before
    runner.run(until=len(before) + 10)
    assert runner.values()[len(before) :] == list(range(10, 20))  # the prefix does not


def test_latest_reads_only_what_comes_after_the_first_start(moto_server, tmp_path):
    create_stream(moto_server, "latest", 1)
    runner = Runner(moto_server, "latest", tmp_path)
    put(moto_server, "latest", range(5))
    time.sleep(1.1)  # the stand-in knows whole seconds
    runner.run(starting_position="LATEST")
    assert runner.values() == []
    put(moto_server, "latest", range(5, 9))
    # Nothing was committed; the start is remembered.
    runner.run(until=4, starting_position="LATEST")
    assert runner.values() == [5, 6, 7, 8]


def test_a_stream_made_anew_under_its_old_name_is_read_from_its_start(moto_server, tmp_path):
    client = kinesis_client(moto_server)
    runner = Runner(moto_server, "anew", tmp_path)
    for numbers in (range(5), range(5, 8)):
        create_stream(moto_server, "anew", 1)
        put(moto_server, "anew", numbers)
        runner.run(until=numbers.stop)
        client.delete_stream(StreamName="anew")
        time.sleep(1)
    assert runner.values() == list(range(8))


def test_children_are_read_after_their_parents_over_a_split_and_a_merge(kinesis_mock, tmp_path):
    create_stream(kinesis_mock, "reshard", 1)
    client = kinesis_client(kinesis_mock)

    def settled() -> list[dict]:
        wait_until_active(client, "reshard")
        shards = client.list_shards(StreamName="reshard")["Shards"]
        return [s for s in shards if "EndingSequenceNumber" not in s["SequenceNumberRange"]]

    put(kinesis_mock, "reshard", range(20))
    (parent,) = settled()
    client.split_shard(
        StreamName="reshard", ShardToSplit=parent["ShardId"], NewStartingHashKey=str(2**127)
    )
    first, second = settled()
    put(kinesis_mock, "reshard", range(20, 40))
    client.merge_shards(
        StreamName="reshard",
        ShardToMerge=first["ShardId"],
        AdjacentShardToMerge=second["ShardId"],
    )
    (child,) = settled()
    put(kinesis_mock, "reshard", range(40, 60))

    runner = Runner(kinesis_mock, "reshard", tmp_path)
    runner.run(stop=Stop(max_records=30), batch_size=7)  # ends among the children of the split
    runner.run(until=60, batch_size=7)
    assert sorted(runner.values()) == list(range(60))
    assert first_orders(runner.values()) == [list(range(key, 60, 7)) for key in range(7)]
    generations = {parent["ShardId"]: 0, first["ShardId"]: 1, second["ShardId"]: 1}
    order = [generations.get(record.position.shard, 2) for record in runner.seen]
    assert order == sorted(order)
    assert runner.seen[-1].position.shard == child["ShardId"]


@pytest.mark.parametrize(
    "code", ["ExpiredIteratorException", "ProvisionedThroughputExceededException"]
)
def test_expired_iterators_and_throttling_lose_nothing(code, moto_server, tmp_path, monkeypatch):
    stream = f"errors-{code}"
    create_stream(moto_server, stream, 1)
    runner = Runner(moto_server, stream, tmp_path)
    put(moto_server, stream, range(30))
    refused = refusing_client(monkeypatch, code, every=2)
    runner.run(until=30, batch_size=10)
    put(moto_server, stream, range(30, 35))
    runner.run(until=35, batch_size=10)
    assert runner.values() == list(range(35))
    assert len(refused) > 2


def refusing_client(monkeypatch, code: str, every: int) -> list[str]:
    """Has every so manieth GetRecords refused. Returns the list of refusals, as it grows."""
    from headrace.runner.kinesis import settings as kinesis

    refused: list[str] = []
    calls = iter(range(10**9))

    opened = kinesis.open_client

    def open_client(settings):
        client = opened(settings)
        get_records = client.get_records

        def refuse(**arguments):
            if next(calls) % every == 0:
                refused.append(code)
                raise ClientError({"Error": {"Code": code}}, "GetRecords")
            return get_records(**arguments | {"Limit": 4})

        client.get_records = refuse
        return client

    monkeypatch.setattr(kinesis, "open_client", open_client)
    return refused


def test_a_stream_that_is_not_there_is_one_clear_error(moto_server, tmp_path):
    with pytest.raises(SettingsError, match="no-such-stream"):
        Runner(moto_server, "no-such-stream", tmp_path).run()
