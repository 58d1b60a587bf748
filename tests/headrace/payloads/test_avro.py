"""Avro values that are read as another schema, with its defaults, or written of lines of JSON."""

import json
from datetime import UTC, date, datetime, time
from decimal import Decimal
from time import tzset

import pytest

from headrace.payloads.formats import decoder
from headrace.payloads.schema import DoesNotFit, Schema
from headrace.payloads.writing.encoding import Unfit, encoder

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


@pytest.mark.parametrize("kind", [TENTHS, {**TENTHS, "type": "fixed", "size": 4, "name": "F"}])
def test_a_decimal_has_no_more_digits_than_its_precision(kind):
    decode = decoder(Schema("AVRO", json.dumps(kind)))
    size = b"" if "size" in kind else b"\x08"  # 4 as a zigzag varint

    assert decode(size + (-9999).to_bytes(4, signed=True)) == Decimal("-999.9")
    for number in (10_000, 2**31 - 1):
        with pytest.raises(DoesNotFit, match="more than 4 digits"):
            decode(size + number.to_bytes(4))


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


LOCAL = {"type": "long", "logicalType": "local-timestamp-micros"}
CLOCK = {"type": "int", "logicalType": "time-millis"}
EVENT = {"type": "record", "name": "Event", "fields": [{"name": "at", "type": TIME}]}


@pytest.mark.parametrize(
    ("kind", "line", "value"),
    [
        ("bytes", "/w==", b"\xff"),
        ({"type": "fixed", "name": "F", "size": 2}, "Af8=", b"\1\xff"),
        (TENTHS, 1.5, Decimal("1.5")),
        (TENTHS, "12.3", Decimal("12.3")),
        (DAY, "1970-01-02", date(1970, 1, 2)),
        (TIME, "1970-01-01T01:00:00+01:00", datetime(1970, 1, 1, tzinfo=UTC)),
        (TIME, 1000, datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC)),
        (LOCAL, "2026-01-02T03:04:05", datetime(2026, 1, 2, 3, 4, 5)),
        (CLOCK, "01:02:03", time(1, 2, 3)),
        (["null", TENTHS], None, None),
        (["null", TENTHS], "0.5", Decimal("0.5")),
        (["null", "bytes", "string"], "abc", "abc"),
        (["null", EVENT], {"at": "1970-01-01T00:00:00Z"}, {"at": datetime(1970, 1, 1, tzinfo=UTC)}),
        ({"type": "map", "values": {"type": "array", "items": DAY}}, {"k": [0]}, None),
        (INNER, {"y": 1, "more": {"x": "/w==", "y": 2}}, None),
        ("boolean", True, True),
    ],
)
def test_a_line_of_json_may_hold_any_type(kind, line, value):
    field = {"name": "b", "type": kind}
    schema = Schema("AVRO", json.dumps({"type": "record", "name": "R", "fields": [field]}))

    found = decoder(schema)(encoder(schema)({"b": line}))["b"]
    if kind is INNER:
        inner = {"x": b"\xff", "y": 2, "more": None}
        value = {"x": b"\xff", "y": 1, "more": inner}
    assert found == ({"k": [date(1970, 1, 1)]} if line == {"k": [0]} else value)


@pytest.mark.parametrize(
    ("kind", "line"), [("bytes", "no base64"), (TENTHS, "x"), (TIME, "soon"), (TENTHS, "0.01")]
)
def test_a_line_that_does_not_fit_is_refused(kind, line):
    with pytest.raises(Unfit):
        encoder(Schema("AVRO", json.dumps(kind)))(line)


def test_bytes_alone_have_no_length_before_them():
    schema = Schema("AVRO", '"bytes"')
    assert decoder(schema)(encoder(schema)("YWI=")) == encoder(schema)("YWI=") == b"ab"


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("long", 1.5),
        ("long", True),
        ("long", 1 << 63),
        ("int", 1 << 31),
        ("double", False),
        ("boolean", 1),
        ("boolean", "no"),
        ({"type": "array", "items": "int"}, [1, 1.5]),
        ({"type": "string", "logicalType": "uuid"}, "7"),
        ({"type": "bytes", "logicalType": "decimal", "precision": 4, "scale": 2}, "NaN"),
    ],
)
def test_a_value_of_another_type_is_refused_and_not_bent_to_fit(kind, value):
    """fastavro wrote 1.5 as 1, and any text at all as true."""
    with pytest.raises(Unfit, match=r"is no |UUID"):
        encoder(Schema("AVRO", json.dumps(kind)))(value)


def test_a_time_without_a_zone_is_of_utc_wherever_it_is_written(monkeypatch):
    schema = Schema("AVRO", json.dumps({"type": "long", "logicalType": "timestamp-millis"}))
    monkeypatch.setenv("TZ", "America/New_York")
    tzset()
    try:
        payload = encoder(schema)("2026-01-01T00:00:00")
    finally:
        monkeypatch.undo()
        tzset()
    assert decoder(schema)(payload) == datetime(2026, 1, 1, tzinfo=UTC)
