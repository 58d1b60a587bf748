"""The parts of a value, each with the type that it should have."""

from collections.abc import Iterator, Mapping
from types import NoneType, UnionType
from typing import (
    Annotated,
    Any,
    NamedTuple,
    NotRequired,
    Required,
    TypeVar,
    Union,
    get_args,
    get_origin,
    get_type_hints,
)

import msgspec
from msgspec import inspect

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
    if isinstance(value, list):
        for index, (item, part) in enumerate(zip(value, _items(kind, len(value)), strict=False)):
            yield Part(index, item, part)
    elif isinstance(value, dict) and get_origin(kind) in {dict, Mapping}:
        for name, item in value.items():
            yield Part(name, item, get_args(kind)[1])
    elif isinstance(value, dict):
        for name, field in _fields(kind).items():
            if name in value:
                yield Part(name, value[name], field.kind)


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
    kind = bare(kind)
    if get_origin(kind) not in {Union, UnionType}:
        return kind
    options = [part for part in get_args(kind) if part is not NoneType]
    tagged = [part for part in options if _has_tag(part, value)]
    if not tagged:
        tagged = [part for part in options if isinstance(value, dict) == bool(_fields(part))]
    return meant(tagged[0], value) if len(tagged) == 1 else kind


def _fields(kind: Any) -> dict[str, Field]:
    """Return the fields of a type by their names in JSON; nothing if it is no such object."""
    return {} if _is_list(kind) else _members(kind)


def _is_list(kind: Any) -> bool:
    """Return whether the fields of a type are written as a list, by their order."""
    config = getattr(kind, "__struct_config__", None)
    return hasattr(kind, "_fields") if config is None else bool(config.array_like)


def _members(kind: Any) -> dict[str, Field]:
    """Return the fields of a class; of one that takes type arguments, with these in place."""
    owner = get_origin(kind) or kind
    if not isinstance(owner, type):
        return {}
    if issubclass(owner, msgspec.Struct):
        fields = msgspec.structs.fields(kind)
        return {one.encode_name: Field(_bare(one.type), one.required) for one in fields}
    told = getattr(inspect.type_info(kind), "fields", ())
    if not told:
        return {}
    hints = get_type_hints(owner, include_extras=True)
    given = dict(zip(getattr(owner, "__parameters__", ()), get_args(kind), strict=False))
    return {
        one.encode_name: Field(_bare(_filled(hints[one.name], given)), one.required) for one in told
    }


def _filled(hint: Any, given: Mapping[Any, Any]) -> Any:
    """Return a type with arguments in the place of its type variables."""
    if isinstance(hint, TypeVar):
        return given.get(hint, Any)
    names = () if isinstance(hint, type) else getattr(hint, "__parameters__", ())
    return hint[tuple(given.get(name, Any) for name in names)] if names else hint


def _items(kind: Any, count: int) -> list[Any]:
    """Return the type of each item; nothing if a list of so many does not fit at all."""
    if _is_list(kind):
        return [field.kind for field in _members(kind).values()]
    kinds = get_args(kind)
    if get_origin(kind) not in _LISTS or not kinds:
        return []
    if get_origin(kind) is tuple and kinds[-1] is not Ellipsis:
        return list(kinds)
    return [kinds[0]] * count


def _has_tag(kind: Any, value: Any) -> bool:
    config = getattr(kind, "__struct_config__", None)
    if config is None or config.tag is None or not isinstance(value, dict):
        return False
    return bool(value.get(config.tag_field) == config.tag)


def bare(kind: Any) -> Any:
    """Return a type without its marks."""
    return _bare(kind, (Annotated, *_OF_FIELDS))


def _bare(kind: Any, marks: tuple[Any, ...] = _OF_FIELDS) -> Any:
    while get_origin(kind) in marks:
        kind = get_args(kind)[0]
    return kind
