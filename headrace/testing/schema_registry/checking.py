"""Whether a schema is one, and whether it can read what its predecessor wrote (BACKWARD).

Avro: values of the old schema, made at random by fastavro, are read by the new one. JSON Schema:
jsonschema-rs compares what the two admit; where it cannot tell, the new one passes. Protobuf: any
file passes, since a reader skips what it does not know; the compiler checks that it is one.
"""

import io
import random

from headrace import json_text
from headrace.errors import message_of
from headrace.payloads.formats import decoder
from headrace.payloads.schema import BadSchema, Schema
from headrace.testing.schema_registry.content import Content, Stored, references_of

_SAMPLES = 50


def whole(content: Content, stored: Stored) -> Schema:
    """Return a schema with all that it refers to. Raises BadSchema."""
    try:
        named = references_of(content, stored.references)
    except KeyError as error:
        raise BadSchema(f"there is no {error.args[0]}") from None
    # What is referred to was there before, so there is no circle.
    references = tuple((name, whole(content, inner)) for name, inner in named.items())
    return Schema(stored.schema_type, stored.schema, references)


def check(schema: Schema) -> None:
    """Refuse what is no schema. Raises BadSchema."""
    decoder(schema)


def why_incompatible(old: Schema, new: Schema) -> str | None:
    """Return why the new schema cannot read what the old one wrote; None if it can."""
    if old.format != new.format:
        return f"it is of {new.format}, and the version before it of {old.format}"
    if new.format == "AVRO":
        return _avro(old, new)
    return _json(old, new) if new.format == "JSON" else None


def _avro(old: Schema, new: Schema) -> str | None:
    import fastavro  # noqa: PLC0415 - an extra
    from fastavro.utils import generate_many  # noqa: PLC0415

    from headrace.payloads.formats import avro  # noqa: PLC0415

    writer, reader = avro.parsed(old)[0], avro.parsed(new)[0]
    state = random.getstate()
    random.seed(0)  # so that the same two schemas are judged alike each time
    try:
        for sample in generate_many(writer, _SAMPLES):
            out = io.BytesIO()
            fastavro.schemaless_writer(out, writer, sample)
            out.seek(0)
            fastavro.schemaless_reader(out, writer, reader)
    except Exception as error:  # noqa: BLE001 - fastavro's, of many kinds
        return message_of(error) or type(error).__name__
    finally:
        random.setstate(state)
    return None


def _json(old: Schema, new: Schema) -> str | None:
    import jsonschema_rs  # noqa: PLC0415 - an extra

    try:
        before, after = (
            jsonschema_rs.canonicalize(json_text.decode(one.text), offline=True)
            for one in (old, new)
        )
        refuses = str(after.covers(before)) == "no"
    except Exception:  # noqa: BLE001 - it cannot compare these two
        return None
    return "it refuses values that the version before it admits" if refuses else None
