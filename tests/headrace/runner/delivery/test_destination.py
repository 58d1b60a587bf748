"""Failure records: the service's form, with what it takes to put the record back."""

import json
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
from headrace.runner.delivery.open_destination import open_destination
from headrace.runner.protocol.events import event_of, kafka_event, kinesis_event
from headrace.runner.protocol.response import BadResponse, ReportedFailure
from headrace.runner.settings import MappingSettings
from headrace.sinks.base import ContentRefused
from headrace.testing.memory_sink import MemorySink
from tests.headrace.runner.protocol.test_payload import KAFKA, KINESIS
from tests.support.runner import kafka_record, kinesis_record

FUNCTION = "arn:aws:lambda:eu-west-1:123456789012:function:resize"
STREAM = "arn:aws:kinesis:eu-west-1:123456789012:stream/clicks"
EXHAUSTED = RetryAttemptsExhausted("3 attempts", 3, ValueError("poison"))
RECORD = kafka_record(7, b"v\xff", b"k", headers=(("h", b"\x80"),), timestamp=1_700_000_000_123)


def written(record, reason, build=None):
    sink = MemorySink()
    build = build or (lambda records: kafka_event(records, "h1:9092"))
    assert FailureDestination(sink, build, FUNCTION).write([record], [reason]) == [None]
    (message,) = sink.messages
    return message


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


@pytest.mark.parametrize("moment", [1_700_000_000_000_000, -(2**62), 2**62])
@pytest.mark.parametrize("make", [kafka_record, kinesis_record])
def test_a_time_that_no_calendar_has_is_left_out(moment, make):
    """A producer may stamp its messages in microseconds: their year is 55,840."""
    record = msgspec.structs.replace(make("1" if make is kinesis_record else 1), timestamp=moment)

    found = reading.decode(written(record, EXHAUSTED, event_of).value)

    assert found.record() == record


def test_whatever_stands_in_the_way_of_a_description_a_record_reaches_its_destination():
    class Mute(Exception):
        def __str__(self):
            raise RuntimeError("no words")

    def build(records):
        raise RuntimeError("no event")

    reason = RetryAttemptsExhausted("1", 1, Mute())
    for record in (RECORD, kinesis_record("4959")):
        found = reading.decode(written(record, reason, build).value)
        assert isinstance(found, reading.Reference)
        assert (found.position, found.last) == (record.position, record.position)
        assert found.error == "Mute: <RuntimeError in its __str__>"


def test_no_text_can_keep_a_record_from_its_destination():
    record = kafka_record(1, b"v", headers=(("\ud800", b"h"),))
    reason = RetryAttemptsExhausted("1", 1, ValueError("bad \udfff"))
    letter = reading.decode(written(record, reason).value)
    assert letter.headers == (("\\ud800", b"h"),)
    assert letter.error == "ValueError: bad \\udfff"


@pytest.mark.parametrize("timestamp", [1_700_000_000_000_000, -(10**18), 2**63 - 1])
def test_a_time_that_no_calendar_has_keeps_no_record_from_its_destination(timestamp):
    """As where a producer writes microseconds: the year would be 55840."""
    record = kafka_record(1, b"v", b"k", timestamp=timestamp)
    found = msgspec.json.decode(written(record, EXHAUSTED).value)
    assert "timestamp" not in found["KafkaBatchInfo"]["recordInfo"] or (
        found["KafkaBatchInfo"]["recordInfo"]["timestamp"] is None
    )
    assert reading.decode(written(record, EXHAUSTED).value).record() == record


def test_what_describes_a_failure_is_no_failure_of_others():
    def build(records):
        if records[0].value == b"odd":
            raise ValueError("it cannot be said")
        return kafka_event(records, "h")

    sink = MemorySink()
    records = [kafka_record(1, b"v"), kafka_record(2, b"odd"), kafka_record(3, b"v")]
    refusals = FailureDestination(sink, build).write(records, [EXHAUSTED] * 3)
    assert refusals == [None] * 3
    found = [msgspec.json.decode(message.value) for message in sink.messages]
    assert ["payload" in failure for failure in found] == [True, False, True]


class Small(MemorySink):
    """Takes messages up to a size."""

    def _send(self, message):
        return ContentRefused("too large") if len(message.value) > 2000 else super()._send(message)


def test_where_the_payload_is_too_large_for_the_destination_the_reference_is_written():
    sink, records = Small(), [kafka_record(n, bytes(n * 1000), b"k") for n in range(4)]
    assert FailureDestination(sink).write(records, [EXHAUSTED] * 4) == [None] * 4
    found = {m.id: reading.decode(m.value) for m in sink.messages}
    assert found["orders-0@0"].record() == records[0]
    assert isinstance(found["orders-0@3"], reading.Reference)
    assert found["orders-0@3"].position == records[3].position == found["orders-0@3"].last


def test_an_error_too_large_for_the_destination_is_cut():
    sink = Small()
    reason = RetryAttemptsExhausted("3 attempts", 3, ValueError("page " + "x" * 1_000_000))
    assert FailureDestination(sink).write([RECORD], [reason]) == [None]
    (message,) = sink.messages
    assert json.loads(message.value)["responsePayload"]["errorMessage"].startswith("page xxx")


def test_a_refusal_for_another_reason_is_one():
    sink = MemorySink(refuse=1)
    refusals = FailureDestination(sink).write([RECORD, RECORD], [EXHAUSTED] * 2)
    assert isinstance(refusals[0], OSError)
    assert refusals[1] is None


def test_in_s3_the_object_has_the_service_s_name_and_the_payload_as_text(aws):
    bucket = f"failures-{uuid.uuid4().hex[:8]}"
    client = aws("s3")
    location = {"LocationConstraint": client.meta.region_name}
    client.create_bucket(Bucket=bucket, CreateBucketConfiguration=location)
    settings = MappingSettings(on_failure_url=f"s3://{bucket}/below")
    destination = open_destination(settings, lambda r: kafka_event(r, "h"), "resize", "orders")
    assert destination.write([RECORD], [EXHAUSTED]) == [None]
    (found,) = client.list_objects_v2(Bucket=bucket)["Contents"]
    assert re.fullmatch(
        r"below/aws/lambda/[0-9a-f-]{36}/orders-0/\d{4}/\d\d/\d\d/"
        r"\d{4}-\d\d-\d\dT\d\d\.\d\d\.\d\d-[0-9a-f-]{36}",
        found["Key"],
    )
    body = client.get_object(Bucket=bucket, Key=found["Key"])["Body"].read()
    failure = msgspec.json.decode(body)
    assert failure["requestContext"]["functionArn"].endswith(":function:resize")
    assert msgspec.json.decode(failure["payload"]) == kafka_event([RECORD], "h")
    assert reading.decode(body).record() == RECORD


def test_without_a_url_there_is_no_destination():
    assert open_destination(MappingSettings(), lambda records: {}, "resize", "orders") is None
