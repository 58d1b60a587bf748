"""A part of a JSON Schema becomes the type of a value; what would not be checked is refused."""

import re
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from headrace.errors import HeadraceError

_LITERAL: Any = Literal  # of values, and lists of types, that are known only at run time
_LIST: Any = list
_SCALARS: dict[str, Any] = {"number": float, "integer": int, "boolean": bool, "string": str}
NOTES = frozenset(
    {"$schema", "$id", "$comment", "title", "description", "examples", "default", "deprecated"}
)
_BOUNDS = {
    "minimum": "ge",
    "maximum": "le",
    "exclusiveMinimum": "gt",
    "exclusiveMaximum": "lt",
    "multipleOf": "multiple_of",
    "minLength": "min_length",
    "maxLength": "max_length",
    "pattern": "pattern",
    "minItems": "min_length",
    "maxItems": "max_length",
}
_ALLOWED = {
    "number": {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"},
    "integer": {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "enum"},
    "boolean": set(),
    "string": {"minLength", "maxLength", "pattern", "enum"},
    "array": {"items", "minItems", "maxItems"},
}


class SchemaError(HeadraceError):
    """The input schema is not one that rows can be read by; the message names the place."""


def kind_of(schema: object, place: str) -> tuple[str, bool]:
    """Return a schema's type, and whether null is allowed beside it."""
    kind = schema.get("type") if isinstance(schema, dict) else None
    kinds = kind if isinstance(kind, list) else [kind]
    plain = [one for one in kinds if one != "null"]
    if len(plain) != 1 or plain[0] not in _ALLOWED:
        raise SchemaError(f"{place}: no type such as number or array: {kind!r}")
    return plain[0], len(plain) < len(kinds)


def type_of(schema: dict[str, Any], place: str) -> Any:
    """Return the type that msgspec checks a value by.

    Args:
        schema: Of the value, null aside.
        place: Where it stands, for an error.

    Raises:
        SchemaError: Something in it is not known, or would not be checked.
    """
    kind, _ = kind_of(schema, place)
    refuse_others(schema, NOTES | {"type"} | _ALLOWED[kind], place)
    bounds = {_BOUNDS[word]: schema[word] for word in _ALLOWED[kind] & set(schema) & set(_BOUNDS)}
    try:
        if "enum" in schema:
            made = _LITERAL[_choices(schema["enum"], kind, place)]
        else:
            plain = _items(schema, place) if kind == "array" else _SCALARS[kind]
            made = Annotated[plain, Meta(**bounds)] if bounds else plain
        msgspec.json.Decoder(made)
    except (TypeError, ValueError, re.error) as error:
        raise SchemaError(f"{place}: {error}") from error
    return made


def _items(schema: dict[str, Any], place: str) -> Any:
    items = schema.get("items", {})
    if kind_of(items, f"{place}, items")[1]:
        raise SchemaError(f"{place}, items: null may stand for a value, not for an item")
    return _LIST[type_of(items, f"{place}, items")]


def _choices(values: Any, kind: str, place: str) -> tuple[Any, ...]:
    if not isinstance(values, list) or {type(value) for value in values} != {_SCALARS[kind]}:
        raise SchemaError(f"{place}: enum is not a list of values of type {kind}")
    return tuple(values)


def refuse_others(schema: dict[str, Any], known: set[str] | frozenset[str], place: str) -> None:
    """Refuse a schema that holds other keywords than these. Raises SchemaError."""
    if others := sorted(set(schema) - known):
        raise SchemaError(f"{place}: {', '.join(others)} would not be checked; leave it out")
