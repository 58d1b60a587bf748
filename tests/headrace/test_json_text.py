"""What JSON is, is the same wherever a text is read or a value is written."""

import dataclasses
import json
import math
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from uuid import UUID

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headrace.json_text import JsonError, decode, encode
from tests.support.json_values import BIG, nested


class Colour(Enum):
    RED = "red"


@dataclasses.dataclass
class Point:
    x: object


class Box(msgspec.Struct):
    x: object


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters()),  # with lone surrogates
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
)


@given(JSON)
def test_what_is_written_is_read_back_the_same(value):
    assert decode(encode(value)) == value


@given(JSON)
def test_what_the_standard_library_writes_is_read(value):
    assert decode(json.dumps(value).encode()) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (b'{"id":147573952589676412927,"amount":1}', {"id": BIG, "amount": 1}),
        (b'{"id":-9223372036854775809}', {"id": -(2**63) - 1}),
        (b'{"note":"abc\\ud83d"}', {"note": "abc\ud83d"}),
        (b'\xef\xbb\xbf{"a":1}', {"a": 1}),
        (b"[" * 300 + b"]" * 300, nested(299)),
        (b"1e400", math.inf),
    ],
)
def test_what_one_parser_refuses_another_reads(text, value):
    assert decode(text) == value


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (b"{", "Expecting property name"),
        (b"", "Expecting value"),
        (b'{"a":NaN}', "NaN is no number in JSON"),
        (b"[-Infinity]", "-Infinity is no number in JSON"),
        (b'"\xff"', "not UTF-8: invalid start byte at byte 1"),
        (b"[" * 100_000, "nested too deeply"),
        (b"1" * 5_000, "an integer has more than 4,300 digits"),
        (b"{'a': 1}", "Expecting property name"),
        (b"1 2", "Extra data"),
    ],
)
def test_what_is_not_json_is_one_line(text, complaint):
    with pytest.raises(JsonError, match=complaint):
        decode(text)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"id": BIG}, b'{"id":147573952589676412927}'),
        ({1: 2, 2**70: None}, b'{"1":2,"1180591620717411303424":null}'),
        ("abc\ud83d", b'"abc\\ud83d"'),
        (Decimal("0.10"), b"0.1"),
        (Decimal(10) ** 30, b"1" + b"0" * 30),
        (Decimal("1e4299"), b"1" + b"0" * 4299),
        (Decimal("0e999999999"), b"0"),
        (datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), b'"2026-01-02T03:04:05+00:00"'),
        (UUID(int=1), b'"00000000-0000-0000-0000-000000000001"'),
        (Colour.RED, b'"red"'),
        (Point(Box([1])), b'{"x":{"x":[1]}}'),
        (
            {"big": BIG, "day": date(2026, 1, 2)},
            b'{"big":147573952589676412927,"day":"2026-01-02"}',
        ),
        (np.float32(0.5), b"0.5"),
        (np.array([[1, 2]]), b"[[1,2]]"),
        (["null", None, 1.5], b'["null",null,1.5]'),
        (nested(2), b"[[[]]]"),
    ],
)
def test_what_json_can_say_is_said(value, text):
    assert encode(value) == text


@pytest.mark.parametrize(
    ("value", "complaint"),
    [
        ({"score": math.nan}, "NaN and Infinity are no numbers in JSON"),
        ([None, -math.inf], "NaN and Infinity"),
        ((Point(math.nan),), "NaN and Infinity"),
        (Box(math.nan), "NaN and Infinity"),
        ({"rate": Enum("Rate", {"NONE": math.nan}).NONE}, "NaN and Infinity"),
        ([10**5_000], "an integer has more than 4,300 digits"),
        (np.float64("nan"), "NaN and Infinity"),
        (np.array([math.inf]), "NaN and Infinity"),
        (Decimal("NaN"), "NaN and Infinity"),
        ({"big": BIG, "score": math.nan}, "NaN and Infinity"),
        (Decimal("1e999999999"), "a Decimal has more than 4,300 digits"),
        ({"amount": Decimal("1" * 100_000)}, "a Decimal has more than 4,300 digits"),
        (Decimal("-1e4300"), "a Decimal has more than 4,300 digits"),
        (Decimal("0.1234567890123456789012"), "0.1234567890123456789012 has more digits"),
        ({1, 2}, "a value of type set has no form in JSON"),
        (b"bytes", "a value of type bytes has no form in JSON"),
        ({"a": {"b": object()}}, "a value of type object has no form in JSON"),
        ({"big": BIG, "a": b"bytes"}, "a value of type bytes has no form in JSON"),
        ({(1, 2): 3}, "keys must be str, int, float, bool or None, not tuple"),
        ({1: "a", "1": "b"}, "two keys of an object become '1'"),
        ([{"big": BIG, "in": {None: 1, "null": 2}}], "two keys of an object become 'null'"),
        (nested(30_000), "nested too deeply"),
    ],
)
def test_what_json_cannot_say_is_named(value, complaint):
    with pytest.raises(JsonError, match=complaint):
        encode(value)


def test_what_contains_itself_is_named():
    value = []
    value.append(value)

    with pytest.raises(JsonError, match="it contains itself"):
        encode(value)


def test_lines_for_people_are_indented():
    assert encode({"a": [BIG]}, indent=True) == b'{\n  "a": [\n    147573952589676412927\n  ]\n}'
    assert encode({"a": [1]}, indent=True) == b'{\n  "a": [\n    1\n  ]\n}'
