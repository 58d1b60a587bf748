"""Payloads that claim more than they hold, in a process that may not have much memory."""

import json
import subprocess
import sys

import pytest

from headrace.payloads.formats import decoder
from headrace.payloads.schema import BadSchema, DoesNotFit, Schema, is_serialized
from tests.support.payloads.messages import SCHEMAS

NODE = {
    "type": "record",
    "name": "Node",
    "fields": [{"name": "next", "type": ["null", "Node"], "default": None}],
}
TWO_GIGABYTES = b"\xfe\xff\xff\xff\x0f"  # a length as a zigzag varint


def _record(name, *types):
    fields = [{"name": f"f{at}", "type": kind} for at, kind in enumerate(types)]
    return {"type": "record", "name": name, "fields": fields}


# A type of each type before it: a byte or two choose a value of thousands of levels.
CHAIN = [_record("R0", "int"), *(_record(f"R{n}", f"R{n - 1}") for n in range(1, 10_000))]
# A few hundred levels for each two bytes.
KINDS = [_record("R1", ["null", "R0"]), *(_record(f"R{n}", f"R{n - 1}") for n in range(2, 300))]
CYCLE = _record("R0", ["null", _record("Kinds", *KINDS)], "R299")
DECIMAL = {"type": "bytes", "logicalType": "decimal", "precision": 20, "scale": 2}
CLAIMS = {
    "string": (Schema("AVRO", '"string"'), TWO_GIGABYTES + b"ab"),
    "list": (Schema("AVRO", '{"type": "array", "items": "int"}'), TWO_GIGABYTES + b"\2\2"),
    "map": (Schema("AVRO", '{"type": "map", "values": "int"}'), TWO_GIGABYTES + b"\2a\2"),
    "message place": (Schema("PROTOBUF", SCHEMAS["PROTOBUF"][0]), TWO_GIGABYTES + b"\2"),
    "message field": (Schema("PROTOBUF", SCHEMAS["PROTOBUF"][0]), b"\0\x12\xff\xff\xff\xff\x07ab"),
    "deep avro": (Schema("AVRO", json.dumps(NODE)), b"\2" * 2_000_000 + b"\0"),
    "deep avro of a short payload": (
        Schema("AVRO", json.dumps(_record("Top", CHAIN))),
        b"\x9e\x9c\1\2",
    ),
    "deep avro of many types": (Schema("AVRO", json.dumps(CYCLE)), b"\0\2" * 240 + b"\0\0"),
    "long decimal": (Schema("AVRO", json.dumps(DECIMAL)), b"\x80\x89\x7a" + b"\x7f" * 1_000_000),
    "deep json": (Schema("JSON", "{}"), b"[" * 2_000_000),
    "deep json that is whole": (Schema("JSON", "{}"), b"[" * 100_000 + b"]" * 100_000),
}
_CHILD = """
import resource
from headrace.payloads.formats import decoder
from headrace.payloads.schema import DoesNotFit
from tests.headrace.payloads.test_bounds import CLAIMS
decoders = {name: decoder(schema) for name, (schema, _) in CLAIMS.items()}
resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for name, decode in decoders.items():
    try:
        decode(CLAIMS[name][1])
    except DoesNotFit as error:
        print(f"{name}: {error}")
grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
assert grown < 100_000, grown
"""


