"""The envelope of SQS and SNS holds every byte, and only names that the services take."""

import base64

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from headrace.sinks import Message
from headrace.sinks.envelope import entry
from tests.support.sinks import messages


def value_of(request):
    attributes = request["MessageAttributes"]
    encoding = attributes.get("encoding", {}).get("StringValue")
    if encoding == "base64":
        return base64.b64decode(request["Body"], validate=True)
    return {"tombstone": None, "empty": b""}.get(encoding, request["Body"].encode())


def bytes_of(attribute):
    return attribute.get("BinaryValue") or attribute["StringValue"].encode()


def headers_of(request):
    attributes = {k: bytes_of(v) for k, v in request["MessageAttributes"].items()}
    if "headers" in attributes:
        return msgspec.json.decode(attributes["headers"], type=list[tuple[str, bytes]])
    return [(k, v) for k, v in attributes.items() if k not in {"key", "encoding"}]


@given(messages())
def test_value_key_and_headers_can_be_read_back(message):
    request = entry(0, message, "Body", fifo=False).request
    assert value_of(request) == message.value
    assert headers_of(request) == list(message.headers)
    key = request["MessageAttributes"].get("key")
    assert (bytes_of(key) if key else b"") == (message.key or b"")
    assert len(request["MessageAttributes"]) <= 10
    assert request["Body"]


def test_headers_that_cannot_be_attributes_stand_together():
    cases = {
        "twice": (("a", b"1"), ("a", b"2")),
        "own name": (("key", b"1"),),
        "reserved": (("AWS.x", b"1"),),
        "no bytes": (("a", b""),),
        "bad name": (("a..b", b"1"),),
        "long name": (("a" * 257, b"1"),),
        "too many": tuple((f"h{i}", b"1") for i in range(9)),
    }
    for why, headers in cases.items():
        attributes = entry(0, Message(b"k", b"v", headers), "Body", fifo=False).request
        assert set(attributes["MessageAttributes"]) == {"key", "headers"}, why


@given(messages(), messages())
def test_only_the_same_message_of_the_same_record_is_a_duplicate(one, other):
    tokens = [
        entry(0, message, "Body", fifo=True).request["MessageDeduplicationId"]
        for message in (one, one, other)
    ]
    assert (tokens[0] == tokens[1]) == bool(one.id)
    assert one == other or tokens[0] != tokens[2]


@given(st.none() | st.binary(max_size=140))
def test_groups_are_names_that_the_services_take(key):
    request = entry(0, Message(key, b"v", (), "id"), "Body", fifo=True).request
    again = entry(1, Message(key, b"w", (), "id2"), "Body", fifo=True).request
    group = request["MessageGroupId"]
    assert 1 <= len(group) <= 128
    assert group.isascii()
    assert group.isprintable()
    assert " " not in group
    assert (group == again["MessageGroupId"]) == (key is not None)
