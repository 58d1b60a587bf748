"""A typed record of one that is not read yet is as good as any other."""

import pickle
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headrace.errors import Reject
from headrace.input.declared_typing import DeclaredTyping
from headrace.input.typed_record import TypedRecord
from headrace.input.types import input_type
from headrace.sources.dynamodb import DynamoDb
from headrace.unread_record import SLOTS, UNREAD
from tests.support.record_uses import USES, as_msgpack, in_a_child, in_a_dictionary
from tests.support.unread import RECORDS

MESSAGE = {
    "eventName": "INSERT",
    "eventSourceARN": "arn:aws:dynamodb:eu-west-1:123456789012:table/orders/stream/2026",
    "dynamodb": {"Keys": {"id": {"S": "1"}}, "SequenceNumber": "7"},
}


class Told(msgspec.Struct):
    dynamodb: dict[str, Any]
    name: str = msgspec.field(name="eventName")


class Raw(msgspec.Struct):
    dynamodb: msgspec.Raw


def typed(record):
    """The record with data of any type; why it has none, if so."""
    try:
        return DeclaredTyping(input_type(Any | None)).typed(record)
    except Reject as error:
        return str(error)


# Data may be what has no hash, and what MessagePack has no form for.
UNFIT = (hash, in_a_child, in_a_dictionary, as_msgpack, pickle.dumps)
USES_OF_TYPED = [
    *(use for use in USES if use not in UNFIT),
    lambda record: pickle.loads(pickle.dumps(record)),
    lambda record: record.data,
    lambda record: record == record,  # noqa: PLR0124
]


@pytest.mark.parametrize("source", RECORDS)
@given(data=st.data())
def test_typed_records_behave_the_same_whichever_form_they_came_of(source, data):
    both = data.draw(RECORDS[source])
    late, early = typed(both.late()), typed(both.early)
    if isinstance(early, str):
        assert late == early
        return
    assert type(late) is not TypedRecord
    for use in data.draw(st.permutations(USES_OF_TYPED)):
        assert use(late) == use(early)
        assert use(typed(both.late())) == use(early)
    assert type(late) is TypedRecord


@pytest.mark.parametrize(
    ("kind", "data"), [(Told, Told(MESSAGE["dynamodb"], "INSERT")), (dict, MESSAGE)]
)
def test_a_change_that_is_read_as_a_type_does_not_become_json(kind, data):
    (record,) = DynamoDb().records({"Records": [MESSAGE]})
    found = DeclaredTyping(input_type(kind)).typed(record)
    assert found.data == data
    assert SLOTS["value"].__get__(record) is UNREAD
    assert (found.id, found.key) == ("orders:7", b'{"id":{"S":"1"}}')


def test_what_json_alone_can_tell_is_read_of_it():
    (record,) = DynamoDb().records({"Records": [MESSAGE]})
    found = DeclaredTyping(input_type(Raw)).typed(record)
    assert msgspec.json.decode(found.data.dynamodb) == MESSAGE["dynamodb"]


def test_what_does_not_fit_is_said_field_by_field():
    class Other(msgspec.Struct):
        dynamodb: int

    (record,) = DynamoDb().records({"Records": [MESSAGE]})
    with pytest.raises(Reject, match=r"dynamodb: expected a whole number"):
        DeclaredTyping(input_type(Other)).typed(record)
