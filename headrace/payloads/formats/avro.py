"""Avro: fastavro reads payloads, here within bounds that it has not itself.

- Its compiled reader ends the process if a value is nested some thousand deep. What may be goes to
  the reader in Python, which raises.
- A list of items that take no bytes may claim any length in a few bytes: such schemas are refused.
"""

from collections.abc import Mapping
from io import BytesIO
from typing import Any

from fastavro import parse_schema, schemaless_reader
from fastavro._read_py import schemaless_reader as careful_reader

from headrace import json_text
from headrace.errors import message_of
from headrace.payloads.formats.avro_decimals import hold_decimals
from headrace.payloads.formats.avro_defaults import complete, own
from headrace.payloads.formats.avro_schema import has_empty_items, levels, most_empty
from headrace.payloads.schema import BadSchema, Decode, DoesNotFit, Schema

_SHALLOW = 1000
"""Levels that are not too deep for the compiled reader."""
_MOST_EMPTY = 1_000  # values of no bytes, for each byte of a payload


def decoder(schema: Schema, reader: str | None = None) -> Decode:
    """Make what reads the payloads of a schema. Raises BadSchema.

    Args:
        schema: the writer's.
        reader: the text of the schema that they are read as; None: the writer's.
    """
    try:
        return _decoder(schema, reader)
    except RecursionError:
        raise BadSchema("it is no Avro schema: nested too deeply") from None


def _decoder(schema: Schema, reader: str | None) -> Decode:
    writer, named = parsed(schema)
    hold_decimals(writer, named)
    wanted, copies = None, False
    if reader is not None:
        wanted, own_types = parsed(Schema("AVRO", reader))
        hold_decimals(wanted, own_types)
        copies = complete(wanted, own_types)
    if has_empty_items(writer, named):
        raise BadSchema("a list of items that take no bytes may claim any length: refused")
    if most_empty(writer, named) > _MOST_EMPTY:
        raise BadSchema(f"a record of more than {_MOST_EMPTY:,} values that take no bytes: refused")
    if wanted is None and is_bytes(writer):
        return bytes  # as Confluent's serializers write them: without a length before them
    deep, at_once = levels(writer, named), levels(writer, named, at_once=True)

    def decode(payload: bytes) -> Any:
        source = BytesIO(payload)
        possible = min(deep, at_once * (len(payload) + 1))
        read = careful_reader if possible > _SHALLOW else schemaless_reader
        try:
            value = read(source, writer, wanted)
        except MemoryError:
            raise  # the process is to blame, not the payload
        except Exception as error:  # noqa: BLE001 - of many kinds, and never ours
            raise DoesNotFit(_why(error)) from None
        left = len(payload) - source.tell()
        if left:
            raise DoesNotFit(f"the value ends {left} bytes before the payload")
        return own(value) if copies else value

    return decode


def parsed(schema: Schema) -> tuple[Any, Mapping[str, Any]]:
    """Return a schema in fastavro's form, and all its named types. Raises BadSchema."""
    named: dict[str, Any] = {}
    try:
        for _, inner in schema.ordered():
            parse_schema(json_text.decode(inner.text), named_schemas=named)
        return parse_schema(json_text.decode(schema.text), named_schemas=named), named
    except Exception as error:  # noqa: BLE001 - whatever stands in the schema
        raise BadSchema(f"it is no Avro schema: {message_of(error)}") from None


def is_bytes(schema: Any) -> bool:
    """Return whether a payload is the value itself."""
    plain = isinstance(schema, dict) and schema.get("logicalType") is None
    return schema == "bytes" or (plain and schema.get("type") == "bytes")


def _why(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    if isinstance(error, EOFError):
        return "it ends too early"
    if isinstance(error, IndexError):
        return "a number in it chooses what the schema does not have"
    text = message_of(error)
    return f"{text} ({type(error).__name__})" if text else "it ends too early"
