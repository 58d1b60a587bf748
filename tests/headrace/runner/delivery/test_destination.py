"""A record reaches its destination, whatever stands in the way of a description of it."""

import msgspec
import pytest

from headrace.dead_letters import reading
from headrace.runner.delivery.destination import FailureDestination
from headrace.runner.delivery.limits import (
    RetryAttemptsExhausted,
)
from headrace.runner.protocol.events import event_of, kafka_event
from headrace.testing.memory_sink import MemorySink
from tests.support.failure_records import EXHAUSTED, RECORD, written
from tests.support.runner import kafka_record, kinesis_record


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
