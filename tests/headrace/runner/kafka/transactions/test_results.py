"""Results wait in memory until the position of their record moves."""

import pytest

from headrace.errors import NotDone
from headrace.record import KafkaPosition, Record
from headrace.runner.kafka.transactions.results import HeldResults
from headrace.sinks.base import ContentRefused, Message


def message(offset, partition=0, key=b"k", value=b"1", **more):
    return Message(key, value, position=KafkaPosition("t", partition, offset), **more)


def record(offset):
    return Record("kafka", KafkaPosition("t", 0, offset), b"1")


@pytest.fixture
def held():
    """Two partitions, both read from offset 10 on."""
    found = HeldResults("t", 1000)
    for number in (0, 1):
        found.begin(number)
        found.came(number, [record(10)])
    return found


def offsets(held, **until):
    return [(one.partition, one.offset) for one in held.until(until.get("of", {0: 99, 1: 99}))]


def test_they_come_by_partition_and_offset_up_to_a_position(held):
    assert held.send([message(12), message(10), message(11, 1), message(10, 1)]) == [None] * 4
    assert offsets(held, of={1: 11, 0: 12}) == [(0, 10), (1, 10)]
    assert offsets(held) == [(0, 10), (0, 12), (1, 10), (1, 11)]


def test_what_is_committed_is_gone_and_cannot_come_back(held):
    held.send([message(10), message(11)])
    held.note_committed({0: 11})
    held.send([message(10)])
    assert offsets(held) == [(0, 11)]


def test_a_later_attempt_takes_the_place_of_an_earlier_one(held):
    held.send([message(10, value=b"first")])
    held.send([message(10, value=b"second")])
    (one,) = held.until({0: 11})
    assert one.message.value == b"second"


def test_partitions_of_others_take_nothing(held):
    held.send([message(10)])
    held.end([0])
    (failure,) = held.send([message(11)])
    assert isinstance(failure, NotDone)
    held.begin(0)
    held.came(0, [record(10)])
    assert offsets(held) == []


def test_what_stood_before_an_assignment_is_not_written(held):
    held.begin(0)
    held.send([message(10)])
    assert offsets(held) == []
    held.came(0, [record(20)])
    held.came(0, [record(21)])
    held.send([message(20)])
    assert offsets(held) == [(0, 20)]


def test_a_message_too_large_fails_with_the_later_ones_of_its_key(held):
    failures = held.send(
        [message(10, value=b"x" * 990), message(11), message(12, key=None), message(13, key=b"l")]
    )
    assert isinstance(failures[0], ContentRefused)
    assert isinstance(failures[1], NotDone)
    assert failures[2:] == [None, None]
    assert "message.max.bytes=1000" in str(failures[0])


def test_a_header_without_encoding_fails(held):
    (failure,) = held.send([message(10, headers=(("\ud800", b""),))])
    assert isinstance(failure, ContentRefused)


def test_a_result_of_no_record_here_fails(held):
    (failure,) = held.send([Message(b"k", b"1")])
    assert isinstance(failure, ContentRefused)


def test_a_refused_result_has_its_partition_read_again(held):
    held.send([message(10), message(11), message(10, 1)])
    held.note_committed({0: 11, 1: 10})
    assert held.refuse(held.until({0: 12})[0], "too large") == 11
    assert held.movable({0: 12, 1: 11}) == {1: 11}
    (late,) = held.send([message(12)])
    assert isinstance(late, NotDone)
    held.go_on(0, 11)
    assert held.movable({0: 12}) == {0: 12}
    assert offsets(held) == [(1, 10)]
    failures = held.send([message(11), message(12, key=b"other")])
    assert str(failures[0]) == "too large"
    assert failures[1] is None


def test_a_log_that_was_cut_before_what_is_held_changes_nothing(held):
    held.send([message(10)])
    held.go_on(0, 50)
    assert offsets(held) == [(0, 10)]


def test_a_log_that_begins_anew_has_new_results(held):
    held.note_committed({0: 100})
    held.go_on(0, 0)
    held.send([message(3)])
    assert offsets(held) == [(0, 3)]


@pytest.mark.parametrize(("found", "left"), [({0: 11}, [(0, 11)]), ({0: 10}, [(0, 10), (0, 11)])])
def test_a_doubt_is_settled_by_the_position(held, found, left):
    held.send([message(10), message(11)])
    held.note_doubt({0: 11})
    assert held.doubts() == [0]
    held.resolve(found)
    assert held.doubts() == []
    assert offsets(held) == left


def test_a_doubt_ends_with_the_assignment(held):
    held.note_doubt({0: 11})
    held.begin(0)
    assert held.doubts() == []
