"""A dead letter gives the record back, to the byte, with what was wrong."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.sinks import ListSink, texts
from workers import dead_letter
from workers.errors import Reject
from workers.record import KafkaPosition, KinesisPosition, Record, RequestPosition
from workers.sinks import open_sink
from workers.sinks.lines import decode as line

data = st.none() | st.binary(max_size=20)
text = texts()
positions = (
    st.builds(KafkaPosition, text, st.integers(0, 2**31 - 1), st.integers(0, 2**63 - 1))
    | st.builds(KinesisPosition, text, text, st.from_regex(r"[0-9]{1,56}", fullmatch=True))
    | st.builds(RequestPosition, text)
)
records = st.builds(
    Record,
    source=text,
    position=positions,
    value=data,
    key=data,
    headers=st.lists(st.tuples(text, st.binary(max_size=5)), max_size=3).map(tuple),
    timestamp=st.none() | st.integers(-1, 2**53),
)


@given(records, text)
def test_a_record_survives_its_dead_letter_to_the_byte(record, detail):
    message = dead_letter.encode(record, Reject(detail, errors=[{"pointer": "/a"}, "b"]))
    letter = dead_letter.decode(message.value)
    assert letter.record() == record
    assert (letter.id, message.id, message.key) == (record.id, record.id, record.key)
    assert (letter.error_type, letter.error) == ("Reject", detail)
    assert letter.errors == ({"pointer": "/a"}, "b")


def test_the_form_is_stable():
    """GIVEN the documented form, THEN it is what is written: sinks hold letters for years."""
    position = KafkaPosition("orders", 0, 7)
    record = Record("kafka", position, b"\xff", b"k", (("h", b"v"),), 5)
    written = msgspec.json.decode(dead_letter.encode(record, ValueError("no")).value)
    assert written.pop("rejected_at") > 1_700_000_000_000
    assert written == {
        "version": 1,
        "source": "kafka",
        "id": "orders-0@7",
        "position": {"type": "kafka", "topic": "orders", "partition": 0, "offset": 7},
        "key": "aw==",
        "value": "/w==",
        "headers": [["h", "dg=="]],
        "timestamp": 5,
        "error_type": "ValueError",
        "error": "no",
        "errors": [],
    }


RECORD = Record("kafka", KafkaPosition("orders", 0, 7), b"\xff")


def test_writing_waits_for_the_acknowledgement(tmp_path):
    path = tmp_path / "dead.jsonl"
    dead_letter.write(open_sink(f"file:{path}"), RECORD, Reject("no"))
    message = line(path.read_bytes())
    assert dead_letter.decode(message.value).record() == RECORD
    assert message.id == "orders-0@7"


def test_a_letter_that_is_not_acknowledged_raises():
    class Broken(ListSink):
        def send(self, messages):
            return [OSError("sink is down")]

    with pytest.raises(OSError, match="sink is down"):
        dead_letter.write(Broken(), RECORD, Reject("no"))


@pytest.mark.parametrize("other", [b"{}", b"[]", b"not json", b'{"version":1,"source":1}'])
def test_what_is_no_dead_letter_is_an_error(other):
    with pytest.raises(msgspec.DecodeError):
        dead_letter.decode(other)


def test_no_text_can_keep_a_record_from_its_dead_letter():
    """GIVEN lone surrogates and an object that JSON cannot express, THEN they are escaped."""
    record = Record("kafka", KafkaPosition("t", 0, 1), b"v", headers=(("\ud800", b"h"),))
    error = Reject("bad \udfff", errors=["\ud800", object, {"fine": 1}])
    letter = dead_letter.decode(dead_letter.encode(record, error).value)
    assert letter.error == "bad \\udfff"
    assert letter.headers == (("\\ud800", b"h"),)
    assert letter.errors == ("\\ud800", str(object), {"fine": 1})
