"""Results go to the sink; a record whose result is not acknowledged is not done."""

from dataclasses import InitVar, dataclass

import pytest

from headrace.errors import NotDone
from headrace.json_text import JsonError
from headrace.processing.outcomes import Outcomes
from headrace.processing.results import deliver
from headrace.record import KafkaPosition, Record
from headrace.reply import Reply
from headrace.sinks.base import Message
from tests.support.sinks import ListSink

POSITION = KafkaPosition("t", 0, 0)


def record(offset, key=None):
    return Record("kafka", KafkaPosition("t", 0, offset), b"in", key)


def outcomes(*results, keys=()):
    keys = keys or [None] * len(results)
    made = Outcomes([record(i, key) for i, key in enumerate(keys)])
    for index, result in enumerate(results):
        made.keep(index, result)
    return made


def origin(offset):
    return ("headrace-source", b"t-0@%d" % offset)


@pytest.mark.parametrize(
    ("result", "value"),
    [
        ({"result": "B"}, b'{"result":"B"}'),
        (0, b"0"),
        ("", b'""'),
        ([], b"[]"),
        (False, b"false"),
        (Reply(b"\xff", "image/png"), b"\xff"),
    ],
)
def test_a_result_is_a_message_with_the_key_and_the_origin_of_its_record(result, value):
    sink = ListSink()
    made = outcomes(result, keys=[b"k"])
    deliver(made, sink)
    assert sink.messages == [Message(b"k", value, (origin(0),), "t-0@0", POSITION)]
    assert not made.failures


def test_a_record_is_forwarded_with_its_own_key_value_and_headers():
    sink = ListSink()
    forwarded = Record("kafka", KafkaPosition("t", 0, 0), None, b"new", (("h", b"1"),))
    deliver(outcomes(forwarded, keys=[b"old"]), sink)
    assert sink.messages == [Message(b"new", None, (("h", b"1"), origin(0)), "t-0@0", POSITION)]


def test_no_result_and_failed_records_send_nothing():
    class Untouched(ListSink):
        def send(self, messages):
            raise AssertionError("nothing to send")

    made = outcomes(None, {"a": 1})
    made.fail(1, ValueError("failed"))
    deliver(made, Untouched())
    assert set(made.failures) == {1}


def test_what_is_not_acknowledged_is_not_done_and_holds_back_its_key():
    """GIVEN key a refused at its first record, THEN a's others are not done, b's and none's are."""
    made = outcomes(1, 2, 3, 4, keys=[b"a", b"b", b"a", None])
    deliver(made, ListSink(refuse=[b"1"]))
    assert set(made.failures) == {0, 2}
    assert str(made.failures[0]) == "refused"
    assert isinstance(made.failures[2], NotDone)


def test_a_result_that_json_cannot_express_fails_its_own_record_and_holds_back_its_key():
    sink = ListSink()
    made = outcomes(object(), 2, 3, keys=[b"a", b"a", b"b"])
    deliver(made, sink)
    assert set(made.failures) == {0, 1}
    assert isinstance(made.failures[0], JsonError)
    assert [message.value for message in sink.messages] == [b"3"]


class Sparse:
    """Has what an array has, but cannot give it."""

    def tolist(self):
        raise RuntimeError("sparse")


@dataclass
class Priced:
    """Its constructor takes what it does not keep."""

    total: object
    rate: InitVar[int]


@dataclass
class Torn:
    """A field of it may be deleted."""

    total: object


def torn():
    made = Torn(None)
    del made.total
    return [made, None]


@pytest.mark.parametrize(
    "result",
    [
        Sparse(),
        [None, Sparse()],
        torn(),
        Priced,  # the class
        [10**5_000],
        Record("kafka", POSITION, "text", b"k"),
        Record("kafka", POSITION, b"", "text"),
        Record("kafka", POSITION, b"", b"k", (("h", "text"),)),
    ],
)
def test_a_result_that_cannot_be_written_is_the_failure_of_its_own_record(result):
    sink = ListSink()
    made = outcomes(1, result, 3)
    deliver(made, sink)

    assert list(made.failures) == [1]
    assert [message.value for message in sink.messages] == [b"1", b"3"]


def test_a_dataclass_is_written_with_the_fields_that_it_has():
    sink = ListSink()
    made = outcomes(Priced(None, 2), Priced(2**70, 2))
    deliver(made, sink)

    written = [message.value for message in sink.messages]
    assert written == [b'{"total":null}', b'{"total":1180591620717411303424}']
