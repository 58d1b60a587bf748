"""Messages as Confluent's own serializers make them, in every format and frame."""

import json
from functools import cache
from pathlib import Path
from unittest import mock

from confluent_kafka.schema_registry import (
    Schema,
    SchemaReference,
    SchemaRegistryClient,
    header_schema_id_serializer,
    prefix_schema_id_serializer,
)
from confluent_kafka.schema_registry.avro import AvroSerializer
from confluent_kafka.schema_registry.json_schema import JSONSerializer
from confluent_kafka.schema_registry.protobuf import ProtobufSerializer
from confluent_kafka.serialization import MessageField, SerializationContext
from google.protobuf import json_format, message_factory

from headrace.payloads.formats.protobuf_file import file_of
from headrace.payloads.schema import Schema as OurSchema
from headrace.testing import kafka_record

FORMATS = ("AVRO", "PROTOBUF", "JSON")
ORDER = {"id": 7, "name": "Ada", "amount": 9.5}

# Of each format: an order as it was, and one with a further field that has a default.
SCHEMAS = {
    "AVRO": tuple(
        json.dumps({"type": "record", "name": "Order", "namespace": "shop", "fields": fields})
        for fields in (
            [
                {"name": "id", "type": "long"},
                {"name": "name", "type": "string"},
                {"name": "amount", "type": "double"},
            ],
            [
                {"name": "id", "type": "long"},
                {"name": "name", "type": "string"},
                {"name": "amount", "type": "double"},
                {"name": "note", "type": ["null", "string"], "default": None},
            ],
        )
    ),
    "PROTOBUF": tuple(
        'syntax = "proto3"; package shop; message Order { int64 id = 1; string name = 2;'
        f" double amount = 3; {field}}}"
        for field in ("", "optional string note = 4; ")
    ),
    "JSON": tuple(
        json.dumps(
            {
                "$schema": "http://json-schema.org/draft-07/schema#",
                "title": "Order",
                "type": "object",
                "properties": {
                    "id": {"type": "integer"},
                    "name": {"type": "string"},
                    "amount": {"type": "number"},
                    **more,
                },
                "required": ["id", "name"],
                "additionalProperties": False,
            }
        )
        for more in ({}, {"note": {"type": "string"}})
    ),
}
FRAMES = {
    "v0": ("confluent", prefix_schema_id_serializer),
    "v1": ("confluent", lambda payload, _, schema: schema.guid_to_bytes() + payload),
    "header": ("confluent-header", header_schema_id_serializer),
}


@cache
def message_class(text, name="shop.Order"):
    """The class of a message of a .proto."""
    file = file_of(OurSchema("PROTOBUF", text))
    return message_factory.GetMessageClass(file.pool.FindMessageTypeByName(name))


class Producer:
    """Makes messages; their schemas go to a registry.

    Args:
        url: of the registry.
    """

    def __init__(self, url):
        # No registry here speaks TLS, and to read whom to trust takes longer than all the rest.
        with mock.patch("ssl.SSLContext.load_verify_locations"):
            self.client = SchemaRegistryClient({"url": url})

    def framed(self, form, frame, value, *, schema=None, part=MessageField.VALUE, topic="orders"):
        """The bytes of a message, and its headers."""
        text = SCHEMAS[form][0] if schema is None else schema
        headers = []
        serializer = self._serializer(form, text, FRAMES[frame][1])
        if form == "PROTOBUF":
            value = json_format.ParseDict(value, message_class(text)())
        return serializer(value, SerializationContext(topic, part, headers)), headers

    def record(self, form, frame, value, *, schema=None, key=None):
        """A record with such a value, and such a key if one is given."""
        data, headers = self.framed(form, frame, value, schema=schema, topic=f"{form}-{frame}")
        framed_key = None
        if key is not None:
            framed_key, more = self.framed(
                form, frame, key, schema=schema, part=MessageField.KEY, topic=f"{form}-{frame}"
            )
            headers = headers + more
        return kafka_record(data, framed_key, headers=headers)

    def register(self, subject, text, form="AVRO", references=()):
        """Register a schema, with (name, subject, version) of what it refers to."""
        named = [SchemaReference(*one) for one in references]
        return self.client.register_schema(subject, Schema(text, form, named))

    def _serializer(self, form, text, frame):
        conf = {"schema.id.serializer": frame}
        if form == "AVRO":
            return AvroSerializer(self.client, text, conf=conf)
        if form == "JSON":
            return JSONSerializer(text, self.client, conf=conf)
        return ProtobufSerializer(message_class(text), self.client, conf=conf)


def glue_messages():
    """Messages as AWS Glue's own serializer made them once (Java, schema-registry-serde 1.1.24)."""
    lines = (Path(__file__).parent / "glue.jsonl").read_text().splitlines()
    return [json.loads(line) for line in lines]


PROTO = (Path(__file__).parent / "order.proto").read_text()
