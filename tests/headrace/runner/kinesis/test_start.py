"""Where the reading of a stream begins: at a position, or at the checkpoint if there is one."""

import time

import pytest

from headrace.errors import SettingsError
from headrace.runner.shards.checkpoints import Checkpoint, Checkpoints
from headrace.runner.shards.start import ShardStart, resume
from headrace.runner.stop import Stop
from headrace.testing.moto_server import create_stream, kinesis_client, wait_until_active
from tests.support.kinesis.runner import StreamRunner, put

pytestmark = [pytest.mark.kinesis, pytest.mark.usefixtures("aws_credentials")]


@pytest.mark.parametrize(
    ("checkpoint", "expected"),
    [
        (None, ShardStart.at(5.0)),
        (Checkpoint(None, None, finished=False), ShardStart.at(5.0)),
        (Checkpoint(None, 9.0, finished=False), ShardStart.at(9.0)),
        (Checkpoint("7", 9.0, finished=False), ShardStart.after("7")),
        (Checkpoint("7", None, False, 3), ShardStart("AT_SEQUENCE_NUMBER", "7", None, 3)),
    ],
)
def test_a_checkpoint_comes_before_a_starting_position(checkpoint, expected):
    assert resume(checkpoint, ShardStart.at(5.0)) == expected


@pytest.mark.parametrize(
    ("start", "iterator"),
    [
        (ShardStart(), {"ShardIteratorType": "TRIM_HORIZON"}),
        (ShardStart.at(5.0), {"ShardIteratorType": "AT_TIMESTAMP", "Timestamp": 5.0}),
        (
            ShardStart.after("7"),
            {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "StartingSequenceNumber": "7"},
        ),
        (
            ShardStart("AT_SEQUENCE_NUMBER", "7", sub_sequence_number=3),
            {"ShardIteratorType": "AT_SEQUENCE_NUMBER", "StartingSequenceNumber": "7"},
        ),
    ],
)
def test_a_start_in_the_words_of_get_shard_iterator(start, iterator):
    assert start.iterator() == iterator


def test_at_timestamp_is_for_shards_without_a_checkpoint(kinesis_mock, tmp_path):
    create_stream(kinesis_mock, "at-timestamp", 1)
    runner = StreamRunner(kinesis_mock, "at-timestamp", tmp_path)
    put(kinesis_mock, "at-timestamp", range(5))
    time.sleep(1)
    begin = time.time()
    time.sleep(1)
    put(kinesis_mock, "at-timestamp", range(5, 10))
    at = {"starting_position": "AT_TIMESTAMP", "starting_position_timestamp": begin}
    runner.run(stop=Stop(max_records=2), batch_size=1, **at)
    assert runner.values() == [5, 6]
    at["starting_position_timestamp"] = 1.0
    runner.run(until=5, **at)  # the checkpoint counts now
    assert runner.values() == [5, 6, 7, 8, 9]


def test_a_timestamp_in_the_future_is_one_clear_error(moto_server, tmp_path):
    create_stream(moto_server, "future", 1)
    runner = StreamRunner(moto_server, "future", tmp_path)
    with pytest.raises(
        SettingsError, match="HEADRACE_STARTING_POSITION_TIMESTAMP lies in the future"
    ):
        runner.run(starting_position="AT_TIMESTAMP", starting_position_timestamp=time.time() + 3600)


def test_latest_holds_for_a_shard_that_was_never_read(kinesis_mock, tmp_path):
    """A first start that a crash ends before any record must not make the next one skip any."""
    create_stream(kinesis_mock, "latest-durable", 2)
    runner = StreamRunner(kinesis_mock, "latest-durable", tmp_path)
    put(kinesis_mock, "latest-durable", range(10))
    time.sleep(1.1)  # the time of the start is known to the second
    stop = Stop()
    stop.request()
    runner.run(stop=stop, starting_position="LATEST")
    put(kinesis_mock, "latest-durable", range(10, 30))
    runner.run(until=20, starting_position="LATEST")
    assert sorted(runner.values()) == list(range(10, 30))


def test_a_shard_born_after_a_start_at_latest_is_read_from_its_start(kinesis_mock, tmp_path):
    create_stream(kinesis_mock, "latest-split", 1)
    runner = StreamRunner(kinesis_mock, "latest-split", tmp_path)
    put(kinesis_mock, "latest-split", range(10))
    time.sleep(1.1)
    runner.run(starting_position="LATEST")
    client = kinesis_client(kinesis_mock)
    (shard,) = client.list_shards(StreamName="latest-split")["Shards"]
    client.split_shard(
        StreamName="latest-split",
        ShardToSplit=shard["ShardId"],
        NewStartingHashKey=str(2**127),
    )
    wait_until_active(client, "latest-split")
    put(kinesis_mock, "latest-split", range(10, 30))
    runner.run(until=20, starting_position="LATEST")
    assert sorted(runner.values()) == list(range(10, 30))


def test_a_stream_can_be_named_by_its_arn(moto_server, tmp_path):
    create_stream(moto_server, "by-arn", 1)
    summary = kinesis_client(moto_server).describe_stream_summary(StreamName="by-arn")
    put(moto_server, "by-arn", range(3))
    arn = summary["StreamDescriptionSummary"]["StreamARN"]
    runner = StreamRunner(moto_server, arn, tmp_path)
    runner.run(until=3)
    assert runner.values() == [0, 1, 2]
    assert {record.position.stream for record in runner.seen} == {"by-arn"}


def test_a_second_runner_of_the_stream_gets_one_clear_error(moto_server, tmp_path):
    create_stream(moto_server, "second", 1)
    runner = StreamRunner(moto_server, "second", tmp_path)
    with (
        Checkpoints(tmp_path / "checkpoints.sqlite"),
        pytest.raises(SettingsError, match=r"checkpoints\.sqlite: another runner holds this file"),
    ):
        runner.run()
