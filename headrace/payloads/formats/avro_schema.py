"""What a parsed Avro schema lets payloads do."""

import math
from collections.abc import Iterator, Mapping
from typing import Any

Named = Mapping[str, Any]
"""The types of a schema that have names, by their full names."""


def levels(schema: Any, named: Named, *, at_once: bool = False) -> float:
    """Return how deep a value may be nested: infinitely, if it may contain its own type.

    Args:
        schema: in fastavro's form.
        named: its types that have names.
        at_once: count from one byte to the next: by records in records.
    """
    known: dict[str, float] = {}
    return max(_levels(one, named, known, at_once=at_once) for one in (*named.values(), schema))


def has_empty_items(schema: Any, named: Named) -> bool:
    """Return whether a list in a value may hold items that take no bytes."""
    known: dict[str, bool] = {}
    return any(
        isinstance(part, dict)
        and part["type"] == "array"
        and _may_be_empty(part["items"], named, known)
        for part in parts(schema, named)
    )


def most_empty(schema: Any, named: Named) -> int:
    """Return how many values that take no bytes may stand side by side, in records in records."""
    counts, empty = dict[str, int](), dict[str, bool]()
    return max(_count_empty(one, named, counts, empty) for one in (*named.values(), schema))


def _count_empty(schema: Any, named: Named, known: dict[str, int], empty: dict[str, bool]) -> int:
    name, schema = _meant(schema, named)
    if name in known:
        return known[name]
    if name is not None:
        known[name] = 0  # a value that holds itself so would have no end, so there is none
    inner = [] if _begins_with_a_byte(schema) else _inner(schema)
    found = sum(_count_empty(one, named, known, empty) for one in inner)
    found += _may_be_empty(schema, named, empty)
    if name is not None:
        known[name] = found
    return found


def _levels(schema: Any, named: Named, known: dict[str, float], *, at_once: bool) -> float:
    """Count the levels of a value.

    Args:
        schema: in fastavro's form.
        named: the types that it may name, those first that others are made of.
        known: the levels of types with names; of those around this one, infinitely many.
        at_once: whether what begins with a byte of its own counts as no level.
    """
    name, schema = _meant(schema, named)
    if name in known:
        return known[name]
    if name is not None:
        known[name] = math.inf
    inner = [] if at_once and _begins_with_a_byte(schema) else _inner(schema)
    found = 1 + max((_levels(one, named, known, at_once=at_once) for one in inner), default=0)
    if name is not None:
        known[name] = found
    return found


def _begins_with_a_byte(schema: Any) -> bool:
    return isinstance(schema, list) or (
        isinstance(schema, dict) and schema["type"] in ("array", "map")
    )


def parts(schema: Any, named: Named, seen: set[str] | None = None) -> Iterator[Any]:
    """Yield a schema and all that it is made of, each named type once."""
    seen = set() if seen is None else seen
    name, schema = _meant(schema, named)
    if name is not None:
        if name in seen:
            return
        seen.add(name)
    yield schema
    for inner in _inner(schema):
        yield from parts(inner, named, seen)


def _may_be_empty(schema: Any, named: Named, known: dict[str, bool]) -> bool:
    """Return whether a value may take no bytes. `known` says so of types with names."""
    name, schema = _meant(schema, named)
    if name is None:
        return _is_empty(schema, named, known)
    if name not in known:
        known[name] = True  # a value that holds itself so would have no end, so there is none
        known[name] = _is_empty(schema, named, known)
    return known[name]


def _is_empty(schema: Any, named: Named, known: dict[str, bool]) -> bool:
    if not isinstance(schema, dict):
        return bool(schema == "null")
    if "fields" in schema:
        return all(_may_be_empty(field["type"], named, known) for field in schema["fields"])
    if schema["type"] == "fixed":
        return bool(schema["size"] == 0)
    return _may_be_empty(schema["type"], named, known) if _wraps(schema) else False


def _meant(schema: Any, named: Named) -> tuple[str | None, Any]:
    """Return the full name of a type that has one, and its definition."""
    name = schema.get("name") if isinstance(schema, dict) else schema
    if isinstance(name, str) and name in named:
        return name, named[name]
    return None, schema


def _inner(schema: Any) -> list[Any]:
    """Return the schemas of which a schema is made."""
    if isinstance(schema, list):
        return schema
    if not isinstance(schema, dict):
        return []
    if "fields" in schema:
        return [field["type"] for field in schema["fields"]]
    if schema["type"] in ("array", "map"):
        return [schema["items" if schema["type"] == "array" else "values"]]
    return [schema["type"]] if _wraps(schema) else []


def _wraps(schema: dict[str, Any]) -> bool:
    """Return whether a schema only says more about another one, such as a logical type."""
    return schema["type"] not in ("array", "map", "fixed", "enum") and "fields" not in schema
