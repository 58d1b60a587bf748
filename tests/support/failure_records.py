"""A record, why it was given up, and the failure record that is written of it."""

from headrace.runner.delivery.destination import FailureDestination
from headrace.runner.delivery.limits import (
    RetryAttemptsExhausted,
)
from headrace.runner.protocol.events import kafka_event
from headrace.testing.memory_sink import MemorySink
from tests.support.runner import kafka_record

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
