"""A change of an item has plain and exact values, however it was told."""

import json
import pickle
from decimal import Decimal
from pathlib import Path

import pytest
from boto3.dynamodb.types import TypeDeserializer
from hypothesis import given
from hypothesis import strategies as st

from headrace.errors import Reject
from headrace.record import Record, RequestPosition
from headrace.sources.attribute_values import plain
from headrace.sources.dynamodb import DynamoDb, change
from headrace.unread_record import UNREAD

EVENT = json.loads((Path(__file__).parents[2] / "events" / "dynamodb.json").read_text())


def test_a_change_has_plain_and_exact_values():
    told = change(DynamoDb().records(EVENT)[0])
    assert (told.event, told.keys, told.old, told.expired) == ("INSERT", {"Id": 101}, None, False)
    assert told.new == {
        "Id": Decimal(101),
        "Price": Decimal("12345678901234567890.123456789012345678"),
        "Tags": {"a", "b"},
        "Raw": bytes([0, 1, 255]),
        "Gone": None,
        "Deep": {"L": [True, "x"]},
    }


def test_an_item_whose_time_is_over_is_told():
    told = change(DynamoDb().records(EVENT)[1])
    assert (told.event, told.new, told.old, told.expired) == ("REMOVE", None, {"Id": 102}, True)


@pytest.mark.parametrize(
    "value",
    [
        b"",
        b"null",
        b"{}",
        b'{"eventName":"INSERT"}',
        b'{"eventName":"INSERT","dynamodb":{}}',
        b'{"eventName":"INSERT","dynamodb":{"Keys":null}}',
        b'{"eventName":"INSERT","dynamodb":{"Keys":{"a":{"X":1}}}}',
        b'{"eventName":"INSERT","dynamodb":{"Keys":{"a":"text"}}}',
        b'{"eventName":"INSERT","dynamodb":{"Keys":["a"]}}',
        b'{"eventName":"INSERT","dynamodb":{"Keys":{"a":{"N":"many"}}}}',
    ],
)
def test_what_is_no_change_is_rejected(value):
    with pytest.raises(Reject, match="not a change of a DynamoDB table"):
        assert change(Record("direct", RequestPosition(""), value)).keys


def test_an_image_is_read_when_it_is_asked_for():
    images = b'{"Keys":{"a":{"S":"1"}},"NewImage":{"a":{"N":"1"}},"OldImage":{"a":{"X":1}}}'
    told = b'{"eventName":"MODIFY","dynamodb":' + images + b"}"
    record = Record("direct", RequestPosition(""), told)
    found = change(record)
    assert found.new == {"a": Decimal(1)}
    with pytest.raises(Reject, match="'X' is no type of an attribute"):
        assert found.old
    whole = told.replace(b'"X":1', b'"N":"0"')
    same = [change(Record("direct", RequestPosition(""), whole)) for _ in range(2)]
    assert same[0] == same[1]
    assert "old={'a': Decimal('0')}" in repr(same[0])


scalars = st.one_of(
    st.text(max_size=5).map(lambda text: {"S": text}),
    st.decimals(
        allow_nan=False, allow_infinity=False, places=3, min_value=-(10**9), max_value=10**9
    ).map(lambda number: {"N": str(number)}),
    st.booleans().map(lambda truth: {"BOOL": truth}),
    st.just({"NULL": True}),
    st.sets(st.text(max_size=3), min_size=1, max_size=3).map(lambda texts: {"SS": sorted(texts)}),
    st.sets(st.integers(0, 99), min_size=1, max_size=3).map(
        lambda ns: {"NS": [str(n) for n in ns]}
    ),
)
values = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda items: {"L": items}),
        st.dictionaries(st.text(max_size=3), inner, max_size=3).map(lambda items: {"M": items}),
    ),
    max_leaves=8,
)


junk = st.sampled_from(
    [None, 1, "text", [], {}, {"Q": 1}, {"N": "many"}, {"S": 1}, {"S": "", "N": ""}]
)
images = st.none() | st.dictionaries(st.text(max_size=3), values | junk, max_size=3) | junk
identities = st.sampled_from([None, {}, 1, {"principalId": "dynamodb.amazonaws.com"}])


def told(record):
    """All that can be said of a change, or why nothing can."""
    try:
        return repr(change(record))
    except Reject as error:
        return str(error)


@given(st.sampled_from(["INSERT", "MODIFY", "other", []]), images, images, images, identities)
def test_a_change_is_the_same_before_and_after_it_is_written_as_json(event, keys, new, old, by):
    images = {"Keys": keys, "NewImage": new, "OldImage": old, "SequenceNumber": "1"}
    message = {"eventName": event, "eventSourceARN": "", "dynamodb": images, "userIdentity": by}
    (record,) = DynamoDb().records({"Records": [message]})
    assert told(record) == told(Record("direct", RequestPosition(""), json.dumps(message).encode()))


def test_a_change_that_is_read_is_not_written_as_json():
    (record, _) = DynamoDb().records(EVENT)
    item = change(record)
    assert (item.new["Id"], item.keys["Id"]) == (101, 101)
    assert vars(Record)["value"].__get__(record) is UNREAD
    record.json()["dynamodb"].clear()  # a copy: what a worker does with it changes no record
    assert vars(Record)["value"].__get__(record) is UNREAD
    assert record.value == json.dumps(EVENT["Records"][0], separators=(",", ":")).encode()


def test_a_change_that_was_pickled_can_still_be_read():
    item = pickle.loads(pickle.dumps(change(DynamoDb().records(EVENT)[0])))
    assert item == change(DynamoDb().records(EVENT)[0])


@given(values)
def test_values_are_those_that_boto3_reads(value):
    assert plain(value) == TypeDeserializer().deserialize(value)


@pytest.mark.parametrize(
    ("value", "complaint"),
    [
        ({}, "no attribute value"),
        ({"S": "a", "N": "1"}, "no attribute value"),
        ("text", "no attribute value"),
        ({"Q": 1}, "'Q' is no type"),
        ({"N": "many"}, "no value of the type N"),
        ({"N": 1}, "no value of the type N"),
        ({"B": "%"}, "no value of the type B"),
        ({"L": "text"}, "no value of the type L"),
        ({"M": []}, "no value of the type M"),
        ({"BOOL": "yes"}, "no value of the type BOOL"),
    ],
)
def test_what_is_no_value_is_named(value, complaint):
    with pytest.raises(ValueError, match=complaint):
        plain(value)
