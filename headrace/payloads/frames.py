"""Frames: how the bytes of a key or a value name their schema. Which one it is, is never guessed.

| frame | bytes |
| --- | --- |
| confluent | `00`, id as 4 bytes, payload; or `01`, 16 bytes of GUID, payload |
| confluent-header | the payload; `01`, GUID are in the header `__value_schema_id` (or `__key_…`) |
| glue | `03`, `00` or `05` (zlib), 16 bytes of UUID, payload |
| lambda-source | the payload; the event has the id beside it |

Of Protobuf, the payload begins with the place of the message in its file: see
`headrace.payloads.formats.message_index`. In a header, that follows the GUID.
"""

import zlib
from collections.abc import Callable
from typing import Literal, NamedTuple

from headrace.payloads.schema import DoesNotFit, SchemaId
from headrace.payloads.settings import Frame
from headrace.record import Record

Part = Literal["key", "value"]

LARGEST = 64 * 1024 * 1024
"""Bytes that a compressed payload may become."""

_V0, _V1, _GLUE = 0, 1, 3
_PLAIN, _ZLIB = 0, 5


class Framed(NamedTuple):
    """What a frame holds."""

    schema: SchemaId
    payload: bytes


Open = Callable[[bytes, Record], Framed]
"""Takes the frame off the bytes of a record's key or value. Raises DoesNotFit."""


def opener(frame: Frame, part: Part, *, by_number: bool) -> Open:
    """Return what opens frames of one kind.

    Args:
        frame: the kind.
        part: whether the bytes are keys or values.
        by_number: whether ids of the registry are numbers, if they come as text.
    """
    if frame == "confluent":
        return open_confluent
    if frame == "glue":
        return open_glue
    return _in_header(part) if frame == "confluent-header" else _in_event(part, by_number=by_number)


def open_confluent(data: bytes, record: Record | None = None) -> Framed:
    """Take Confluent's frame off, v0 or v1. Raises DoesNotFit."""
    del record
    version = data[0] if data else -1
    if version == _V0:
        if len(data) < 5:
            raise DoesNotFit(f"a Confluent frame is cut off after {len(data)} bytes")
        return Framed(int.from_bytes(data[1:5], "big"), data[5:])
    if version == _V1:
        return Framed(_uuid(data[1:17], "Confluent"), data[17:])
    raise DoesNotFit(f"no Confluent frame begins {_shown(data)}: expected 00 or 01")


def open_glue(data: bytes, record: Record | None = None) -> Framed:
    """Take AWS Glue's frame off, and uncompress what is in it. Raises DoesNotFit."""
    del record
    if data[:1] != bytes([_GLUE]):
        raise DoesNotFit(f"no Glue frame begins {_shown(data)}: expected 03")
    schema = _uuid(data[2:18], "Glue")
    if data[1] == _PLAIN:
        return Framed(schema, data[18:])
    if data[1] != _ZLIB:
        raise DoesNotFit(f"the Glue frame has an unknown compression: {data[1]:02x}")
    return Framed(schema, _uncompressed(data[18:]))


def _in_header(part: Part) -> Open:
    name = f"__{part}_schema_id"

    def opened(data: bytes, record: Record) -> Framed:
        header = next((text for known, text in record.headers if known == name), None)
        if header is None:
            raise DoesNotFit(f"there is no header {name}")
        if header[:1] != bytes([_V1]):
            raise DoesNotFit(f"the header {name} begins {_shown(header)}: expected 01")
        return Framed(_uuid(header[1:17], "Confluent"), header[17:] + data)

    return opened


def _in_event(part: Part, *, by_number: bool) -> Open:
    def opened(data: bytes, record: Record) -> Framed:
        told = record.value_schema if part == "value" else record.key_schema
        if told is None:
            raise DoesNotFit(f"the event has no {part}SchemaMetadata")
        schema: SchemaId = told.schema_id
        if by_number:
            if not (told.schema_id.isascii() and told.schema_id.isdecimal()):
                raise DoesNotFit(f"the schema's id in the event is no number: {told.schema_id!r}")
            schema = int(told.schema_id)
        return Framed(schema, data)

    return opened


def _uuid(data: bytes, frame: str) -> str:
    if len(data) < 16:
        raise DoesNotFit(f"a {frame} frame is cut off: its schema's id has {len(data)} of 16 bytes")
    text = data.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def _uncompressed(data: bytes) -> bytes:
    inflater = zlib.decompressobj()
    try:
        payload = inflater.decompress(data, LARGEST + 1)
    except zlib.error as error:
        raise DoesNotFit(f"what the Glue frame holds is not zlib's: {error}") from None
    if len(payload) > LARGEST:
        raise DoesNotFit(f"the payload is larger than {LARGEST >> 20} MB, uncompressed")
    if not inflater.eof:
        raise DoesNotFit("the compressed payload is cut off")
    return payload


def _shown(data: bytes) -> str:
    return f"with {data[:1].hex()}" if data else "without a byte"
