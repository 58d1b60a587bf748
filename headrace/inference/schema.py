"""An input schema becomes a type that reads rows: JSON Schema, as far as a model's input needs it.

A keyword that would be ignored is refused when a model is published: what the schema says holds.
"""

from typing import Any

import msgspec

from headrace.errors import Reject
from headrace.inference.schema_types import NOTES, SchemaError, kind_of, refuse_others, type_of

_MAX_ERRORS = 20
# What a value raises that does not fit; the last one is half a surrogate pair.
_UNFIT = (msgspec.ValidationError, OverflowError, UnicodeEncodeError)
_MAX_NAME = 100


class Column(msgspec.Struct, frozen=True):
    """One value of a row.

    Attributes:
        name: What it is called; "" for a row that is a list.
        kind: "number", "integer", "boolean", "string" or "array".
        item_kind: Of an array, what it holds in the end; else the same as `kind`.
        optional: Whether a row may leave it out, or have null for it.
    """

    name: str
    kind: str
    item_kind: str
    optional: bool


Row = tuple[Any, ...]
"""The values of a row, in the order of the columns; None for one that is missing."""


class RowSchema:
    """Reads rows by a JSON Schema: an object of named values, or a list of numbers.

    Attributes:
        columns: The values of a row.

    Raises:
        SchemaError: Names the place of what is no such schema.
    """

    def __init__(self, schema: dict[str, Any]) -> None:
        self._is_list = schema.get("type") == "array"
        if self._is_list:
            self.columns: tuple[Column, ...] = (_column("", schema, required=True),)
            self._row: Any = type_of(schema, "the input schema")
            return
        properties = _properties(schema)
        self._closed = schema.get("additionalProperties") is False
        required = _required(schema)
        if unknown := required - set(properties):
            raise SchemaError(f"the input schema requires {min(unknown)!r} without a type")
        self.columns = tuple(
            _column(name, part, required=name in required) for name, part in properties.items()
        )
        self._types = {
            column.name: type_of(part, f"the input schema at {column.name!r}")
            for column, part in zip(self.columns, properties.values(), strict=True)
        }
        self._row = self._struct()
        msgspec.json.Decoder(self._row)  # from now on any thread may use it (`headrace.prepared`)

    def _struct(self) -> Any:
        """Make a struct of the columns: msgspec reads a row into one in a microsecond."""
        fields = [
            (f"c{place}", self._types[column.name] | None, None)
            if column.optional
            else (f"c{place}", self._types[column.name])
            for place, column in enumerate(self.columns)
        ]
        names = {f"c{place}": column.name for place, column in enumerate(self.columns)}
        return msgspec.defstruct(
            "Row", fields, rename=names, forbid_unknown_fields=self._closed, kw_only=True, gc=False
        )

    def read(self, value: object) -> Row:
        """Read one row from a JSON value.

        Raises:
            Reject: Names everything that is wrong with it.
        """
        if self._is_list:
            return (self._list(value),)
        if not isinstance(value, dict):
            raise Reject("the row is not a JSON object")
        try:
            return msgspec.structs.astuple(msgspec.convert(value, self._row))
        except _UNFIT as error:
            known = {name: item for name, item in value.items() if name in self._types}
            if isinstance(error, UnicodeEncodeError) and not self._closed and known != value:
                return self.read(known)  # half a surrogate pair, in a name that means nothing
            raise self._reject(value) from None

    def _list(self, value: object) -> object:
        try:
            return msgspec.convert(value, self._row)
        except _UNFIT as error:
            raise Reject(f"the row does not fit the model's input: {error}") from None

    def _reject(self, value: dict[str, Any]) -> Reject:
        errors = [error for column in self.columns if (error := self._error(column, value))]
        if self._closed:
            unknown = [name for name in value if name not in self._types]
            errors += [{"field": name[:_MAX_NAME], "detail": "unknown"} for name in unknown]
        named = ", ".join(error["field"] for error in errors[:_MAX_ERRORS])
        return Reject(
            f"the row does not fit the model's input: {named}", errors=errors[:_MAX_ERRORS]
        )

    def _error(self, column: Column, value: dict[str, Any]) -> dict[str, str] | None:
        field = column.name[:_MAX_NAME]
        found = value.get(column.name)
        if found is None and column.optional:
            return None
        if column.name not in value:
            return {"field": field, "detail": "missing"}
        try:
            msgspec.convert(found, self._types[column.name])
        except _UNFIT as error:
            return {"field": field, "detail": str(error)}
        return None


def _properties(schema: dict[str, Any]) -> dict[str, Any]:
    known = NOTES | {"type", "properties", "required", "additionalProperties"}
    refuse_others(schema, known, "the input schema")
    properties = schema.get("properties")
    if schema.get("type") != "object" or not isinstance(properties, dict) or not properties:
        raise SchemaError("the input schema is neither an object with properties nor an array")
    if not isinstance(schema.get("additionalProperties", True), bool):
        raise SchemaError("the input schema: additionalProperties is neither true nor false")
    return properties


def _required(schema: dict[str, Any]) -> set[str]:
    names = schema.get("required", [])
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise SchemaError("the input schema: required is not a list of names")
    return set(names)


def _column(name: str, schema: dict[str, Any], *, required: bool) -> Column:
    place = f"the input schema at {name!r}" if name else "the input schema"
    kind, nullable = kind_of(schema, place)
    inner = schema
    while kind_of(inner, place)[0] == "array":
        inner = inner.get("items") or {}
    return Column(name, kind, kind_of(inner, place)[0], optional=nullable or not required)
