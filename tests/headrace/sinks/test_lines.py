"""A line gives back the very bytes, and shows JSON as JSON."""

import json

import pytest
from hypothesis import example, given, settings

from headrace.sinks import lines
from headrace.sinks.base import Message
from tests.support.sinks import messages


@settings(max_examples=400, deadline=None)
@given(messages())
@example(Message(b"", b""))
@example(Message(None, None))
@example(Message(b"null", b"null"))
@example(Message(b"k", b"[" * 1000 + b"]" * 1000))
@example(Message(b"k", b'"\xed\xa0\x80"'))
def test_a_message_survives_its_line_to_the_byte(message):
    line = lines.encode(message)
    assert b"\n" not in line
    assert lines.decode(line) == message
    json.loads(line)  # any reader can read it


@pytest.mark.parametrize("value", [b'{"b": 1.50, "a": [null]}', b"7", b'"text"', b"null"])
def test_json_is_embedded_as_it_is(value):
    line = lines.encode(Message(b"key", value, (("h", b"\xff"),), "orders-0@7"))
    head = b'{"id":"orders-0@7","key":"key","headers":[["h","/w=="]],"value":'
    assert line == head + value + b"}"


@pytest.mark.parametrize("value", [b"", b"text", b'{\n"a": 1}', b" 1", b"NaN", b"1],[2", b"\xff"])
def test_what_is_not_json_in_one_line_is_base64(value):
    assert b'"value_base64":' in lines.encode(Message(b"\xff", value))
