"""Records that the kit makes of plain values."""

from dataclasses import dataclass

import msgspec
import pytest

from headrace import Worker
from headrace.record import KafkaPosition, KinesisPosition
from headrace.testing import (
    StreamRun,
    direct_record,
    http_record,
    kafka_event,
    kafka_record,
    kinesis_event,
    kinesis_record,
    run,
)


class Nothing(Worker):
    def process(self, record):
        return None


def produce(values):
    StreamRun(Nothing).produce(values)


def run_nothing(values):
    run(Nothing, values)


class Struct(msgspec.Struct):
    id: int


@dataclass
class Data:
    id: int


@pytest.mark.parametrize("value", [{"id": 1}, Struct(1), Data(1)])
def test_what_is_no_text_becomes_json(value):
    assert kafka_record(value).json() == {"id": 1}


@pytest.mark.parametrize(
    ("value", "held"), [("text", b"text"), (b"\xff", b"\xff"), (None, None), (0, b"0")]
)
def test_text_and_bytes_stay_what_they_are(value, held):
    assert kafka_record(value).value == held


def test_integers_keep_all_their_digits():
    assert kafka_record({"id": 2**70}).value == b'{"id":1180591620717411303424}'


@pytest.mark.parametrize("value", [float("nan"), object(), {1j}])
def test_what_json_cannot_say_is_refused(value):
    with pytest.raises((TypeError, ValueError)):
        kafka_record(value)


def test_a_kafka_record_stands_where_it_is_put():
    record = kafka_record("v", b"k", topic="t", partition=2, offset=9, headers={"a": "b"})
    assert record.position == KafkaPosition("t", 2, 9)
    assert (record.key, record.headers) == (b"k", (("a", b"b"),))


def test_a_kinesis_record_always_has_a_key_and_a_value():
    record = kinesis_record(None, sequence_number=12)
    assert record.position == KinesisPosition("orders", "shardId-000000000000", "12")
    assert (record.key, record.value) == (b"0", b"")


def test_records_are_the_same_each_time():
    assert kafka_record({"id": 1}) == kafka_record({"id": 1})


@pytest.mark.parametrize("record", [http_record({"id": 1}), direct_record({"id": 1})])
def test_a_request_is_a_record_too(record):
    assert record.json() == {"id": 1}
    assert record.key is None


@pytest.mark.parametrize("value", [{"id": 1}, "text", b"bytes", kafka_record(1)])
@pytest.mark.parametrize("make", [kafka_event, kinesis_event, run_nothing, produce])
def test_one_value_is_no_list_of_values(make, value):
    with pytest.raises(TypeError, match="in place of a list of values"):
        make(value)


@pytest.mark.parametrize(
    ("make", "complaint"),
    [
        (lambda: kafka_record({}, 5), "a key is text or bytes, not int: 5"),
        (lambda: kafka_event([{"id": 5}], key=lambda v: v["id"]), "a key is text or bytes"),
        (lambda: kafka_record({}, headers={"a": 1}), "the header 'a' is text or bytes, not int: 1"),
    ],
)
def test_a_key_and_a_header_are_text_or_bytes(make, complaint):
    """A number became the key of the record, which no topic has."""
    with pytest.raises(TypeError, match=complaint):
        make()


def test_nobody_sends_requests_of_another_kind():
    with pytest.raises(ValueError, match="kind='rest' is none of v1, v2, function-url"):
        http_record(kind="rest")
    assert http_record(method="post").request.method == "POST"
