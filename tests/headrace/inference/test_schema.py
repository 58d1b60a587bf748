"""Rows are read by the version's input schema; whatever is wrong with one is named."""

import pytest

from headrace.errors import Reject
from headrace.inference.schema import RowSchema
from headrace.inference.schema_types import SchemaError

PERSON = {
    "type": "object",
    "properties": {
        "age": {"type": "number", "minimum": 0},
        "income": {"type": ["number", "null"]},
        "children": {"type": "integer", "maximum": 20},
        "city": {"type": "string", "enum": ["Bern", "Chur"]},
        "visits": {"type": "array", "items": {"type": "number"}, "minItems": 2},
    },
    "required": ["age", "children", "city", "visits"],
    "additionalProperties": False,
}
ANNA = {"age": 7, "income": 1.5, "children": 0, "city": "Bern", "visits": [1, 2]}


@pytest.fixture(scope="module")
def schema():
    return RowSchema(PERSON)


def errors(schema, row):
    with pytest.raises(Reject) as caught:
        schema.read(row)
    return {error["field"]: error["detail"] for error in caught.value.errors}


def test_a_row_is_read_in_the_order_of_the_schema(schema):
    backwards = dict(reversed(ANNA.items()))

    assert schema.read(ANNA) == schema.read(backwards) == (7.0, 1.5, 0, "Bern", [1.0, 2.0])


def test_a_number_that_may_be_missing_is_none(schema):
    without = {name: value for name, value in ANNA.items() if name != "income"}

    assert schema.read(without)[1] is None
    assert schema.read(ANNA | {"income": None})[1] is None


def test_everything_that_is_wrong_is_named_at_once(schema):
    wrong = {"age": -1, "income": "much", "children": 1.5, "city": "Paris", "shoe": 38}

    found = errors(schema, wrong)

    assert set(found) == {"age", "income", "children", "city", "visits", "shoe"}
    assert found["visits"] == "missing"
    assert found["shoe"] == "unknown"
    assert ">= 0" in found["age"]


@pytest.mark.parametrize("row", [None, [], "age", 5, True])
def test_what_is_no_object_is_rejected(schema, row):
    with pytest.raises(Reject, match="not a JSON object"):
        schema.read(row)


def test_an_error_stays_small_whatever_the_input(schema):
    found = errors(schema, ANNA | {f"{'x' * 10_000}{n}": n for n in range(1000)})

    assert len(found) <= 20
    assert all(len(name) <= 100 for name in found)


@pytest.mark.parametrize("value", [10**30, 10**400, 1e999, True, "3"])
def test_integers_are_integers(schema, value):
    assert set(errors(schema, ANNA | {"children": value})) == {"children"}


@pytest.mark.parametrize("field", ["city", "age", "\ud800"])
def test_half_a_surrogate_pair_is_named(schema, field):
    assert list(errors(schema, ANNA | {field: "\ud800"})) == [field]


def test_half_a_surrogate_pair_in_a_name_that_means_nothing_does_not_matter():
    schema = RowSchema(PERSON | {"additionalProperties": True})
    assert schema.read(ANNA | {"\ud800": 1, "note": "\ud800"}) == schema.read(ANNA)


def test_an_open_schema_takes_more_than_it_names():
    schema = RowSchema({"type": "object", "properties": {"x": {"type": "number"}}})

    assert schema.read({"x": 1, "note": "from the till"}) == (1.0,)


def test_a_list_of_numbers_is_a_row():
    schema = RowSchema({"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2})

    assert schema.read([1, 2.5]) == ([1.0, 2.5],)
    for wrong in ([1], [1, 2, 3], [1, None], [1, "2"], {"0": 1}):
        with pytest.raises(Reject, match="does not fit"):
            schema.read(wrong)


NUMBERS = {"a": {"type": "number"}}


@pytest.mark.parametrize(
    ("schema", "told"),
    [
        ({}, "neither an object with properties nor an array"),
        ({"type": "string"}, "neither an object with properties nor an array"),
        ({"type": "object"}, "neither an object with properties nor an array"),
        ({"type": "object", "properties": ["a"]}, "neither an object with properties nor an arr"),
        ({"type": "object", "properties": NUMBERS, "required": "a"}, "required is not a list"),
        ({"type": "object", "properties": NUMBERS, "required": 5}, "required is not a list"),
        ({"type": "object", "properties": NUMBERS, "required": [["a"]]}, "required is not a list"),
        ({"type": "object", "properties": {"x": {}}}, "at 'x': no type"),
        ({"type": "object", "properties": {"x": {"type": "object"}}}, "at 'x': no type"),
        (
            {"type": "object", "properties": {"x": {"type": ["number", "string"]}}},
            "at 'x': no type",
        ),
        (
            {"type": "object", "properties": {"x": {"type": "number", "format": "f"}}},
            "format would",
        ),
        ({"type": "object", "properties": {"x": {"type": "number"}}, "if": {}}, "if would not be"),
        ({"type": "object", "properties": {"x": {"type": "number"}}, "required": ["y"]}, "'y'"),
        ({"type": "object", "properties": {"x": {"type": "number", "minimum": "a"}}}, "at 'x'"),
        ({"type": "object", "properties": {"x": {"type": "integer", "enum": [1.5]}}}, "at 'x'"),
        ({"type": "object", "properties": {"x": {"type": "string", "pattern": "["}}}, "at 'x'"),
        ({"type": "array", "items": {"type": ["number", "null"]}}, "not for an item"),
        ({"type": "array"}, "no type"),
    ],
)
def test_what_would_not_be_checked_is_refused(schema, told):
    with pytest.raises(SchemaError, match=told):
        RowSchema(schema)
