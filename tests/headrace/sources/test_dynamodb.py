"""DynamoDB Streams: changes become records, and their values stay exact."""

import json
from decimal import Decimal
from pathlib import Path

import pytest
from boto3.dynamodb.types import TypeDeserializer
from hypothesis import given
from hypothesis import strategies as st

from headrace.errors import NotDone, Reject
from headrace.processing.outcomes import Outcomes
from headrace.record import DynamoDbPosition, Record, RequestPosition
from headrace.sources.attribute_values import plain
from headrace.sources.dynamodb import DynamoDb, change

EVENT = json.loads((Path(__file__).parents[2] / "events" / "dynamodb.json").read_text())


def test_changes_are_records_of_their_items():
    first, second = DynamoDb().records(EVENT)
    assert first.position == DynamoDbPosition("orders", "", "4421584500000000017450439091")
    assert (first.key, first.timestamp) == (b'{"Id":{"N":"101"}}', 1479499740123)
    assert (second.key, second.timestamp) == (b'{"Id":{"N":"102"}}', None)


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


def test_the_answer_is_the_lowest_change_that_is_not_done():
    records = DynamoDb().records(EVENT)
    assert DynamoDb().respond(Outcomes(records)) == {"batchItemFailures": []}
    failed = Outcomes(records, {1: NotDone(""), 0: NotDone("")})
    assert DynamoDb().respond(failed) == {
        "batchItemFailures": [{"itemIdentifier": "4421584500000000017450439091"}]
    }


@pytest.mark.parametrize(
    "value", [b"", b"null", b"{}", b'{"eventName":"INSERT","dynamodb":{"Keys":{"a":{"X":1}}}}']
)
def test_what_is_no_change_is_rejected(value):
    with pytest.raises(Reject, match="not a change of a DynamoDB table"):
        change(Record("direct", RequestPosition(""), value))


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
