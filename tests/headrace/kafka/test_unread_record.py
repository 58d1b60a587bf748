"""A record that is read when it is asked for is as good as one that was read at once."""

import copy
import gc
import pickle
import sys
import threading

import msgspec
import pytest
from confluent_kafka import TIMESTAMP_CREATE_TIME, TIMESTAMP_NOT_AVAILABLE, Message
from hypothesis import given
from hypothesis import strategies as st

from headrace import json_text
from headrace.kafka.records import to_records
from headrace.record import KafkaPosition, Record, whole
from headrace.runner.function.child.wire import RunRecords, decode_request, encode, with_deadline

PARTS = st.fixed_dictionaries(
    {
        "value": st.none() | st.binary(max_size=20),
        "key": st.none() | st.binary(max_size=5),
        "headers": st.lists(st.tuples(st.text(max_size=3), st.binary(max_size=3)), max_size=2),
        "partition": st.integers(0, 3),
        "offset": st.integers(0, 2**62),
        "time": st.none() | st.integers(0, 2**40),
    }
)


def eager(parts):
    position = KafkaPosition("t", parts["partition"], parts["offset"])
    headers = tuple(parts["headers"])
    return Record("kafka", position, parts["value"], parts["key"], headers, parts["time"])


def lazy(parts):
    kind = TIMESTAMP_NOT_AVAILABLE if parts["time"] is None else TIMESTAMP_CREATE_TIME
    names = ("value", "key", "partition", "offset")
    message = Message(
        topic="t",
        headers=list(parts["headers"]),
        timestamp=(kind, parts["time"] or 0),
        **{name: parts[name] for name in names},
    )
    (record,) = to_records([message]).records
    return record


def matched(record):
    match record:
        case Record("kafka", KafkaPosition(topic, partition, offset), value, key=key):
            return topic, partition, offset, value, key


def through_json(record):
    try:
        return json_text.encode({"of": record})
    except json_text.JsonError as error:
        return str(error)


def in_a_child(record):
    request, _ = decode_request(with_deadline(encode(RunRecords([whole(record)])), 1.0))
    return request


USES = [
    repr,
    hash,
    str,
    pickle.dumps,
    copy.copy,
    copy.deepcopy,
    matched,
    through_json,
    in_a_child,
    lambda record: record.__replace__(key=b"other"),
    lambda record: msgspec.structs.replace(whole(record), value=b"other"),
    lambda record: msgspec.structs.asdict(whole(record)),
    lambda record: msgspec.msgpack.encode(whole(record)),
    lambda record: [*record.__rich_repr__()],
    lambda record: (record.timestamp, record.key, record.headers, record.value, record.source),
    lambda record: (record.id, record.position),
    lambda record: {record: 1},
]


@given(PARTS, st.permutations(USES))
def test_both_forms_behave_the_same_whatever_is_asked_first(parts, uses):
    late, early = lazy(parts), eager(parts)
    for use in uses:
        assert use(late) == use(early)
        assert use(lazy(parts)) == use(early)
    assert type(pickle.loads(pickle.dumps(lazy(parts)))) is Record


@given(PARTS, PARTS)
def test_both_forms_are_equal_if_their_fields_are(one, other):
    same = eager(one) == eager(other)
    assert (lazy(one) == lazy(one)) is True
    assert (lazy(one) != lazy(one)) is False
    for left, right in [(lazy(one), eager(other)), (eager(one), lazy(other))]:
        assert (left == right) is same
        assert (left != right) is not same
    assert lazy(one) != "something else"


@pytest.mark.parametrize("read", [lambda record: record.id, lambda record: record.value])
def test_a_kept_record_holds_the_memory_of_no_other_and_lets_its_own_go(read):
    value = bytes(range(200))
    held = sys.getrefcount(value)
    messages = [
        Message(topic="t", value=value, key=b"", partition=0, offset=n, timestamp=(1, n))
        for n in range(10)
    ]
    records = to_records(messages).records
    del messages
    kept = records[3]
    read(kept)
    del records
    gc.collect()
    assert sys.getrefcount(value) <= held + 2  # its own, and its message's if that is still there
    del kept
    assert sys.getrefcount(value) == held


def test_a_record_that_was_read_has_no_message_any_more():
    parts = {"value": b"", "key": None, "headers": [], "partition": 0, "offset": 1, "time": 5}
    record = lazy(parts)
    assert type(record) is not Record
    assert record.id == "t-0@1"
    assert type(record) is Record
    assert record == eager(parts)


def test_many_threads_may_read_the_same_record():
    parts = {"value": b"", "key": b"k", "headers": [], "partition": 0, "offset": 1, "time": 5}
    expected, wrong = eager(parts), []
    for _ in range(100):
        record, together = lazy(parts), threading.Barrier(4)

        def read(record=record, together=together):
            together.wait()
            if (record.timestamp, record.position) != (5, expected.position):
                wrong.append(record)

        threads = [threading.Thread(target=read) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert not wrong
