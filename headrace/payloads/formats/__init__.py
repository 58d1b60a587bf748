"""What reads payloads, one file for each language of schemas."""

from headrace.payloads.schema import BadSchema, Decode, Schema

FORMATS = ("AVRO", "PROTOBUF", "JSON")


def decoder(schema: Schema, reader: str | None = None, *, glue: bool = False) -> Decode:
    """Make what reads the payloads of a schema.

    Args:
        schema: the writer's.
        reader: the text of the Avro schema that they are read as; None: the writer's.
        glue: whether Protobuf's messages are numbered as AWS Glue does it.

    Raises:
        BadSchema: it cannot be read.
    """
    # Each is imported when its first schema comes.
    if schema.format == "AVRO":
        from headrace.payloads.formats import avro  # noqa: PLC0415

        return avro.decoder(schema, reader)
    if reader is not None:
        raise BadSchema(f"it is of {schema.format}, but it is to be read by an Avro schema")
    if schema.format == "PROTOBUF":
        from headrace.payloads.formats import protobuf  # noqa: PLC0415

        return protobuf.decoder(schema, glue=glue)
    from headrace.payloads.formats import json_schema  # noqa: PLC0415

    return json_schema.decoder(schema)
