"""The parts of a value, each with the type that it should have."""

import dataclasses
from collections.abc import Iterator, Mapping
from types import NoneType, UnionType
from typing import (
    Annotated,
    Any,
    NamedTuple,
    NotRequired,
    Required,
    Union,
    get_args,
    get_origin,
    get_type_hints,
)

import msgspec

_LISTS = (list, set, frozenset, tuple)
_OF_FIELDS = (Required, NotRequired)


class Part(NamedTuple):
    """One part: its name or index, its value and its type."""

    name: str | int
    value: Any = None
    kind: Any = None


class Field(NamedTuple):
    """A field of an object, and whether it must be there."""

    kind: Any
    is_required: bool


def parts(value: Any, kind: Any) -> Iterator[Part]:
    """Yield the parts that are there, of an object, a list or a mapping."""
    origin = get_origin(kind)
    if origin is None and isinstance(value, dict):
        for name, field in _fields(kind).items():
            if name in value:
                yield Part(name, value[name], field.kind)
    elif isinstance(value, list) and origin in _LISTS:
        for index, (item, part) in enumerate(zip(value, _items(kind, len(value)), strict=False)):
            yield Part(index, item, part)
    elif isinstance(value, dict) and origin in {dict, Mapping} and len(get_args(kind)) == 2:
        for name, item in value.items():
            yield Part(name, item, get_args(kind)[1])


def names_of(value: dict[str, Any], kind: Any) -> tuple[list[str], list[str]]:
    """Return the names of an object's fields that are missing, and those that must not be there."""
    fields = _fields(kind)
    missing = [name for name, field in fields.items() if field.is_required and name not in value]
    config = getattr(kind, "__struct_config__", None)
    if config is None or not config.forbid_unknown_fields:
        return missing, []
    return missing, [n for n in value if n not in fields and n != config.tag_field]


def meant(kind: Any, value: Any) -> Any:
    """Return the type without its marks; of several that are possible, the one that is meant."""
    kind = _bare(kind, (Annotated, *_OF_FIELDS))
    if get_origin(kind) not in {Union, UnionType}:
        return kind
    options = [part for part in get_args(kind) if part is not NoneType]
    tagged = [part for part in options if _has_tag(part, value)]
    if not tagged:
        tagged = [part for part in options if isinstance(value, dict) == bool(_fields(part))]
    return meant(tagged[0], value) if len(tagged) == 1 else kind


def _fields(kind: Any) -> dict[str, Field]:
    """Return the fields of a type by their names in JSON; nothing if it has none."""
    if not isinstance(kind, type):
        return {}
    if issubclass(kind, msgspec.Struct):
        if kind.__struct_config__.array_like:
            return {}
        fields = msgspec.structs.fields(kind)
        return {field.encode_name: Field(field.type, field.required) for field in fields}
    if dataclasses.is_dataclass(kind):
        return _of_dataclass(kind)
    needed = getattr(kind, "__required_keys__", None)
    if needed is None:
        return {}
    hints = get_type_hints(kind, include_extras=True)
    return {name: Field(_bare(hint), name in needed) for name, hint in hints.items()}


def _of_dataclass(kind: Any) -> dict[str, Field]:
    hints, none = get_type_hints(kind, include_extras=True), dataclasses.MISSING
    return {
        field.name: Field(hints[field.name], field.default is field.default_factory is none)
        for field in dataclasses.fields(kind)
        if field.init
    }


def _items(kind: Any, count: int) -> list[Any]:
    """Return the type of each item."""
    kinds = get_args(kind)
    if get_origin(kind) is tuple and kinds[-1:] != (Ellipsis,):
        return list(kinds)
    return [kinds[0]] * count


def _has_tag(kind: Any, value: Any) -> bool:
    config = getattr(kind, "__struct_config__", None)
    if config is None or config.tag is None or not isinstance(value, dict):
        return False
    return bool(value.get(config.tag_field) == config.tag)


def _bare(kind: Any, marks: tuple[Any, ...] = _OF_FIELDS) -> Any:
    while get_origin(kind) in marks:
        kind = get_args(kind)[0]
    return kind
