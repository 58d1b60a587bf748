"""A Protobuf message as a dict, with numbers as numbers and bytes as bytes.

A field has the name that it has in the file. A message, a field of a `oneof` and an `optional`
field are there only if they are set; every other field is, if need be with its default. Enums are
the names of their values. Of Google's own types, a Timestamp is a datetime in UTC, a Duration is a
timedelta, and a wrapper is what it wraps; the rest are as in Protobuf's JSON.
"""

from collections.abc import Callable
from datetime import UTC
from functools import lru_cache
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.json_format import MessageToDict

Convert = Callable[[Any], Any]

_KEPT = 4096  # messages, and fields
_GOOGLE = "google.protobuf."
_WRAPPERS = {
    f"{_GOOGLE}{kind}Value"
    for kind in ("Bool", "Bytes", "Double", "Float", "Int32", "Int64", "String", "UInt32", "UInt64")
}
_IN_JSON = {
    _GOOGLE + name for name in ("Any", "Empty", "FieldMask", "ListValue", "Struct", "Value")
}


def to_value(message: Any) -> Any:
    """Return a message as a dict, or as what stands for one of Google's own types."""
    return _of_message(message.DESCRIPTOR)(message)


@lru_cache(_KEPT)
def _of_message(kind: Descriptor) -> Convert:
    name = kind.full_name
    if name == f"{_GOOGLE}Timestamp":
        return lambda message: message.ToDatetime(tzinfo=UTC)
    if name == f"{_GOOGLE}Duration":
        return lambda message: message.ToTimedelta()
    if name in _WRAPPERS:
        return lambda message: message.value
    if name in _IN_JSON:
        return _in_json
    return _of_fields(kind)


def _in_json(message: Any) -> Any:
    try:  # an Any may hold a message of the schema's own files
        return MessageToDict(message, descriptor_pool=message.DESCRIPTOR.file.pool)
    except TypeError:  # or one of Google's, which they do not import
        return MessageToDict(message)


def _of_fields(kind: Descriptor) -> Convert:
    """Return what makes a dict of a message; the fields' own converters are found when needed."""
    plain = [field.name for field in kind.fields if _is_plain(field)]
    optional = [f.name for f in kind.fields if f.has_presence and not _is_made(f)]
    others = [f for f in kind.fields if f.name not in plain and f.name not in optional]

    def convert(message: Any) -> dict[str, Any]:
        found = {name: getattr(message, name) for name in plain}
        for name in optional:
            if message.HasField(name):
                found[name] = getattr(message, name)
        for field in others:
            if not field.has_presence or message.HasField(field.name):
                found[field.name] = _of_field(field)(getattr(message, field.name))
        return found

    return convert


def _is_plain(field: FieldDescriptor) -> bool:
    return not field.is_repeated and not field.has_presence and not _is_made(field)


def _is_made(field: FieldDescriptor) -> bool:
    """Return whether something is made of a field's value. It may be of the type that it is in."""
    return field.message_type is not None or field.enum_type is not None


def _scalar(field: FieldDescriptor) -> Convert | None:
    """Return what converts one value of a field; None if it stays as it is."""
    if field.message_type is not None:
        return _of_message(field.message_type)
    if field.enum_type is not None:
        names = {number: value.name for number, value in field.enum_type.values_by_number.items()}
        return lambda number: names.get(number, number)  # a newer file may have more of them
    return None


@lru_cache(_KEPT)
def _of_field(field: FieldDescriptor) -> Convert:
    kind = field.message_type
    if not field.is_repeated:
        return _scalar(field) or _same
    if kind is not None and kind.GetOptions().map_entry:
        one = _scalar(kind.fields_by_name["value"]) or _same
        return lambda values: {name: one(values[name]) for name in values}
    one = _scalar(field) or _same
    return lambda values: [one(value) for value in values]


def _same(value: Any) -> Any:
    return value
