"""Event patterns: each operator, and each format of data."""

import json

import orjson
import pytest

from headrace.runner.filter.filter import Filter
from tests.support.event_filter import passes
from tests.support.runner import kafka_record


@pytest.mark.parametrize(
    ("rule", "yes", "no"),
    [
        ("a", ["a", ["b", "a"], [["a"]]], ["A", "ab", ["b"], [], None, {"a": "a"}]),
        ("", [""], ["a", None, []]),
        (None, [None, [1, None]], ["null", 0, False, "", []]),
        (True, [True], [1, "true", False]),
        (1, [1, 1.0, [1]], [True, "1", 2]),
        (1e10, [1e10, 10_000_000_000], [1e9]),
        ({"prefix": "ab"}, ["ab", "abc"], ["Ab", "cab", 5, None, True]),
        ({"prefix": {"equals-ignore-case": "aB"}}, ["AB", "abc"], ["ba"]),
        ({"suffix": ".png"}, ["a.png", ".png"], [".PNG", "png.a"]),
        ({"suffix": {"equals-ignore-case": ".png"}}, ["a.PNG"], ["a.jpg"]),
        ({"equals-ignore-case": "Ab"}, ["AB", "ab"], ["abc", 1]),
        ({"anything-but": "a"}, ["b", 1, None, True, ["a", "b"]], ["a", ["a"], [], {"a": 1}]),
        ({"anything-but": 1}, [2, "1", True], [1, 1.0]),
        ({"anything-but": ["a", "b"]}, ["c", "A"], ["a", "b"]),
        ({"anything-but": [1, 2]}, [3, "1"], [1, 2.0]),
        ({"anything-but": {"prefix": "a"}}, ["b", 1], ["ab"]),
        ({"anything-but": {"prefix": ["a", "b"]}}, ["c"], ["ab", "b"]),
        ({"anything-but": {"suffix": ["a", "b"]}}, ["c"], ["ca", "b"]),
        ({"anything-but": {"equals-ignore-case": ["a", "b"]}}, ["c", "ab"], ["A", "b"]),
        ({"numeric": ["=", 300]}, [300, 300.0, 3e2], [299, "300", True, None]),
        ({"numeric": [">", 10, "<=", 20]}, [10.5, 20, [1, 15]], [10, 20.1, "15", 1e300]),
        ({"numeric": [">=", 0]}, [0, 5e9], [-1, 6e9]),
        ({"numeric": ["<", -1]}, [-1.5], [-1]),
        ({"numeric": [">=", 0, "<", 1]}, [0, 0.5], [1, True, False]),
        ({"exists": True}, ["", None, False, 0, [0]], [[], {}, {"a": 1}, [{}]]),
        ({"exists": False}, [[], {}, {"a": 1}], ["", None, False, 0]),
    ],
)
def test_every_operator(rule, yes, no):
    assert [value for value in yes if not passes({"value": {"x": [rule]}}, {"x": value})] == []
    assert [value for value in no if passes({"value": {"x": [rule]}}, {"x": value})] == []


@pytest.mark.parametrize(
    "rule", ["a", None, {"exists": True}, {"anything-but": "a"}, {"prefix": ""}]
)
def test_an_absent_field_matches_only_a_rule_for_absence(rule):
    assert not passes({"value": {"x": [rule]}}, {"y": 1})
    assert passes({"value": {"x": [rule, {"exists": False}]}}, {"y": 1})
    assert passes({"value": {"x": {"y": [{"exists": False}]}}}, {"x": 5})


def test_rules_of_a_field_are_alternatives_and_fields_must_all_match():
    pattern = {"value": {"a": [1, {"prefix": "x"}], "b": {"c": ["z"]}}}
    assert passes(pattern, {"a": "xy", "b": {"c": "z"}, "more": 1})
    assert not passes(pattern, {"a": "xy", "b": {"c": "y"}})
    assert not passes(pattern, {"a": 2, "b": {"c": "z"}})


def test_or_joins_fields_and_nests():
    inner = {"$or": [{"b": [2]}, {"c": [3], "d": [{"exists": False}]}]}
    pattern = {"value": {"a": [1], "$or": [{"x": inner}, {"y": [{"numeric": [">", 0]}]}]}}
    assert passes(pattern, {"a": 1, "x": {"b": 2}})
    assert passes(pattern, {"a": 1, "x": {"c": 3}})
    assert passes(pattern, {"a": 1, "y": 1})
    assert not passes(pattern, {"a": 1, "x": {"c": 3, "d": 4}})
    assert not passes(pattern, {"a": 2, "y": 1})