def test_a_payload_that_claims_more_than_it_holds_is_refused_within_little_memory():
    """In a process of its own: without the bounds, some of these would end it."""
    done = subprocess.run(
        [sys.executable, "-c", _CHILD], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert [line.partition(": ")[0] for line in done.stdout.splitlines()] == list(CLAIMS)
    assert all(line.partition(": ")[2] for line in done.stdout.splitlines())


def test_a_reason_quotes_no_more_than_a_bit_of_the_value():
    schema = {"allOf": [{"anyOf": [{"type": "string"}, {"type": "integer"}]}] * 50}
    decode = decoder(Schema("JSON", json.dumps(schema)))

    with pytest.raises(DoesNotFit) as raised:
        decode(json.dumps({"a": "x" * 100_000}).encode())
    assert str(raised.value).startswith('{"a":"xxx')
    assert len(str(raised.value)) < 300
    assert len(str(raised.value.errors)) < 50 * 300


def test_a_value_that_contains_itself_is_read_to_a_depth_that_people_use():
    decode = decoder(Schema("AVRO", json.dumps(NODE)))
    for depth in (3, 100):
        value, levels = decode(b"\2" * depth + b"\0"), 0
        while value is not None:
            value, levels = value["next"], levels + 1
        assert levels == depth + 1
    padded = {**NODE, "fields": [*NODE["fields"], {"name": "text", "type": "string"}]}
    decode = decoder(Schema("AVRO", json.dumps(padded)))  # the careful reader: it is long
    assert decode(b"\0" + b"\xd0\x0f" + b"a" * 1000) == {"next": None, "text": "a" * 1000}


@pytest.mark.parametrize(
    "items",
    [
        '"null"',
        '{"type": "fixed", "name": "F", "size": 0}',
        '{"type": "record", "name": "R", "fields": []}',
    ],
)
def test_a_list_of_items_without_bytes_is_refused_by_design(items):
    """Ten bytes could claim two billion of them."""
    with pytest.raises(BadSchema, match="items that take no bytes"):
        decoder(Schema("AVRO", f'{{"type": "array", "items": {items}}}'))


@pytest.mark.parametrize(("levels", "refused"), [(60, True), (8, False)])
def test_records_of_records_without_bytes_are_bounded(levels, refused):
    """Sixty of two fields each would be a value for each atom of a pebble, and have no byte."""
    schema = {"type": "record", "name": "R0", "fields": []}
    for n in range(1, levels):
        fields = [{"name": "a", "type": schema}, {"name": "b", "type": f"R{n - 1}"}]
        schema = {"type": "record", "name": f"R{n}", "fields": fields}
    if not refused:
        assert decoder(Schema("AVRO", json.dumps(schema)))(b"")["a"]["b"]
        return
    with pytest.raises(BadSchema, match="more than 1,000 values that take no bytes"):
        decoder(Schema("AVRO", json.dumps(schema)))
    with pytest.raises(BadSchema, match="items that take no bytes"):
        decoder(Schema("AVRO", json.dumps({"type": "array", "items": schema})))


def test_a_schema_that_is_nested_too_deeply_is_refused():
    text = '{"type": "array", "items": ' * 400 + '"int"' + "}" * 400
    with pytest.raises(BadSchema, match="nested too deeply"):
        decoder(Schema("AVRO", text))


def test_a_long_text_with_many_blanks_is_told_from_base64_at_once():
    assert is_serialized(" " * 100_000 + "YQ==\n")
    assert not is_serialized(" " * 100_000 + ";")


@pytest.mark.parametrize("form", ["AVRO", "PROTOBUF", "JSON"])
@pytest.mark.parametrize("text", ["", "{", "[]", "nonsense", '{"type": 5}', "\0"])
def test_what_is_no_schema_is_refused_in_a_sentence(form, text):
    if (form, text) in {("AVRO", "[]"), ("PROTOBUF", "")}:
        decoder(Schema(form, text))  # a union of nothing, a file without messages
        return
    with pytest.raises(BadSchema, match="is no"):
        decoder(Schema(form, text))


def test_a_schema_of_json_fetches_nothing():
    text = json.dumps({"$ref": "http://127.0.0.1:1/other.json"})
    with pytest.raises(BadSchema, match="none of its references"):
        decoder(Schema("JSON", text))


def test_all_faults_of_a_json_payload_are_listed():
    decode = decoder(Schema("JSON", SCHEMAS["JSON"][0]))
    with pytest.raises(DoesNotFit, match=r"id: .*and 1 more") as raised:
        decode(b'{"id": "x", "name": 5}')
    assert [error["field"] for error in raised.value.errors] == ["id", "name"]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("from x import y;", "Expected"),  # behind a line of the compiler's log
        ('syntax = "proto3"; message A { Nope c = 3; }', '"Nope" is not defined'),
    ],
)
def test_a_schema_that_is_no_protobuf_is_refused_with_the_compilers_reason(text, complaint):
    with pytest.raises(BadSchema, match=complaint):
        decoder(Schema("PROTOBUF", text))
