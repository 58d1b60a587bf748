"""Values of JSON as fastavro writes them: what JSON cannot say is text.

Bytes are base64, times are ISO 8601, decimals are text or numbers.
"""

import base64
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

Read = Callable[[Any], Any]

_TIMES: dict[str, Read] = {
    "date": date.fromisoformat,
    "time-millis": time.fromisoformat,
    "time-micros": time.fromisoformat,
    **{
        f"{local}timestamp-{unit}": datetime.fromisoformat
        for local in ("", "local-")
        for unit in ("millis", "micros")
    },
}


def written(value: Any, schema: Any, named: Mapping[str, Any]) -> Any:
    """Return a value of JSON as what fastavro writes.

    Args:
        value: of JSON's types. What is none of the schema stays as it is, for fastavro to refuse.
        schema: in fastavro's form.
        named: its types that have names.

    Raises:
        ValueError: a text is no base64, no time or no decimal.
    """
    if isinstance(schema, str):
        schema = named.get(schema, {"type": schema})
    if isinstance(schema, list):
        return _one_of(value, schema, named)
    kind = schema["type"]
    if isinstance(value, list) and kind == "array":
        return [written(item, schema["items"], named) for item in value]
    if isinstance(value, dict) and kind == "map":
        return {name: written(item, schema["values"], named) for name, item in value.items()}
    if isinstance(value, dict) and "fields" in schema:
        kinds = {field["name"]: field["type"] for field in schema["fields"]}
        return {
            name: written(item, kinds[name], named) if name in kinds else item
            for name, item in value.items()
        }
    if not isinstance(kind, str):
        return written(value, kind, named)
    read = _reader(kind, schema.get("logicalType"), value)
    return value if read is None else read(value)


def _one_of(value: Any, schemas: list[Any], named: Mapping[str, Any]) -> Any:
    """Return a value as the first of some schemas takes it; text as text, if one takes that."""
    if isinstance(value, str) and "string" in schemas:
        return value
    for one in schemas:
        schema = named.get(one, {"type": one}) if isinstance(one, str) else one
        if _may_be(value, schema):
            try:
                return written(value, schema, named)
            except ValueError:
                continue
    return value


def _may_be(value: Any, schema: Mapping[str, Any]) -> bool:
    """Return whether a value of JSON may be of a schema, by its own type and its fields' names."""
    kind, logical = schema["type"], schema.get("logicalType")
    if value is None or isinstance(value, bool):
        return bool(kind == ("null" if value is None else "boolean"))
    if isinstance(value, str):
        is_symbol = kind == "enum" and value in schema["symbols"]
        return is_symbol or kind == "string" or _reader(kind, logical, value) is not None
    if isinstance(value, int | float):
        numbers = ("int", "long", "float", "double")[0 if isinstance(value, int) else 2 :]
        return logical == "decimal" or kind in numbers
    if isinstance(value, list) or "fields" not in schema:
        return bool(kind == ("array" if isinstance(value, list) else "map"))
    fields = schema["fields"]
    needed = {field["name"] for field in fields if "default" not in field}
    return bool(needed <= value.keys() <= {field["name"] for field in fields})


def _reader(kind: str, logical: str | None, value: Any) -> Read | None:
    """Return what reads a value of JSON; None: it stays as it is."""
    if logical == "decimal" and isinstance(value, str | int | float):
        return _decimal
    if not isinstance(value, str):
        return None
    if kind in ("bytes", "fixed"):
        return _bytes
    return _TIMES.get(logical or "")


def _decimal(value: Any) -> Decimal:
    try:
        return Decimal(str(value))
    except ArithmeticError:
        raise ValueError(f"{value!r} is no decimal") from None


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        raise ValueError(f"bytes are written as base64: {text[:40]!r}") from None
