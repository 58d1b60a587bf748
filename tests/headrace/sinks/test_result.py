"""The message of a result says the same as a plain one; it just makes its name later."""

import copy
import pickle

import pytest

from headrace.record import KafkaPosition, MessagePosition
from headrace.sinks.base import Message
from headrace.sinks.result import Result


@pytest.mark.parametrize(
    ("position", "name"), [(KafkaPosition("t", 1, 2), "t-1@2"), (MessagePosition("q", "m"), "q:m")]
)
def test_it_is_the_plain_message_in_all_that_can_be_asked_of_it(position, name):
    made = Result(b"k", b"v", (("h", b"1"),), "", position)
    headers = (("h", b"1"), ("headrace-source", name.encode()))
    plain = Message(b"k", b"v", headers, name, position)
    assert (made.id, made.headers) == (name, headers)
    assert made == plain
    assert plain == made
    assert made == Result(b"k", b"v", (("h", b"1"),), "", position, is_json=True)
    assert made != Result(b"k", b"v", (), "", position)
    assert len({made, plain}) == 1
    assert repr(made) == repr(plain)
    assert pickle.loads(pickle.dumps(made)) == copy.copy(made) == plain
