"""The events that are made of records: in the service's shape, and read back as the same."""

import pytest
from confluent_kafka import (
    TIMESTAMP_CREATE_TIME,
    TIMESTAMP_LOG_APPEND_TIME,
    TIMESTAMP_NOT_AVAILABLE,
    Message,
)
from hypothesis import given
from hypothesis import strategies as st

from headrace.kafka.records import to_records
from headrace.runner.protocol.events import event_of, kafka_event, kinesis_event
from headrace.sources import pick
from tests.support.runner import kafka_record, kinesis_record

HEADERS = (("trace", b"\x00\x7f\x80\xff"), ("trace", b""), ("", b"x"))
FULL = kafka_record(7, b"\xff\x00", b"k", headers=HEADERS, timestamp=1_700_000_000_123)
KAFKA_RECORDS = [
    FULL,
    kafka_record(8, None, b"tombstone", timestamp=1),
    kafka_record(9, b"no key", timestamp=2),
    kafka_record(1_000, b"", b"", timestamp=3),
    kafka_record(1_001, b"no time", timestamp=None),
]
BYTES = st.none() | st.binary()


def test_the_kafka_event_reads_back_as_the_same_records():
    event = kafka_event(KAFKA_RECORDS, "h1:9092,h2:9092")
    assert pick(event).records(event) == KAFKA_RECORDS
    assert event["records"]["orders-0"][-1]["timestamp"] == -1  # as Kafka has it


def test_the_kinesis_event_reads_back_as_the_same_records():
    records = [kinesis_record("49" * 20), kinesis_record("50" * 20, b"\xff", "ключ".encode())]
    event = kinesis_event(records, "arn:aws:kinesis:eu-west-1:1:stream/clicks")
    assert pick(event).records(event) == records
    assert event["Records"][0]["awsRegion"] == "eu-west-1"
    assert event["Records"][0]["eventID"] == records[0].id
    assert event["Records"][0]["kinesis"]["approximateArrivalTimestamp"] == 1_700_000_000.5


@given(st.lists(st.binary(max_size=4), max_size=5), BYTES, BYTES)
def test_any_record_survives_the_event(headers, key, value):
    record = kafka_record(
        3, value, key, headers=tuple(("h", header) for header in headers), timestamp=0
    )
    event = kafka_event([record], "h")
    assert pick(event).records(event) == [record]


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        (TIMESTAMP_NOT_AVAILABLE, "NO_TIMESTAMP_TYPE"),
        (TIMESTAMP_CREATE_TIME, "CREATE_TIME"),
        (TIMESTAMP_LOG_APPEND_TIME, "LOG_APPEND_TIME"),
    ],
)
def test_the_event_says_whose_time_it_is(kind, name):
    place = {"topic": "orders", "partition": 0, "offset": 3}
    message = Message(value=b"v", key=b"k", headers=[], timestamp=(kind, 9), **place)
    (record,) = to_records([message]).records
    for _ in range(2):  # as for a retry
        ((entry,),) = event_of([record])["records"].values()
        assert entry["timestampType"] == name
        assert entry["timestamp"] == (9 if kind else -1)
