"""A JSON value becomes a payload, by a schema."""

import io
from collections.abc import Callable
from typing import Any

from headrace import json_text
from headrace.errors import HeadraceError, message_of
from headrace.payloads.schema import Schema

Encode = Callable[[Any], bytes]


class Unfit(HeadraceError):
    """A value does not fit the schema."""


def encoder(schema: Schema, message: str | None = None, *, glue: bool = False) -> Encode:
    """Make what writes payloads, as Confluent's or Glue's serializers write them.

    Args:
        schema: what they follow.
        message: of Protobuf, the full name of the message; None: the first one of the file.
        glue: whether Protobuf's messages are numbered as AWS Glue does it.

    Raises:
        BadSchema: it is no schema.
        HeadraceError: the file has no such message.
    """
    if schema.format == "AVRO":
        return _avro(schema)
    return _protobuf(schema, message, glue=glue) if schema.format == "PROTOBUF" else _json(schema)


def _avro(schema: Schema) -> Encode:
    from fastavro import schemaless_writer  # noqa: PLC0415 - an extra

    from headrace.payloads.formats import avro  # noqa: PLC0415
    from headrace.payloads.formats.avro_defaults import complete  # noqa: PLC0415
    from headrace.payloads.writing.avro_values import written  # noqa: PLC0415

    parsed, named = avro.parsed(schema)
    complete(parsed, named)

    def encode(value: Any) -> bytes:
        out = io.BytesIO()
        try:
            found = written(value, parsed, named)
            if avro.is_bytes(parsed) and isinstance(found, bytes):
                return found
            schemaless_writer(out, parsed, found, strict_allow_default=True)
        except Exception as error:  # noqa: BLE001 - fastavro's, of many kinds
            raise Unfit(f"{message_of(error)} ({type(error).__name__})") from None
        return out.getvalue()

    return encode


def _json(schema: Schema) -> Encode:
    from headrace.payloads.formats import json_schema  # noqa: PLC0415 - an extra
    from headrace.payloads.schema import DoesNotFit  # noqa: PLC0415

    decode = json_schema.decoder(schema)

    def encode(value: Any) -> bytes:
        payload = json_text.encode(value)
        try:
            decode(payload)
        except DoesNotFit as error:
            raise Unfit(str(error)) from None
        return payload

    return encode


def _protobuf(schema: Schema, message: str | None, *, glue: bool) -> Encode:
    from google.protobuf import json_format, message_factory  # noqa: PLC0415 - an extra
    from google.protobuf.message import EncodeError  # noqa: PLC0415

    from headrace.payloads.formats import message_index  # noqa: PLC0415
    from headrace.payloads.formats.protobuf_file import file_of  # noqa: PLC0415

    number = message_index.numbered_by_glue if glue else message_index.numbered_by_confluent
    file = file_of(schema)
    first = next(iter(message_index.numbered_by_confluent(file).values()), None)
    numbered = {kind.full_name: (place, kind) for place, kind in number(file).items()}
    name = message or (first.full_name if first is not None else "")
    if name not in numbered:
        known = ", ".join(numbered) or "none"
        raise HeadraceError(f"the file has no message {name!r}; it has {known}")
    place, kind = numbered[name]
    made = message_factory.GetMessageClass(kind)
    before = message_index.written_by_glue(place) if glue else message_index.written(place)

    def encode(value: Any) -> bytes:
        try:
            message = json_format.ParseDict(value, made(), descriptor_pool=file.pool)
            data: bytes = message.SerializeToString()
            return before + data
        except (json_format.ParseError, EncodeError, ValueError, TypeError) as error:
            raise Unfit(message_of(error)) from None

    return encode
