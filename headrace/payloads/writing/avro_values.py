"""Values of JSON as fastavro writes them: what JSON cannot say is text.

Bytes are base64, times are ISO 8601 (UTC, unless they say otherwise), decimals are text or numbers.
fastavro writes any value at all as a boolean, and a number as whatever is left of it in another
type: such values are refused here.
"""

import base64
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

Read = Callable[[Any], Any]


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


_TEXTS: dict[str, Read] = {
    "date": date.fromisoformat,
    "time-millis": time.fromisoformat,
    "time-micros": time.fromisoformat,
    "timestamp-millis": _moment,
    "timestamp-micros": _moment,
    "local-timestamp-millis": datetime.fromisoformat,
    "local-timestamp-micros": datetime.fromisoformat,
    "uuid": UUID,
}
_BITS = {"int": 31, "long": 63}


def written(value: Any, schema: Any, named: Mapping[str, Any]) -> Any:
    """Return a value of JSON as what fastavro writes.

    Args:
        value: of JSON's types. What is none of the schema stays as it is, for fastavro to refuse.
        schema: in fastavro's form.
        named: its types that have names.

    Raises:
        ValueError: a text is no base64, no time, no UUID or no decimal; or a number is none of its
            type.
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
    return _scalar(value, kind, schema.get("logicalType"))


def _scalar(value: Any, kind: str, logical: str | None) -> Any:
    """Return a value without parts. Raises ValueError if it is none of its kind."""
    read = _reader(kind, logical, value)
    if read is not None:
        return read(value)
    if not _fits(value, kind):
        raise ValueError(f"{value!r:.40} is no {kind}")
    return value


def _fits(value: Any, kind: str) -> bool:
    """Return whether a value is of a kind; of those kinds that fastavro does not check itself."""
    if kind == "boolean" or isinstance(value, bool):
        return kind == "boolean" and isinstance(value, bool)
    if kind in _BITS and isinstance(value, int | float):
        is_whole = isinstance(value, int) or value.is_integer()
        return is_whole and -(1 << _BITS[kind]) <= value < 1 << _BITS[kind]
    return True


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
    return _TEXTS.get(logical or "")


def _decimal(value: Any) -> Decimal:
    try:
        number = Decimal(str(value))
    except ArithmeticError:
        number = Decimal("NaN")
    if not number.is_finite():
        raise ValueError(f"{value!r:.40} is no decimal")
    return number


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        raise ValueError(f"bytes are written as base64: {text[:40]!r}") from None
