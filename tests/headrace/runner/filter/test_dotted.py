"""A key with dots is the path to a nested field, in a pattern and in an event."""

import json

import pytest

from headrace.runner.filter.filter import Filter
from tests.support.runner import kafka_record


@pytest.mark.parametrize(
    ("pattern", "yes", "no"),
    [
        ({"a.b": [1]}, {"a": {"b": 1}}, {"a": {"b": 2}}),
        ({"a": {"b": [1]}}, {"a.b": 1}, {"a.b": 2}),
        ({"a.b": [1]}, {"a.b": 1}, {"a.c": 1}),
        ({"a.b.c": [1]}, {"a": {"b.c": 1}}, {"a": {"b.d": 1}}),
        ({"a.b": {"c": [1]}}, {"a.b.c": 1}, {"a.b": 1}),
        ({"a": {"b": [{"exists": False}]}}, {"a.c": 1}, {"a.b": 1}),
        ({"a.b": [0]}, {"a": [{"b": 1}, {"b": 0}]}, {"a": [{"b": 1}]}),
        ({"a.b": [1], "a.c": [2]}, {"a": [{"b": 1, "c": 2}]}, {"a": [{"b": 1}, {"c": 2}]}),
        ({"a.b": [1], "a": {"c": [2]}}, {"a": {"b": 1, "c": 2}}, {"a": {"b": 1}}),
        ({"$or": [{"a.b": [1]}, {"c": [1]}]}, {"a": {"b": 1}}, {"a": 1}),
        ({"a..b": [1]}, {"a..b": 1}, {"a": {"b": 1}}),
        ({"a": {"b.c": [False]}}, {"a": {"b": {"c": False}}}, {"a": {"b": {}}}),
    ],
)
def test_both_mean_the_same_place(pattern, yes, no):
    passes = Filter.parse(json.dumps([{"value": pattern}]), "kafka")
    records = [kafka_record(1, json.dumps(value).encode()) for value in (yes, no)]
    assert passes(records) == [True, False]


def test_a_pattern_for_the_whole_record_may_have_dots():
    passes = Filter.parse(json.dumps([{"value.a": ["x"]}]), "kafka")
    assert passes([kafka_record(1, b'{"a": "x"}'), kafka_record(2, b'{"a": "y"}')]) == [True, False]