def test_fields_of_an_object_match_in_one_element_of_an_array():
    people = {"people": [[{"first": "Anna", "last": "Smith"}], {"first": "Peter", "last": "Jones"}]}
    assert passes({"value": {"people": {"first": ["Anna"], "last": ["Smith"]}}}, people)
    assert not passes({"value": {"people": {"first": ["Anna"], "last": ["Jones"]}}}, people)
    # Absence is of the whole event: one element without the field is not enough.
    assert not passes(
        {"value": {"people": {"age": [{"exists": False}]}}}, {"people": [{"age": 1}, {}]}
    )


@pytest.mark.parametrize(
    ("pattern", "value", "passed"),
    [
        ({"value": ["error"]}, b"error", True),
        ({"value": [{"anything-but": ["error"]}]}, b"error", False),
        ({"value": [{"anything-but": ["error"]}]}, b"fine", True),
        ({"value": [{"anything-but": ["error"]}]}, b'{"a": 1}', False),  # JSON, a plain pattern
        ({"value": [{"anything-but": ["error"]}]}, b"[1]", False),
        ({"value": {"a": [1]}}, b"a plain text", False),  # plain, a pattern for JSON
        ({"value": {"a": [{"exists": False}]}}, b"a plain text", False),
        ({"value": {"a": [{"exists": False}]}}, b'{"b": 1}', True),
        ({"value": {"a": [{"exists": False}]}}, None, False),
        ({"value": [{"exists": False}]}, None, True),  # a tombstone
        ({"value": [{"exists": True}]}, None, False),
        ({"value": [{"prefix": ""}]}, b"\xff\xfe", True),
        ({"value": ["5"]}, b"5", True),  # JSON is an object or an array; all else is text
    ],
)
def test_kafka_values_are_json_or_plain_text(pattern, value, passed):
    assert passes(pattern, value) is passed


@pytest.mark.parametrize(
    ("pattern", "value", "passed"),
    [
        ({"data": {"a": [1]}}, b'{"a": 1}', True),
        ({"data": {"a": [{"exists": False}]}}, b"not JSON", False),
        ({"data": {"a": [{"exists": False}]}}, b"", False),
        ({"partitionKey": ["k"]}, b"not JSON", True),
        ({"partitionKey": ["j"]}, b'{"a": 1}', False),
        ({"partitionKey": ["k"], "data": {"a": [1]}}, b'{"a": 2}', False),
        ({"$or": [{"partitionKey": ["j"]}, {"data": {"a": [1]}}]}, b'{"a": 1}', True),
        ({"sequenceNumber": ["1"]}, b"", True),
        ({"approximateArrivalTimestamp": [{"numeric": [">", 1.7e9]}]}, b"", True),
        ({"kinesisSchemaVersion": ["1.0"], "eventName": [{"suffix": "record"}]}, b"", True),
        ({"eventID": [{"prefix": "shardId-000000000000:"}]}, b"", True),
    ],
)
def test_kinesis_records_by_data_and_metadata(pattern, value, passed):
    assert passes(pattern, value, "kinesis") is passed


def test_patterns_are_alternatives_and_without_any_there_is_no_filter():
    records = [kafka_record(n, orjson.dumps({"n": n})) for n in range(3)]
    either = Filter.parse('[{"value": {"n": [0]}}, "{\\"value\\": {\\"n\\": [2]}}"]', "kafka")
    assert either(records) == [True, False, True]
    for text in (None, "[]", "{}", '{"Filters": []}'):
        assert Filter.parse(text, "kafka")(records) is None


def test_the_form_of_the_service_is_understood():
    criteria = {"Filters": [{"Pattern": json.dumps({"value": {"a": [1]}})}]}
    assert Filter.parse(json.dumps(criteria), "kafka")([kafka_record(1, b'{"a":1}')]) == [True]


def test_deeply_nested_data_is_looked_through():
    assert passes({"value": {"a": [1]}}, b'{"a":' + b"[" * 900 + b"1" + b"]" * 900 + b"}")
