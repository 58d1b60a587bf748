"""Whatever pattern one may write, it is read as the rules are, or refused."""

import json
import re

from hypothesis import given, settings
from hypothesis import strategies as st

from headrace.errors import SettingsError
from headrace.runner.filter.filter import Filter
from tests.support.event_filter import passes
from tests.support.event_pattern import matches
from tests.support.runner import kafka_record, kinesis_record

scalars = (
    st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from(["", "a", "b", "ab", "AB"])
)
names = st.sampled_from(["a", "b", "c"])
events = st.dictionaries(
    names,
    st.recursive(
        scalars,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
        max_leaves=8,
    ),
    max_size=3,
)
texts = st.sampled_from(["a", "b", "ab", "B"])
numeric = st.builds(
    lambda o, n: [o, n], st.sampled_from(["=", "<", "<=", ">", ">="]), st.integers(-2, 2)
)
ranges = st.builds(
    lambda low, lowest, high, size: [low, lowest, high, lowest + size],
    st.sampled_from([">", ">="]),
    st.integers(-2, 1),
    st.sampled_from(["<", "<="]),
    st.integers(1, 2),
)
rules = st.one_of(
    scalars,
    texts.map(lambda text: {"prefix": text}),
    texts.map(lambda text: {"suffix": text}),
    texts.map(lambda text: {"prefix": {"equals-ignore-case": text}}),
    texts.map(lambda text: {"equals-ignore-case": text}),
    st.booleans().map(lambda there: {"exists": there}),
    (numeric | ranges).map(lambda bounds: {"numeric": bounds}),
    (texts | st.lists(texts, min_size=1, max_size=2) | st.integers(-1, 1)).map(
        lambda values: {"anything-but": values}
    ),
    texts.map(lambda text: {"anything-but": {"prefix": text}}),
    st.lists(texts, min_size=1, max_size=2).map(lambda many: {"anything-but": {"suffix": many}}),
)
patterns = st.recursive(
    st.dictionaries(names, st.lists(rules, min_size=1, max_size=2), min_size=1, max_size=2),
    lambda inner: (
        st.dictionaries(names, inner, min_size=1, max_size=2)
        | st.lists(inner, min_size=2, max_size=2).map(lambda choices: {"$or": choices})
    ),
    max_leaves=5,
)


@settings(max_examples=500, deadline=None)
@given(patterns, events)
def test_the_closures_agree_with_a_plain_reading_of_the_rules(pattern, event):
    assert passes({"value": pattern}, event) is matches(pattern, event)


@settings(max_examples=300, deadline=None)
@given(st.recursive(
    scalars | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["value", "data", "partitionKey", "$or", "a", "prefix", "numeric", "exists",
                         "anything-but", "equals-ignore-case"]) | st.text(max_size=2),
        inner, max_size=3),
    max_leaves=12,
), st.sampled_from(["kafka", "kinesis"]), st.binary(max_size=20))  # fmt: skip
def test_whatever_is_given_is_a_filter_or_one_clear_line(criteria, source, data):
    record = kafka_record(1, data) if source == "kafka" else kinesis_record("1", data)
    try:
        result = Filter.parse(json.dumps(criteria), source)([record])
    except SettingsError as error:
        result = str(error)
    assert result in (None, [True], [False]) or re.fullmatch("HEADRACE_FILTER_CRITERIA.*", result)
