"""Aggregates of the Kinesis Producer Library are taken apart, and nothing else is."""

import hashlib
import time
import tracemalloc

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headrace.dead_letters import letter as dead_letter
from headrace.dead_letters import reading
from headrace.errors import Reject
from headrace.record import KinesisPosition, Record
from headrace.sources.kpl import UserRecord, unpack, user_records
from tests.support.kinesis.kpl import GOLDEN, MAGIC, aggregate, sealed

RECORDS = st.lists(
    st.tuples(
        st.text(min_size=1, max_size=5),
        st.none() | st.integers(0, 2**128 - 1).map(str),
        st.binary(max_size=200),
    ),
    max_size=20,
)


def record(value: bytes, number: str = "7") -> Record:
    position = KinesisPosition("clicks", "shardId-0", number)
    return Record("kinesis", position, value, b"outer", (), 1_700_000_000_500)


def test_an_aggregate_of_another_producer_is_read():
    assert unpack(GOLDEN) == [
        UserRecord(b"one", "alice", None),
        UserRecord(b"two", "alice", None),
        UserRecord(b"", "bob", str(2**127)),
    ]


@given(RECORDS)
def test_what_was_packed_comes_out(packed):
    expected = [UserRecord(data, key, explicit) for key, explicit, data in packed]
    assert (unpack(aggregate(packed)) or []) == expected


@given(RECORDS)
def test_fields_of_a_later_format_are_skipped(packed):
    extra = bytes([9 << 3, 0x96, 0x01]) + bytes([10 << 3 | 1, *range(8)])
    extra += bytes([11 << 3 | 5, *range(4)]) + bytes([12 << 3 | 2, 2, 1, 2])
    expected = [UserRecord(data, key, explicit) for key, explicit, data in packed]
    assert unpack(aggregate(packed, extra)) == expected


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"plain",
        MAGIC,
        MAGIC + hashlib.md5(b"").digest(),
        GOLDEN[:-1] + b"\0",
        GOLDEN[:10] + b"X" + GOLDEN[11:],
        GOLDEN[1:],
        sealed(b"\x1a\x02\x08\x00"),  # a user record without data
        sealed(b"\x1a\x02\x1a\x00"),  # a user record without a key
        sealed(b"\x1a\x04\x08\x05\x1a\x00"),  # a key that the table has not
        sealed(b"\x0a\x01k\x1a\x06\x08\x00\x10\x03\x1a\x00"),  # a hash key that it has not
        sealed(b"\x0a\x02\xff\xfe"),  # a key that is no UTF-8
        sealed(b"\x1a\x7f\x08"),  # cut off
        sealed(b"\x80"),  # a number without end
        sealed(b"\x0b"),  # a wire type that does not exist any more
        sealed(b"\x08" + b"\x80" * 10 + b"\x01"),  # a number of more than 64 bits
        aggregate([("k" * 257, None, b"")]),  # a key that Kinesis does not take
        aggregate([("k", "1" * 5_000, b"")]),
    ],
)
def test_what_is_no_aggregate_is_passed_on_as_it_is(data):
    assert unpack(data) is None
    assert user_records(record(data)) == (record(data),)


@given(st.binary(min_size=1, max_size=100))
def test_no_message_breaks_the_reader(message):
    unpack(sealed(message))


def test_user_records_have_places_of_their_own():
    first, second, third = user_records(record(GOLDEN))
    assert [r.position.sub_sequence_number for r in (first, second, third)] == [0, 1, 2]
    assert second == Record(
        "kinesis",
        KinesisPosition("clicks", "shardId-0", "7", 1),
        b"two",
        b"alice",
        (),
        1_700_000_000_500,
    )
    assert [r.id for r in (first, second)] == ["shardId-0:7.0", "shardId-0:7.1"]
    letter = reading.decode(dead_letter.encode(second, Reject("no")).value)
    assert letter.record() == second
    assert b"sub_sequence" not in msgspec.json.encode(record(b"plain"))


@pytest.mark.parametrize(
    ("user", "number"),
    [
        (UserRecord(b"", "k", "17"), 17),
        (UserRecord(b"", "k", None), 0x8CE4B16B22B58894AA86C421E8759DF3),
        (UserRecord(b"", "k", "no number"), 0x8CE4B16B22B58894AA86C421E8759DF3),
    ],
)
def test_the_hash_key_is_the_explicit_one_or_that_of_the_partition_key(user, number):
    assert user.hash_key == number


BOMB = sealed(b"\x0a\xe0\xd4\x03" + b"k" * 60_000 + b"\x1a\x04\x08\x00\x1a\x00" * 120_000)
MANY = sealed(b"\x0a\xff\x01" + b"k" * 255 + b"\x1a\x04\x08\x00\x1a\x00" * 100_000)


@pytest.mark.parametrize(("data", "count"), [(BOMB, 1), (MANY, 100_000)])
def test_what_an_aggregate_takes_in_memory_is_bounded(data, count):
    """GIVEN 780 kB that claim 120,000 keys of 60,000 bytes, THEN they are one plain record."""
    tracemalloc.start()
    try:
        found = user_records(record(data))
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert len(found) == count
    assert most < 60_000_000


def test_a_number_without_end_takes_no_time():
    begun = time.monotonic()
    assert unpack(sealed(b"\x80" * 1_000_000)) is None
    assert time.monotonic() - begun < 1
