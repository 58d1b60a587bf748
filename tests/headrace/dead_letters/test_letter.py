"""A dead letter gives the record back, to the byte, with what was wrong."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headrace.dead_letters import letter as dead_letter
from headrace.dead_letters import reading
from headrace.errors import Reject
from headrace.names import STREAM, TOPIC
from headrace.record import KafkaPosition, KinesisPosition, MessagePosition, Record, RequestPosition
from headrace.sinks import open_sink
from headrace.sinks.base import ContentRefused
from headrace.sinks.lines import decode as line
from headrace.testing.memory_sink import MemorySink
from tests.support.sinks import ListSink, texts

data = st.none() | st.binary(max_size=20)
text = texts()
topics = st.from_regex(TOPIC, fullmatch=True, alphabet=st.characters(codec="ascii"))
streams = st.from_regex(STREAM, fullmatch=True, alphabet=st.characters(codec="ascii"))
positions = (
    st.builds(KafkaPosition, topics, st.integers(0, 2**31 - 1), st.integers(0, 2**63 - 1))
    | st.builds(KinesisPosition, streams, text, st.from_regex(r"[0-9]{1,56}", fullmatch=True))
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
    letter = reading.decode(message.value)
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
    assert reading.decode(message.value).record() == RECORD
    assert message.id == "orders-0@7"


def test_a_letter_that_is_not_acknowledged_raises():
    class Broken(ListSink):
        def send(self, messages):
            return [OSError("sink is down")]

    with pytest.raises(OSError, match="sink is down"):
        dead_letter.write(Broken(), RECORD, Reject("no"))


class Small(MemorySink):
    """Takes no message of more than 2,000 bytes."""

    def _send(self, message):
        if len(message.value) > 2_000:
            return ContentRefused("too large")
        return super()._send(message)


@pytest.mark.parametrize(
    "record",
    [
        Record("kafka", KafkaPosition("orders", 0, 7), b"x" * 900_000, b"k", (), 5),
        Record("kafka", KafkaPosition("orders", 0, 7), b"x", b"k" * 2_000, (("h", b"1"),), 5),
    ],
)
def test_a_sink_that_takes_no_letter_of_that_size_gets_one_that_refers_to_the_record(record):
    sink = Small()
    dead_letter.write(sink, record, Reject("no " * 1_000, errors=["x" * 2_000]))

    (message,) = sink.messages
    found = reading.decode(message.value)
    assert isinstance(found, reading.Reference)
    assert (found.position, found.last) == (record.position, record.position)
    sizes = [len(record.key), len(record.value), *(len(n) + len(v) for n, v in record.headers)]
    assert found.omitted_bytes == sum(sizes)
    assert found.error.startswith("no no")
    assert message.key == record.key


@pytest.mark.parametrize("position", [MessagePosition("orders", "m1"), RequestPosition("r1")])
def test_what_no_source_keeps_gets_no_letter_without_its_bytes(position):
    """A message of a queue was deleted then, and nobody had it any more."""
    sink = Small()
    with pytest.raises(ContentRefused, match=r"written \(Reject: no\): too large"):
        dead_letter.write(sink, Record("sqs", position, b"x" * 2_000), Reject("no"))

    assert sink.messages == []


def test_a_letter_that_is_refused_without_its_bytes_raises():
    class Nothing(MemorySink):
        def _send(self, message):
            return ContentRefused("too large")

    with pytest.raises(ContentRefused):
        dead_letter.write(Nothing(), RECORD, Reject("no"))


class Mute(Exception):
    """Cannot even say what is wrong."""

    def __str__(self):
        raise RuntimeError("no words")


def test_an_error_without_words_keeps_no_record_from_its_letter():
    found = reading.decode(dead_letter.encode(RECORD, Mute()).value)

    assert (found.error_type, found.error) == ("Mute", "<RuntimeError in its __str__>")


@pytest.mark.parametrize(
    "other",
    [b"{}", b"[]", b"not json", b'{"version":1,"source":1}', b"[" * 100_000, rb'{"a":"\ud83d"}'],
)
def test_what_is_no_dead_letter_is_an_error(other):
    with pytest.raises(msgspec.DecodeError):
        reading.decode(other)


def test_no_text_can_keep_a_record_from_its_dead_letter():
    """GIVEN lone surrogates and an object that JSON cannot express, THEN they are escaped."""
    record = Record("kafka", KafkaPosition("t", 0, 1), b"v", headers=(("\ud800", b"h"),))
    error = Reject("bad \udfff", errors=["\ud800", object, {"fine": 1}])
    letter = reading.decode(dead_letter.encode(record, error).value)
    assert letter.error == "bad \\udfff"
    assert letter.headers == (("\\ud800", b"h"),)
    assert letter.errors == ("\\ud800", str(object), {"fine": 1})
