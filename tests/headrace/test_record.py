"""Records read their value, or say in one line why they cannot."""

import time

import pytest

from headrace.errors import Reject
from headrace.record import (
    KafkaPosition,
    KinesisPosition,
    Record,
    RequestPosition,
    kafka_position,
    kinesis_position,
    kinesis_record,
)


def record(value):
    return Record("kafka", KafkaPosition("t", 0, 1), value)


def test_json_and_text():
    assert record(b'{"a": [1, null]}').json() == {"a": [1, None]}
    assert record("Zürich".encode()).text() == "Zürich"


@pytest.mark.parametrize(
    ("value", "read", "complaint"),
    [
        (b"{", "json", "value is not JSON"),
        (b"\xff", "json", "value is not JSON"),
        (b"ab\xff", "text", "value is not UTF-8: .* at byte 2"),
        (None, "json", "tombstone"),
        (None, "text", "tombstone"),
    ],
)
def test_what_cannot_be_read_is_rejected(value, read, complaint):
    with pytest.raises(Reject, match=complaint):
        getattr(record(value), read)()


@pytest.mark.parametrize("milliseconds", [0, 1, 1545084650987, 253402300799999])
def test_a_kinesis_record_keeps_its_arrival_to_the_millisecond(milliseconds):
    position = KinesisPosition("stream", "shardId-0", "1")

    assert kinesis_record(position, b"x", "key", milliseconds / 1000).timestamp == milliseconds


def test_a_position_of_another_source_is_refused_by_name():
    with pytest.raises(TypeError, match="a record of kafka has no place in a shard"):
        kinesis_position(record(b""))
    with pytest.raises(TypeError, match="a record of direct has no place in a topic"):
        kafka_position(Record("direct", RequestPosition(""), b""))


@pytest.mark.parametrize("read", ["json", "text"])
def test_a_request_without_a_body_says_so(read):
    record = Record("http", RequestPosition("r"), None)
    with pytest.raises(Reject, match="the request has no body"):
        getattr(record, read)()


def test_the_lag_of_a_record_is_how_long_ago_it_was_written():
    now = time.time_ns() // 1_000_000
    position = KafkaPosition("t", 0, 1)

    assert 5_000 <= Record("kafka", position, b"", timestamp=now - 5_000).lag() < 10_000
    assert Record("kafka", position, b"", timestamp=now + 60_000).lag() == 0
    assert record(b"").lag() is None
