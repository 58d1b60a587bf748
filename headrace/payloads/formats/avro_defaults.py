"""Defaults of the schema that Avro payloads are read as.

fastavro hands them out as they stand in the schema: bytes as text, a date as a number, and one list
to all records, so that what one of them adds is there in the next.
"""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from fastavro.read import LOGICAL_READERS

from headrace.payloads.formats.avro_schema import Named, parts

_NUMBERS = ("int", "long", "float", "double")
_TEXTS = ("string", "bytes", "fixed", "enum")


def complete(schema: Any, named: Named) -> bool:
    """Make each default what a payload that holds it would be read as.

    Args:
        schema: in fastavro's form; it is changed.
        named: its types that have names; they are changed, too.

    Returns:
        Whether there are lists or objects among the defaults, of which each value needs its own.
    """
    found = []
    for field in _fields(schema, named):
        with suppress(Exception):  # of a default that is none, fastavro has its own to say
            found.append((field, _value(field["default"], field["type"], named)))
    for field, value in found:
        field["default"] = value
    return any(isinstance(value, dict | list) for _, value in found)


def own(value: Any) -> Any:
    """Return a value whose lists and objects are nobody else's."""
    if isinstance(value, dict):
        return {name: own(item) for name, item in value.items()}
    return [own(item) for item in value] if isinstance(value, list) else value


def _fields(schema: Any, named: Named) -> Iterator[dict[str, Any]]:
    """Yield each field that has a default; a named type stands by its name, too, as a copy."""
    seen = set[int]()
    for root in (schema, *named.values()):
        for part in parts(root, {}):
            for field in part.get("fields", ()) if isinstance(part, dict) else ():
                if "default" in field and id(field) not in seen:
                    seen.add(id(field))
                    yield field


def _value(default: Any, schema: Any, named: Named) -> Any:
    """Return what a default of JSON is, as a value of a schema."""
    if isinstance(schema, list):
        schema = next(one for one in schema if _fits(default, _kind(one, named)))
    if isinstance(schema, str) and schema in named:
        schema = named[schema]
    kind = _kind(schema, named)
    told = schema if isinstance(schema, dict) else {}
    if isinstance(default, list):
        return [_value(item, told["items"], named) for item in default]
    if kind == "map":
        return {name: _value(item, told["values"], named) for name, item in default.items()}
    if isinstance(default, dict):
        fields = told["fields"]
        given = {f["name"]: f["default"] for f in fields if "default" in f} | default
        return {f["name"]: _value(given[f["name"]], f["type"], named) for f in fields}
    if kind in ("bytes", "fixed"):
        default = default.encode("latin-1")
    elif kind in ("float", "double"):
        default = float(default)
    read = LOGICAL_READERS.get(f"{kind}-{told.get('logicalType')}")
    return default if read is None else read(default, told, None)


def _kind(schema: Any, named: Named) -> str:
    """Return the kind of a schema: `record`, `bytes` and so on."""
    while not isinstance(schema, str) or schema in named:
        schema = named[schema] if isinstance(schema, str) else schema["type"]
    return schema


def _fits(default: Any, kind: str) -> bool:
    """Return whether a default of JSON may be of a kind."""
    if default is None or isinstance(default, bool):
        return kind == ("null" if default is None else "boolean")
    if isinstance(default, str):
        return kind in _TEXTS
    if isinstance(default, int | float):
        return kind in (_NUMBERS if isinstance(default, int) else _NUMBERS[2:])
    return kind in (("array",) if isinstance(default, list) else ("map", "record"))
