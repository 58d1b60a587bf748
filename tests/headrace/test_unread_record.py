"""A record that is read when it is asked for is as good as one that was read at once."""

import gc
import pickle
import sys
import threading

import msgspec
import pytest
from confluent_kafka import Message
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from headrace.kafka.records import to_records
from headrace.record import Record
from tests.support.record_uses import USES
from tests.support.unread import RECORDS


@pytest.mark.parametrize("source", RECORDS)
@given(data=st.data())
def test_both_forms_behave_the_same_whatever_is_asked_first(source, data):
    both = data.draw(RECORDS[source])
    late, early = both.late(), both.early
    for use in data.draw(st.permutations(USES)):
        assert use(late) == use(early)
        assert use(both.late()) == use(early)
    assert type(pickle.loads(pickle.dumps(both.late()))) is Record


@pytest.mark.parametrize("source", RECORDS)
@given(data=st.data())
def test_both_forms_are_equal_if_their_fields_are(source, data):
    one, other = data.draw(RECORDS[source]), data.draw(RECORDS[source])
    same = one.early == other.early
    assert (one.late() == one.late()) is True
    assert (one.late() != one.late()) is False
    for left, right in [(one.late(), other.early), (one.early, other.late())]:
        assert (left == right) is same
        assert (left != right) is not same
    assert one.late() != "something else"


@pytest.mark.parametrize("source", RECORDS)
@given(data=st.data())
def test_a_record_that_was_read_as_a_whole_has_no_message_any_more(source, data):
    both = data.draw(RECORDS[source])
    record = both.late()
    assert type(record) is not Record
    assert repr(record) == repr(both.early)
    assert type(record) is Record
    assert structs.asdict(record) == structs.asdict(both.early)


@pytest.mark.parametrize("source", RECORDS)
@given(data=st.data())
def test_a_thread_that_is_slower_than_another_finds_the_record_read(source, data):
    record = data.draw(RECORDS[source]).late()
    slower = record._whole  # the other thread comes in between
    assert repr(record)
    assert slower() is record


@pytest.mark.parametrize("source", RECORDS)
@given(data=st.data())
def test_what_looks_into_a_struct_by_itself_does_not_take_one_that_is_not_read(source, data):
    record = data.draw(RECORDS[source]).late()
    with pytest.raises(TypeError):
        msgspec.json.encode(record)


@pytest.mark.parametrize("read", [lambda record: record.id, lambda record: record.value])
def test_a_kept_record_holds_the_memory_of_no_other_and_lets_its_own_go(read):
    gc.freeze()  # what other tests have left is no matter
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


ASKED = [
    lambda record: record.timestamp,
    lambda record: record.position,
    lambda record: record.headers,
    lambda record: record.key,
    repr,
]


@pytest.mark.parametrize("source", RECORDS)
@settings(max_examples=20)
@given(data=st.data())
def test_many_threads_may_read_the_same_record(source, data):
    both, wrong = data.draw(RECORDS[source]), []
    for _ in range(5):
        record, together = both.late(), threading.Barrier(4)

        def read(asked, record=record, together=together):
            together.wait()
            if [use(record) for use in asked] != [use(both.early) for use in asked]:
                wrong.append(record)

        orders = [data.draw(st.permutations(ASKED)) for _ in range(4)]
        threads = [threading.Thread(target=read, args=(order,)) for order in orders]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert not wrong
