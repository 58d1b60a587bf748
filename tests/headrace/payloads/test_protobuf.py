"""Protobuf: messages inside of themselves, required fields, and messages in an Any."""

import pytest
from google.protobuf.any_pb2 import Any
from google.protobuf.wrappers_pb2 import BytesValue

from headrace.payloads.formats import decoder
from headrace.payloads.schema import DoesNotFit, Schema
from headrace.payloads.writing.encoding import Unfit, encoder


def both(text):
    schema = Schema("PROTOBUF", text)
    return encoder(schema), decoder(schema)


@pytest.mark.parametrize("label", ["", "optional ", "repeated "])
def test_a_message_may_hold_its_own_kind(label):
    encode, decode = both(f'syntax = "proto3"; message Node {{ int32 n = 1; {label}Node in = 2; }}')
    empty = {"in": []} if label == "repeated " else {}
    inner = {"n": 2} | empty
    value = {"n": 1, "in": [inner] if empty else inner}

    assert decode(encode(value)) == value
    assert decode(encode({"n": 1})) == {"n": 1} | empty


def test_two_messages_may_hold_each_other():
    encode, decode = both('syntax = "proto3"; message A { B b = 1; } message B { A a = 1; }')

    assert decode(encode({"b": {"a": {"b": {}}}})) == {"b": {"a": {"b": {}}}}


def test_a_required_field_that_is_missing_does_not_fit():
    encode, decode = both('syntax = "proto2"; message A { required int32 id = 1; }')

    assert decode(b"\0\x08\1") == {"id": 1}
    with pytest.raises(DoesNotFit, match="missing: id"):
        decode(b"\0")
    with pytest.raises(Unfit, match="id"):
        encode({})


def test_an_any_holds_a_message_of_the_same_file_or_one_of_googles():
    encode, decode = both(
        'syntax = "proto3"; package p; import "google/protobuf/any.proto";'
        " message A { google.protobuf.Any any = 1; } message B { int32 n = 1; }"
    )
    held = (
        {"@type": "type.googleapis.com/p.B", "n": 5},
        {"@type": "type.googleapis.com/google.protobuf.Duration", "value": "3s"},
    )

    assert decode(encode({"any": held[0]})) == {"any": held[0]}
    duration = b"\0\x0a\x32\x0a\x2c" + held[1]["@type"].encode() + b"\x12\2\x08\3"
    assert decode(duration) == {"any": held[1]}
    with pytest.raises(DoesNotFit, match="type_url"):
        decode(b"\0\x0a\x07\x0a\x03a/b\x12\0")


def test_an_any_in_an_any_and_so_on_does_not_fit():
    """Each holds the next one as bytes, so Protobuf's own bound does not count them."""
    _, decode = both(
        'syntax = "proto3"; import "google/protobuf/any.proto";'
        " message A { google.protobuf.Any any = 1; }"
    )
    held = Any()
    for _ in range(1_000):
        held = Any(type_url="a/google.protobuf.Any", value=held.SerializeToString())
    wrapped = BytesValue(value=held.SerializeToString())  # as A, its only field is the first

    with pytest.raises(DoesNotFit, match="nested too deeply"):
        decode(b"\0" + wrapped.SerializeToString())
