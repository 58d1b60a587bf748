"""Mistakes in a value are found in every kind of part, and their number is bounded."""

import dataclasses
import json
from typing import Annotated, Any, Generic, Literal, NamedTuple, TypedDict, TypeVar

import attrs
import msgspec
import pytest
from msgspec import Meta

from headrace.input.mistakes import MOST
from headrace.input.types import input_type
from headrace.testing import kafka_record


class Cat(msgspec.Struct, tag="cat", forbid_unknown_fields=True):
    lives: int


class Dog(msgspec.Struct, tag="dog"):
    name: str = msgspec.field(name="dogName")


class Zoo(msgspec.Struct):
    animals: list[Cat | Dog] = []
    owner: Cat | None = None
    by_name: dict[str, Cat] = {}
    size: Annotated[int, Meta(ge=1)] = 1
    pair: tuple[int, str] = (1, "a")
    mood: Literal["good", "bad"] = "good"


def fields(kind, value):
    with pytest.raises(Exception, match="does not fit") as raised:
        input_type(kind).read(kafka_record(value))
    return {error["field"]: error["detail"] for error in raised.value.errors}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"animals": [{"type": "cat", "lives": "9"}]}, {"animals[0].lives"}),
        (
            {"animals": [{"type": "dog"}, {"type": "cow"}]},
            {"animals[0].dogName", "animals[1].type"},
        ),
        ({"animals": [{"type": "cat", "lives": 1, "x": 1}]}, {"animals[0].x"}),
        ({"owner": {"type": "cat"}}, {"owner.lives"}),
        ({"by_name": {"tom": {"type": "cat"}}}, {"by_name.tom.lives"}),
        ({"size": 0, "mood": "ugly"}, {"size", "mood"}),
        ({"pair": ["x", "y"]}, {"pair[0]"}),
        ({"pair": [1]}, {"pair"}),
        ([], {""}),
    ],
)
def test_the_part_that_is_to_blame_is_named(value, expected):
    assert set(fields(Zoo, value)) == expected


def test_it_is_said_in_words():
    assert fields(Zoo, {"size": 0, "owner": {"type": "cat"}}) == {
        "size": "expected a whole number of at least 1",
        "owner.lives": "is missing",
    }


T = TypeVar("T")


class Page(msgspec.Struct, Generic[T]):
    items: list[T]
    total: int


@dataclasses.dataclass
class DataPage(Generic[T]):
    items: list[T]
    total: int


class DictPage(TypedDict, Generic[T]):
    items: list[T]
    total: int


class NextPage(Page[T], Generic[T]):
    number: int


class CatPage(Page[Cat]):
    pass


@attrs.define
class Box:
    width: int
    height: int
    name: str = ""


@pytest.mark.parametrize("kind", [Page[Cat], DataPage[Cat], DictPage[Cat], CatPage])
def test_a_class_that_takes_type_arguments_has_its_mistakes_listed(kind):
    found = fields(kind, {"items": [{"type": "cat"}, {"type": "cat", "lives": "9"}]})
    assert found == {
        "items[0].lives": "is missing",
        "items[1].lives": "expected a whole number",
        "total": "is missing",
    }


def test_so_has_one_without_arguments_and_one_that_extends_it():
    assert set(fields(Page, {"items": 1, "total": "x"})) == {"items", "total"}
    value = {"items": [{"type": "cat", "lives": "9"}]}
    assert set(fields(NextPage[Cat], value)) == {"items[0].lives", "total", "number"}
    assert set(fields(Page[Page[Any]], {"items": [{"total": 1}], "total": "x"})) == {
        "items[0].items",
        "total",
    }


def test_a_class_of_attrs_has_its_mistakes_listed():
    assert set(fields(Box, {"width": "x", "name": 1})) == {"width", "height", "name"}


class Point(NamedTuple):
    x: int
    y: int


class Pair(msgspec.Struct, array_like=True):
    x: int
    y: int


@pytest.mark.parametrize("kind", [Point, Pair])
def test_fields_that_are_written_as_a_list_are_named_by_their_places(kind):
    assert set(fields(list[kind], [["x", "y"], [1, "y"]])) == {"[0][0]", "[0][1]", "[1][1]"}


def test_what_a_mistake_quotes_is_cut():
    found = fields(dict[str, Literal["a"]], {"x" * 1000: "y" * 1_000_000})
    ((name, detail),) = found.items()
    assert len(name) == len(detail) == 200
    assert detail.startswith("invalid enum value 'yyy")


def test_no_more_than_some_are_listed():
    assert len(fields(list[int], ["x"] * 100_000)) == MOST


def test_a_number_that_its_type_cannot_hold_is_a_mistake():
    assert fields(dict[str, float], b'{"a": 1' + b"0" * 400 + b"}")


class Chain(msgspec.Struct):
    next: "Chain | None" = None


def test_a_mistake_at_the_end_of_a_deep_value_is_found_quickly():
    value = b'{"next": ' * 200 + b"1" + b"}" * 200
    (field,) = fields(Chain, value)
    assert field.startswith("next.next")


HALF = "\ud800"


@pytest.mark.parametrize(
    "value", [{"size": 2, HALF: 1}, {"by_name": {}, "x": [{HALF: {HALF: 1}}]}, {"note": HALF}]
)
def test_half_a_surrogate_pair_where_it_does_not_matter_does_not_matter(value):
    """Whatever the standard library reads is JSON."""
    read = input_type(Zoo).read(kafka_record(json.dumps(value).encode()))
    assert read.size == value.get("size", 1)


@pytest.mark.parametrize(
    ("value", "field"),
    [
        ({"size": HALF}, "size"),
        ({"mood": HALF}, "mood"),
        ({"pair": [HALF, "a"]}, "pair[0]"),
        ({"animals": [{"type": HALF}]}, "animals[0]"),
        ({"owner": {"type": "cat", "lives": 9, HALF: 1}}, f"owner.{HALF}"),
    ],
)
def test_half_a_surrogate_pair_where_it_does_is_a_mistake(value, field):
    assert list(fields(Zoo, json.dumps(value).encode())) == [field]
