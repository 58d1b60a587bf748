"""Failure records have the service's form, with what it takes to put the record back."""

import re
import uuid

import msgspec
import pytest
from confluent_kafka import TIMESTAMP_LOG_APPEND_TIME, Message
from hypothesis import given, settings

from headrace.dead_letters import reading
from headrace.kafka.records import to_records
from headrace.record import KinesisPosition, Record
from headrace.runner.delivery.destination import FailureDestination
from headrace.runner.delivery.limits import (
    MaximumPayloadSizeExceeded,
    RecordAgeExceeded,
    RetryAttemptsExhausted,
)
from headrace.runner.protocol.events import kafka_event, kinesis_event
from headrace.runner.protocol.response import BadResponse, ReportedFailure
from headrace.testing.memory_sink import MemorySink
from tests.headrace.runner.protocol.test_payload import KAFKA, KINESIS
from tests.support.failure_records import EXHAUSTED, FUNCTION, RECORD, STREAM, written
from tests.support.runner import kinesis_record


def test_the_payload_says_whose_time_a_record_has():
    place = {"topic": "orders", "partition": 0, "offset": 3}
    stamped = (TIMESTAMP_LOG_APPEND_TIME, 9)
    message = Message(value=b"v", key=b"k", headers=[], timestamp=stamped, **place)
    failure = msgspec.json.decode(written(*to_records([message]).records, EXHAUSTED).value)
    assert failure["payload"]["records"]["orders-0"][0]["timestampType"] == "LOG_APPEND_TIME"


def test_a_kafka_record_has_the_service_s_form_and_its_payload():
    message = written(RECORD, EXHAUSTED)
    found = msgspec.json.decode(message.value)
    uuid.UUID(found["requestContext"].pop("requestId"))
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", found.pop("timestamp"))
    event = kafka_event([RECORD], "h1:9092")
    assert found == {
        "requestContext": {
            "functionArn": FUNCTION,
            "condition": "RetryAttemptsExhausted",
            "approximateInvokeCount": 3,
        },
        "responseContext": {
            "statusCode": 200,
            "executedVersion": "$LATEST",
            "functionError": "Unhandled",
        },
        "version": "1.0",
        "KafkaBatchInfo": {
            "batchSize": 1,
            "bootstrapServers": "h1:9092",
            "payloadSize": len(msgspec.json.encode(event)),
            "recordsInfo": {
                "orders-0": {
                    "firstRecordOffset": "7",
                    "lastRecordOffset": "7",
                    "firstRecordTimestamp": "2023-11-14T22:13:20.123Z",
                    "lastRecordTimestamp": "2023-11-14T22:13:20.123Z",
                }
            },
            "recordInfo": {"offset": "7", "timestamp": "2023-11-14T22:13:20.123Z"},
        },
        "payload": event,
        "responsePayload": {"errorType": "ValueError", "errorMessage": "poison"},
    }
    assert (message.key, message.id) == (b"k", "orders-0@7")


def test_a_kinesis_record_has_the_service_s_form():
    record = kinesis_record("4959")
    message = written(record, EXHAUSTED, lambda records: kinesis_event(records, STREAM))
    found = msgspec.json.decode(message.value)
    assert found["KinesisBatchInfo"] == {
        "shardId": "shardId-000000000000",
        "startSequenceNumber": "4959",
        "endSequenceNumber": "4959",
        "approximateArrivalOfFirstRecord": "2023-11-14T22:13:20.500Z",
        "approximateArrivalOfLastRecord": "2023-11-14T22:13:20.500Z",
        "batchSize": 1,
        "streamArn": STREAM,
    }
    assert "KafkaBatchInfo" not in found


@pytest.mark.parametrize(
    ("reason", "response", "count"),
    [
        (MaximumPayloadSizeExceeded("too large"), None, 0),
        (RecordAgeExceeded("old"), None, 0),
        (RecordAgeExceeded("old", 2, ValueError("x")), None, 2),
        (RetryAttemptsExhausted("1", 1, BadResponse("no such identifier")), "none", 1),
        (RetryAttemptsExhausted("1", 1, ReportedFailure("named")), "none", 1),
    ],
)
def test_conditions(reason, response, count):
    found = msgspec.json.decode(written(RECORD, reason).value)
    assert found["requestContext"]["condition"] == type(reason).__name__
    assert found["requestContext"]["approximateInvokeCount"] == count
    if response is None:
        assert "responseContext" not in found
    else:
        error = found["responseContext"]["functionError"]
        assert error == (None if response == "none" else response)


@settings(deadline=None)
@given(KAFKA | KINESIS)
def test_any_record_comes_back_from_its_failure_record(record):
    sink = MemorySink()
    FailureDestination(sink).write([record], [EXHAUSTED])
    letter = reading.decode(sink.messages[0].value)
    assert letter.record() == record
    assert (letter.error_type, letter.error) == ("RetryAttemptsExhausted", "ValueError: poison")
    assert letter.rejected_at > 1_700_000_000_000


PACKED = b"\xf3\x89\x9a\xc2" + bytes(20)


@pytest.mark.parametrize("sub", [None, 0, 7])
def test_a_packed_kinesis_record_and_a_part_of_one_come_back_as_they_were(sub):
    position = KinesisPosition("clicks", "shardId-000000000000", "4959", sub)
    record = Record("kinesis", position, PACKED, b"k", (), 1_700_000_000_500)
    message = written(record, EXHAUSTED, lambda records: kinesis_event(records, STREAM))
    assert reading.decode(message.value).record() == record
