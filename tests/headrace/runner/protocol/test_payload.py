"""The size of an event by arithmetic is that of the event itself, or a few bytes more."""

import base64

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headrace.record import KafkaPosition, KinesisPosition, Record
from headrace.runner.protocol.events import kafka_event, kinesis_event
from headrace.runner.protocol.payload import LIMIT, fitting, largest, oversized, size
from tests.support.runner import kafka_record, kinesis_record
from tests.support.sinks import texts

ARN = "arn:aws:kinesis:eu-west-1:123456789012:stream/clicks"
TIMES = st.integers(0, 2**42)
HEADERS = st.lists(st.tuples(texts(), st.binary(max_size=40)), max_size=4).map(tuple)
KAFKA = st.builds(
    Record,
    st.just("kafka"),
    st.builds(
        KafkaPosition,
        st.from_regex(r"[A-Za-z0-9._-]{0,59}[A-Za-z0-9]", fullmatch=True),
        st.integers(0, 2**31 - 1),
        st.integers(0, 2**63 - 1),
    ),
    st.none() | st.binary(max_size=200),
    st.none() | st.binary(max_size=60),
    HEADERS,
    st.none() | TIMES,
)
KINESIS = st.builds(
    Record,
    st.just("kinesis"),
    st.builds(
        KinesisPosition,
        st.just("clicks"),
        st.from_regex(r"shardId-[0-9]{12}", fullmatch=True),
        st.from_regex(r"[1-9][0-9]{20,60}", fullmatch=True),
    ),
    st.binary(max_size=200),
    texts().map(str.encode),
    st.just(()),
    TIMES,
)


@settings(deadline=None)
@given(KAFKA)
def test_a_kafka_record_takes_what_arithmetic_says(record):
    ((entry,),) = kafka_event([record], "h:9092")["records"].values()
    real = len(orjson.dumps(entry)) + 1
    # An absent key and value leave their names out; nothing follows the last of a list; most have
    # a time, and a shorter name for whose it is.
    assert real <= size(record) <= real + 21 + len(record.headers) + 6


@settings(deadline=None)
@given(KINESIS)
def test_a_kinesis_record_takes_what_arithmetic_says(record):
    (entry,) = kinesis_event([record], ARN)["Records"]
    real = len(orjson.dumps(entry)) + 1
    assert real <= size(record) <= real + 50  # a shorter region, a time without milliseconds


@settings(deadline=None)
@given(st.lists(KAFKA, min_size=1, max_size=5))
def test_no_record_reaches_the_size_that_its_columns_give(records):
    longest = max(len(record.value or b"") for record in records)
    keys, headers = ([getattr(r, name) for r in records] for name in ("key", "headers"))
    assert max(map(size, records)) < largest(longest, keys, headers)


@settings(deadline=None, max_examples=30)
@given(st.lists(st.integers(0, 3 * 1024 * 1024), max_size=8), st.integers(1, 8))
def test_a_batch_closes_before_its_event_is_over_the_limit(lengths, most):
    records = [kafka_record(n, b"x" * length) for n, length in enumerate(lengths)]
    count = fitting(records, most)
    whole = sum(len(base64.b64encode(r.value)) for r in records[:most])
    assert count <= min(most, len(records))
    if records:
        assert count >= 1
    if count > 1:
        assert len(orjson.dumps(kafka_event(records[:count], "h:9092"))) <= LIMIT
    if count < min(most, len(records)):
        assert len(orjson.dumps(kafka_event(records[: count + 1], "h:9092"))) > LIMIT - 8192
    else:
        assert whole <= LIMIT


@pytest.mark.parametrize("make", [kafka_record, lambda n, v: kinesis_record(str(n), v)])
def test_a_record_alone_over_the_limit_is_a_batch_of_its_own(make):
    fits, too_large = make(1, bytes(4_600_000)), make(2, bytes(4_800_000))
    assert not oversized(fits)
    assert oversized(too_large)
    assert fitting([too_large, fits], 10) == 1
    assert fitting([fits, too_large], 10) == 1


def test_headers_count_as_lists_of_numbers():
    record = kafka_record(1, b"", headers=(("h", b"\x80" * 1_300_000),))
    assert oversized(record)  # 5 bytes for each one
    assert not oversized(kafka_record(1, b"", headers=(("h", bytes(1_300_000)),)))


@pytest.mark.parametrize("count", [0, 1, 5])
def test_small_records_fit_as_many_as_there_are(count):
    assert fitting([kafka_record(n) for n in range(count)], 100) == count


def test_no_more_than_most():
    assert fitting([kafka_record(n) for n in range(9)], 4) == 4
