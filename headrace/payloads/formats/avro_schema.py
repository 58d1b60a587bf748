"""What a parsed Avro schema lets payloads do."""

from collections.abc import Iterator, Mapping
from typing import Any

Named = Mapping[str, Any]
"""The types of a schema that have names, by their full names."""


def is_recursive(schema: Any, named: Named) -> bool:
    """Return whether a value may contain values of its own type, at any depth."""
    return _contains_itself(schema, named, frozenset(), set())


def has_empty_items(schema: Any, named: Named) -> bool:
    """Return whether a list in a value may hold items that take no bytes."""
    return any(
        isinstance(part, dict)
        and part["type"] == "array"
        and _may_be_empty(part["items"], named, frozenset())
        for part in parts(schema, named)
    )


def _contains_itself(schema: Any, named: Named, inside: frozenset[str], clear: set[str]) -> bool:
    """Look below a schema.

    Args:
        schema: in fastavro's form.
        named: the types that it may name.
        inside: the names of the types around it.
        clear: names that were looked at, and lead nowhere again.
    """
    name, schema = _meant(schema, named)
    if name in inside:
        return True
    if name in clear:
        return False
    below = inside if name is None else inside | {name}
    if any(_contains_itself(one, named, below, clear) for one in _inner(schema)):
        return True
    if name is not None:
        clear.add(name)
    return False


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


def _may_be_empty(schema: Any, named: Named, inside: frozenset[str]) -> bool:
    """Return whether a value may take no bytes."""
    name, schema = _meant(schema, named)
    if name is not None:
        if name in inside:
            return True  # such a value would have no end, so there is none
        inside |= {name}
    if not isinstance(schema, dict):
        return bool(schema == "null")
    if "fields" in schema:
        return all(_may_be_empty(field["type"], named, inside) for field in schema["fields"])
    if schema["type"] == "fixed":
        return bool(schema["size"] == 0)
    return _may_be_empty(schema["type"], named, inside) if _wraps(schema) else False


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
