"""What an event of AWS Lambda says beside a key and a value, there and back."""

import msgspec

from headrace.record import PayloadSchema
from headrace.runner.protocol.events import kafka_event
from headrace.runner.protocol.payload import size
from headrace.sources.kafka import Kafka
from headrace.testing import kafka_record

VALUE, KEY = (
    PayloadSchema("AVRO", "7"),
    PayloadSchema("JSON", "b7b4a7f0-9c96-4e4a-a687-fb5de9ef0c63"),
)


def test_metadata_of_schemas_come_with_the_record_and_count_for_its_size():
    plain = kafka_record(b"x", "k")
    told = msgspec.structs.replace(plain, value_schema=VALUE, key_schema=KEY)
    event = kafka_event([told], "broker:9092")
    assert Kafka().records(event) == [told]
    assert event["records"]["orders-0"][0]["valueSchemaMetadata"] == {
        "dataFormat": "AVRO",
        "schemaId": "7",
    }
    grown = len(msgspec.json.encode(event)) - len(
        msgspec.json.encode(kafka_event([plain], "broker:9092"))
    )
    assert size(told) - size(plain) == grown
