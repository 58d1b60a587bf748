"""Avro values that are read as another schema: the defaults that come in."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from headrace.payloads.formats import decoder
from headrace.payloads.schema import Schema

INNER = {
    "type": "record",
    "name": "Inner",
    "namespace": "deep.inside",
    "fields": [
        {"name": "x", "type": "bytes", "default": "\u00ff"},
        {"name": "y", "type": "int"},
        {"name": "more", "type": ["null", "Inner"], "default": None},
    ],
}
TENTHS = {"type": "bytes", "logicalType": "decimal", "precision": 4, "scale": 1}
DAY = {"type": "int", "logicalType": "date"}
TIME = {"type": "long", "logicalType": "timestamp-millis"}


def reading(*fields):
    """What a value without any field but `a` is, read as a schema with these, and how."""
    first = {"name": "a", "type": "int"}
    record = {"type": "record", "name": "R"}
    written = Schema("AVRO", json.dumps({**record, "fields": [first]}))
    return decoder(written, json.dumps({**record, "fields": [first, *fields]}))


@pytest.mark.parametrize(
    ("kind", "default", "value"),
    [
        ("bytes", "\u00ff", b"\xff"),
        (["bytes", "null"], "a", b"a"),
        ({"type": "fixed", "name": "F", "size": 2}, "\u0001\u00ff", b"\1\xff"),
        (TENTHS, "\u000f", Decimal("1.5")),
        (DAY, 1, date(1970, 1, 2)),
        ([TIME, "null"], 0, datetime(1970, 1, 1, tzinfo=UTC)),
        (["null", TIME], None, None),
        ({"type": "array", "items": DAY}, [0], [date(1970, 1, 1)]),
        ({"type": "map", "values": "double"}, {"k": 1}, {"k": 1.0}),
        ({"type": "enum", "name": "E", "symbols": ["A"]}, "A", "A"),
        (INNER, {"y": 3}, {"x": b"\xff", "y": 3, "more": None}),
        ({"type": "string", "logicalType": "uuid"}, "", ""),  # no such value can be read
        ("boolean", True, True),
    ],
)
def test_a_default_has_the_type_of_its_field(kind, default, value):
    found = reading({"name": "b", "type": kind, "default": default})(b"\2")["b"]

    assert found == value
    assert type(found) is type(value)


def test_what_is_added_to_a_default_is_not_in_the_next_record():
    decode = reading(
        {"name": "tags", "type": {"type": "array", "items": "string"}, "default": []},
        {"name": "inner", "type": INNER, "default": {"y": 1}},
        {"name": "again", "type": "deep.inside.Inner", "default": {"y": 2, "more": {"y": 3}}},
    )
    first = decode(b"\2")
    first["tags"].append("a")
    first["inner"]["y"] = first["again"]["more"]["y"] = 9

    second = decode(b"\2")
    assert (second["tags"], second["inner"]["y"], second["again"]["more"]["y"]) == ([], 1, 3)
