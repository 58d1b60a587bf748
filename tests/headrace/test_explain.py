"""What is wrong with a value, in words for people, whatever words msgspec has."""

from typing import Annotated, Literal, NamedTuple

import msgspec
import pytest
from msgspec import Meta

from headrace.explain import explain


class Shape(msgspec.Struct, forbid_unknown_fields=True):
    whole: Annotated[int, Meta(ge=1, le=5)] | None = None
    number: Annotated[float, Meta(gt=0)] = 1.0
    on: bool = False
    names: Annotated[list[str], Meta(min_length=2)] = []
    letter: Annotated[str, Meta(max_length=1)] = ""
    choice: Literal["X", "Y"] = "X"
    counts: dict[str, int] = {}
    either: int | str = 1


class Needed(msgspec.Struct):
    name: str


@pytest.mark.parametrize(
    ("value", "what", "where"),
    [
        ({"whole": "x"}, "expected a whole number", ".whole"),
        ({"whole": 0}, "expected a whole number of at least 1", ".whole"),
        ({"whole": 9}, "expected a whole number of at most 5", ".whole"),
        ({"number": 0}, "expected a number of more than 0", ".number"),
        ({"on": 5}, "expected true or false", ".on"),
        ({"names": ["a"]}, "expected a list of at least 2 items", ".names"),
        ({"names": [1, 2]}, "expected text", ".names[0]"),
        ({"letter": "ab"}, "expected text of at most 1 character", ".letter"),
        ({"choice": "Z"}, "invalid enum value 'Z'", ".choice"),
        ({"counts": {"a": "b"}}, "expected a whole number", ".counts[...]"),
        ({"either": []}, "expected a whole number or text", ".either"),
        ({"other": 1}, "there is no 'other'", ""),
        (5, "expected an object", ""),
    ],
)
def test_a_wrong_value_is_explained(value, what, where):
    with pytest.raises(msgspec.ValidationError) as caught:
        msgspec.convert(value, Shape)

    assert explain(caught.value) == (what, where)


def test_a_missing_field_is_explained():
    with pytest.raises(msgspec.ValidationError) as caught:
        msgspec.convert({}, Needed)

    assert explain(caught.value) == ("'name' is missing", "")


class Span(NamedTuple):
    first: int
    last: int = 0


class Row(msgspec.Struct, array_like=True, forbid_unknown_fields=True):
    first: int
    last: int = 0


@pytest.mark.parametrize(
    ("kind", "value", "what"),
    [
        (tuple[int, str], [1], "expected a list of 2 items"),
        (tuple[int], [], "expected a list of 1 item"),
        (Span, [], "expected a list of 1 to 2 items"),
        (Row, [], "expected a list of at least 1 item"),
        (Row, [1, 2, 3], "expected a list of at most 2 items"),
    ],
)
def test_a_list_of_another_length_is_explained(kind, value, what):
    with pytest.raises(msgspec.ValidationError) as caught:
        msgspec.convert(value, kind)

    assert explain(caught.value) == (what, "")
