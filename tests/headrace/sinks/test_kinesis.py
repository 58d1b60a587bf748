"""Kinesis: throttled records go again, keys keep their order, limits are kept."""

import uuid

import pytest

from headrace.sinks import Message, open_sink
from headrace.sinks import partial_writes as batches
from headrace.sinks.kinesis import KinesisSink, partition_key
from headrace.testing.moto_server import wait_until_active
from tests.support.sinks import Answers

MIB = 1 << 20


@pytest.fixture
def stream(aws):
    client = aws("kinesis")
    name = f"sink-{uuid.uuid4().hex[:8]}"
    client.create_stream(StreamName=name, ShardCount=1)
    wait_until_active(client, name)

    def read():
        (shard,) = client.list_shards(StreamName=name)["Shards"]
        iterator = client.get_shard_iterator(
            StreamName=name, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
        )["ShardIterator"]
        records = client.get_records(ShardIterator=iterator, Limit=1000)["Records"]
        return [(record["PartitionKey"], record["Data"]) for record in records]

    return name, read


def acknowledge(records):
    return {"FailedRecordCount": 0, "Records": [{"SequenceNumber": "1"} for _ in records]}


def failing(*places, code="ProvisionedThroughputExceededException"):
    def answer(records):
        return {
            "FailedRecordCount": len(places),
            "Records": [
                {"ErrorCode": code, "ErrorMessage": "slow down"} if i in places else {}
                for i in range(len(records))
            ],
        }

    return answer


class Client:
    def __init__(self, *answers):
        self.put_records = Answers("Records", acknowledge, *answers)

    def sent(self):
        return [[record["Data"] for record in request] for request in self.put_records.requests]


@pytest.fixture
def waits(monkeypatch):
    waits = []
    monkeypatch.setattr(batches.time, "sleep", waits.append)
    return waits


def sink_of(client, *, ordered=True, timeout=30.0):
    return KinesisSink(client, "stream", timeout=timeout, ordered=ordered)


def test_records_arrive_in_order_with_their_keys(stream):
    name, read = stream
    sink = open_sink(f"kinesis://{name}")
    messages = [Message(b"a" if i % 2 else b"b", b"%d" % i) for i in range(20)]
    assert sink.send([*messages, Message(b"t", None), Message(None, b"no key")]) == [None] * 22
    sink.close()
    records = read()
    for key in ("a", "b"):
        expected = [m.value for m in messages if m.key == key.encode()]
        assert [data for k, data in records if k == key] == expected
    assert ("t", b"") in records
    assert [data for k, data in records if len(k) == 32] == [b"no key"]


def test_a_record_that_is_too_large_for_the_stream_fails_alone(stream):
    name, read = stream
    sink = open_sink(f"kinesis://{name}?ordered=false")
    messages = [Message(b"a", b"1"), Message(b"b", b"x" * 2 * MIB), Message(b"c", b"3")]
    failures = sink.send(messages)
    assert [failures[0], failures[2]] == [None, None]
    assert "1048576" in str(failures[1])  # the limit, in the service's own words
    assert [data for _, data in read()] == [b"1", b"3"]


def test_a_missing_stream_is_the_reason_of_every_message(aws):
    failures = open_sink("kinesis://no-such-stream").send([Message(b"a", b"1")] * 3)
    assert all("no-such-stream" in str(failure) for failure in failures)


def test_a_throttled_record_is_not_overtaken_by_its_key(waits):
    client = Client(failing(0))
    a, b = Message(b"a", b"a1"), Message(b"b", b"b1")
    assert sink_of(client).send([a, Message(b"a", b"a2"), b]) == [None] * 3
    assert client.sent() == [[b"a1", b"b1"], [b"a1"], [b"a2"]]
    assert any(waits)


def test_unordered_a_throttled_record_goes_again_alone(waits):
    client = Client(failing(1, code="InternalFailure"))
    messages = [Message(b"a", b"%d" % i) for i in range(3)]
    assert sink_of(client, ordered=False).send(messages) == [None] * 3
    assert client.sent() == [[b"0", b"1", b"2"], [b"1"]]


def test_a_stream_that_stays_throttled_fails_with_the_reason():
    client = Client(*[failing(0)] * 1000)
    (failure,) = sink_of(client, timeout=0.05).send([Message(b"a", b"1")])
    assert str(failure) == "ProvisionedThroughputExceededException: slow down"


def test_requests_stay_within_the_limits():
    client = Client()
    small = [Message(None, b"x")] * 1001
    large = [Message(None, b"x" * 2 * MIB)] * 3 + [Message(None, b"x" * 9 * MIB)]
    assert sink_of(client).send(small + large) == [None] * 1005
    requests = client.put_records.requests
    assert [len(request) for request in requests] == [500, 500, 3, 1, 1]
    sizes = [sum(len(r["Data"]) + len(r["PartitionKey"]) for r in q) for q in requests[:-1]]
    assert max(sizes) <= 5 * MIB


def test_a_record_over_every_limit_is_not_sent():
    client = Client()
    failures = sink_of(client).send([Message(b"a", b"x" * 10 * MIB), Message(b"b", b"1")])
    assert "10485761 bytes" in str(failures[0])
    assert failures[1] is None
    assert client.sent() == [[b"1"]]


def test_equal_keys_have_equal_partition_keys_that_the_service_takes():
    for key in (b"plain", "é".encode(), b"", b"\xff\x00", b"x" * 256, b"x" * 257):
        made = partition_key(key)
        assert made == partition_key(key)
        assert 1 <= len(made) <= 256
    assert partition_key(b"plain") == "plain"
    assert partition_key(None) != partition_key(None)
