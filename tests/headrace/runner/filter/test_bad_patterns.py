"""What is no event pattern is refused, with its place."""

import json

import pytest

from headrace.errors import SettingsError
from headrace.runner.filter.filter import Filter


def rejects(criteria, source="kafka"):
    text = criteria if isinstance(criteria, str) else json.dumps(criteria)
    with pytest.raises(SettingsError) as caught:
        Filter.parse(text, source)
    return str(caught.value)


@pytest.mark.parametrize(
    ("pattern", "named"),
    [
        ({}, "pattern 1: an object"),
        ({"value": {}}, "value: an object"),
        ({"value": {"a": []}}, r"value.a: an empty list"),
        ({"value": {"a": "x"}}, "value.a: an object or a list"),
        ({"value": {"a": [["x"]]}}, "value.a: a list inside"),
        ({"value": {"a": [{}]}}, "value.a: a rule has one operator"),
        ({"value": {"a": [{"prefix": "x", "suffix": "y"}]}}, "value.a: a rule has one operator"),
        ({"value": {"a": [{"wildcard": "*"}]}}, "no operator 'wildcard'"),
        ({"value": {"a": [{"cidr": "10.0.0.0/8"}]}}, "no operator 'cidr'"),
        ({"value": {"a": [{"prefix": 1}]}}, "'prefix' takes text"),
        ({"value": {"a": [{"prefix": {"suffix": "x"}}]}}, "'prefix' takes text"),
        ({"value": {"a": [{"equals-ignore-case": ["x"]}]}}, "'equals-ignore-case' takes text"),
        ({"value": {"a": [{"anything-but": []}]}}, "'anything-but' takes"),
        ({"value": {"a": [{"anything-but": ["x", 1]}]}}, "'anything-but' takes"),
        ({"value": {"a": [{"anything-but": None}]}}, "'anything-but' takes"),
        ({"value": {"a": [{"anything-but": {"prefix": ""}}]}}, "no empty text"),
        ({"value": {"a": [{"anything-but": {"numeric": ["=", 1]}}]}}, "'anything-but' takes one"),
        ({"value": {"a": [{"numeric": [">", "x"]}]}}, "not 'x'"),
        ({"value": {"a": [{"numeric": ["=", 1, "<", 2]}]}}, "range"),
        ({"value": {"a": [{"numeric": [">", 2, "<", 1]}]}}, "range"),
        ({"value": {"a": [{"numeric": ["!", 1]}]}}, "not '!'"),
        ({"value": {"a": [{"numeric": [">", 6e9]}]}}, "-5e9 to 5e9"),
        ({"value": {"a": [{"numeric": "> 1"}]}}, "'numeric' takes"),
        ({"value": {"a": [{"exists": 0}]}}, "'exists' is true or false"),
        ({"value": {"$or": [{"a": [1]}]}}, r"value.\$or: a list of at least two"),
        ({"value": {"$or": [{"a": [1]}, {"b": []}]}}, r"value.\$or.b: an empty list"),
        ({"key": ["x"]}, "key: kafka records are filtered on value"),
        ('{"value": {"' + "a" * 4096 + '": [1]}}', "longer than 4096"),
    ],
)
def test_a_bad_pattern_is_named_with_its_place(pattern, named):
    with pytest.raises(SettingsError, match=named) as caught:
        Filter.parse(json.dumps([pattern]), "kafka")
    assert "\n" not in str(caught.value)


def test_what_is_no_list_of_patterns_is_refused():
    assert "not JSON" in rejects("[")
    assert "array" in rejects({"Filters": [{"Patern": "{}"}]})
    assert "6 patterns, 5 are the most" in rejects([{"value": ["a"]}] * 6)
    assert "pattern 2 is not JSON" in rejects([{"value": ["a"]}, "{"])
    assert "data: an object is expected" in rejects([{"data": ["text"]}], "kinesis")
    assert "eventSourceARN: kinesis records" in rejects([{"eventSourceARN": ["x"]}], "kinesis")
    assert "nested deeper" in rejects('[{"value":' + '{"a":' * 300 + "[1]" + "}" * 300 + "}]")
    deep = '{"$or":[' * 300 + '{"a":[1]},{"a":[1]}' + "]}" * 300
    assert "HEADRACE_FILTER_CRITERIA: pattern 1: " in rejects(f'[{{"value":{deep}}}]')
