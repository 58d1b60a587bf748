"""What is too large for a destination, what one refuses, and what an object in S3 looks like."""

import json
import re
import uuid

import msgspec

from headrace.dead_letters import reading
from headrace.runner.delivery.destination import FailureDestination
from headrace.runner.delivery.limits import (
    RetryAttemptsExhausted,
)
from headrace.runner.delivery.open_destination import open_destination
from headrace.runner.protocol.events import kafka_event
from headrace.runner.settings import MappingSettings
from headrace.sinks.base import ContentRefused
from headrace.testing.memory_sink import MemorySink
from tests.support.failure_records import EXHAUSTED, RECORD
from tests.support.runner import kafka_record


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
