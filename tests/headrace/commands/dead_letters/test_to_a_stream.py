"""Dead letters of Kinesis go back to their stream, read from there if they hold no record."""

import uuid
from functools import partial

import msgspec
import pytest

from headrace.dead_letters.failure_record import FailureRecord
from headrace.record import KinesisPosition, Record
from headrace.runner.delivery.destination import FailureDestination
from tests.support.dead_letters import EXHAUSTED, fill, run


@pytest.fixture
def stream(aws):
    client = aws("kinesis")
    name = f"clicks-{uuid.uuid4().hex[:8]}"
    client.create_stream(StreamName=name, ShardCount=1)

    def records():
        iterator = client.get_shard_iterator(
            StreamName=name, ShardId="shardId-000000000000", ShardIteratorType="TRIM_HORIZON"
        )["ShardIterator"]
        return client.get_records(ShardIterator=iterator)["Records"]

    return client, name, records


def test_a_kinesis_record_goes_back_to_its_stream(stream, tmp_path):
    _, name, records = stream
    url = f"file:{tmp_path}/letters.jsonl"
    position = KinesisPosition(name, "shardId-000000000000", "49")
    fill(url, Record("kinesis", position, b"\x00data", "ключ".encode()))
    assert run("replay", url, "--all", "--source", name) == 0
    (found,) = records()
    assert (found["Data"], found["PartitionKey"]) == (b"\x00data", "ключ")


def test_a_record_that_its_letter_does_not_hold_is_read_from_its_stream(stream, tmp_path):
    """GIVEN what AWS Lambda writes to a queue: where the records are, not the records."""
    client, name, records = stream
    numbers = [
        client.put_record(StreamName=name, Data=b"%d" % n, PartitionKey=f"k{n}")["SequenceNumber"]
        for n in range(5)
    ]
    path = tmp_path / "letters.jsonl"
    path.write_bytes(reference(name, numbers[1], numbers[3]))
    assert run("replay", f"file:{path}", "--all", "--source", name) == 0
    assert [found["Data"] for found in records()[5:]] == [b"1", b"2", b"3"]


def test_a_letter_stands_for_no_more_records_than_a_batch(stream, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("headrace.dead_letters.ranges._MOST", 2)
    client, name, records = stream
    put = partial(client.put_record, StreamName=name, Data=b"1", PartitionKey="k")
    numbers = [put()["SequenceNumber"] for _ in range(3)]
    path = tmp_path / "letters.jsonl"
    path.write_bytes(reference(name, numbers[0], numbers[2]))
    assert run("replay", f"file:{path}", "--all", "--source", name) == 1
    assert "stands for at most 2 records" in capsys.readouterr().err
    assert len(records()) == 3


def reference(stream, first, last):
    """A line of a file that holds a failure record without payload."""
    sink = []

    class Collecting:
        def send(self, messages):
            sink.extend(messages)
            return [None] * len(messages)

    position = KinesisPosition(stream, "shardId-000000000000", first)
    FailureDestination(Collecting()).write([Record("kinesis", position, b"", b"k")], [EXHAUSTED])
    failure = msgspec.json.decode(sink[0].value, type=FailureRecord)
    info = msgspec.structs.replace(failure.kinesis_batch_info, end_sequence_number=last)
    bare = msgspec.structs.replace(failure, payload=msgspec.UNSET, kinesis_batch_info=info)
    return msgspec.json.encode({"id": "x", "value": bare})
