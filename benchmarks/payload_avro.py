"""`payload-avro`: a framed Avro value to a worker that reads it, beside others' deserializers.

Ours is the whole way of a record through a worker that looks at `record.data`, in a batch; the
others are their deserializer alone, with everything cached. Processor time, by turns.
"""

import base64
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
from aws_lambda_powertools.utilities.kafka.deserializer.avro import (
    AvroDeserializer as PowertoolsAvro,
)
from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer
from confluent_kafka.serialization import MessageField, SerializationContext

from benchmarks.measurement import Measurement, less_is_better
from headrace import Record, Worker
from headrace.record import KafkaPosition
from headrace.testing import embedded_registry
from headrace.worker import WorkerSettings
from headrace.worker_host import WorkerHost

RECORDS = 10_000
RUNS = 7
CONTEXT = SerializationContext("orders", MessageField.VALUE)
ADDRESS = {
    "type": "record",
    "name": "Address",
    "fields": [{"name": "city", "type": "string"}, {"name": "zip", "type": ["null", "string"]}],
}
FIELDS: list[dict[str, Any]] = [
    {"name": "id", "type": "long"},
    {"name": "name", "type": "string"},
    {"name": "amount", "type": "double"},
    {"name": "paid", "type": "boolean"},
    {"name": "tags", "type": {"type": "array", "items": "string"}},
    {"name": "address", "type": ADDRESS},
    {"name": "note", "type": ["null", "string"]},
    {"name": "count", "type": "int"},
]
NEW = {"name": "channel", "type": "string", "default": "web"}
ORDER = {
    "id": 1234567,
    "name": "Ada Lovelace",
    "amount": 99.5,
    "paid": True,
    "tags": ["new", "gift"],
    "address": {"city": "London", "zip": "W1"},
    "note": None,
    "count": 3,
}


class Address(msgspec.Struct):
    """As the schema has it."""

    city: str
    zip: str | None


class Order(msgspec.Struct):
    """As the schema has it."""

    id: int
    name: str
    amount: float
    paid: bool
    tags: list[str]
    address: Address
    note: str | None
    count: int


class Plain(Worker):
    """Looks at the value as a dict."""

    def process(self, record: Record) -> None:
        """Look at it."""
        _ = record.data["id"]


class Typed(Worker[Order]):
    """Looks at the value as a declared type."""

    def process(self, record: Record[Order]) -> None:
        """Look at it."""
        _ = record.data.id


def run() -> list[Measurement]:
    """Read the same value with each, by turns."""
    old, new = (_schema(fields) for fields in (FIELDS, [*FIELDS, NEW]))
    with embedded_registry() as url, tempfile.TemporaryDirectory() as folder:
        client = SchemaRegistryClient({"url": url})
        data = AvroSerializer(client, old)(ORDER, CONTEXT) or b""
        reader = Path(folder, "reader.avsc")
        reader.write_text(new)
        contestants = {
            "ours": _worker(Plain, url, data),
            "ours, typed": _worker(Typed, url, data),
            "ours, evolution": _worker(Plain, url, data, value_schema=str(reader)),
            "confluent": _each(AvroDeserializer(client), data, CONTEXT),
            "confluent, evolution": _each(AvroDeserializer(client, new), data, CONTEXT),
            "powertools": _powertools(old, data),
        }
        micros = _taken(contestants)
    return [
        _row("payload-avro", micros["ours"], micros["confluent"], "confluent AvroDeserializer"),
        _row("payload-avro", micros["ours"], micros["powertools"], "Powertools, AVRO + CONFLUENT"),
        _row(
            "payload-avro, declared type",
            micros["ours, typed"],
            micros["confluent"],
            "confluent AvroDeserializer, a dict",
        ),
        _row(
            "payload-avro, evolution",
            micros["ours, evolution"],
            micros["confluent, evolution"],
            "confluent AvroDeserializer, a reader's schema",
        ),
    ]


def _row(name: str, ours: float, peer: float, peer_name: str) -> Measurement:
    note = "processor time; a nested record of 8 fields"
    title = f"{name} ({peer_name.partition(' ')[0].strip(',')})"
    return less_is_better(title, "µs a record", ours, peer, peer_name, RUNS, note)


def _schema(fields: list[dict[str, Any]]) -> str:
    return json.dumps({"type": "record", "name": "Order", "fields": fields})


def _worker(kind: type[Worker], url: str, data: bytes, **more: Any) -> Callable[[], object]:
    settings = WorkerSettings(value_frame="confluent", schema_registry_url=url, **more)
    host = WorkerHost.open(kind, settings)
    records = [Record("kafka", KafkaPosition("t", 0, n), data) for n in range(RECORDS)]

    def act() -> None:
        if host.run(records).failures:
            raise RuntimeError("a record failed")

    return act


def _each(read: Any, data: bytes, context: SerializationContext) -> Callable[[], object]:
    def act() -> None:
        for _ in range(RECORDS):
            read(data, context)

    return act


def _powertools(schema: str, data: bytes) -> Callable[[], object]:
    read = PowertoolsAvro(schema, wire_format="CONFLUENT").deserialize
    text = base64.b64encode(data).decode()  # as it stands in an event

    def act() -> None:
        for _ in range(RECORDS):
            read(text)

    return act


def _taken(contestants: dict[str, Callable[[], object]]) -> dict[str, float]:
    """Median µs of processor time a record."""
    taken: dict[str, list[float]] = {name: [] for name in contestants}
    for turn in range(RUNS + 1):
        for name, act in contestants.items():
            begun = time.process_time()
            act()
            if turn:  # the first one fills caches
                taken[name].append((time.process_time() - begun) / RECORDS * 1e6)
    return {name: statistics.median(times) for name, times in taken.items()}
