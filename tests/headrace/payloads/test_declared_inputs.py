"""Framed records become the inputs that workers declare, in every form of a worker."""

import asyncio
import datetime
import decimal
import json

import msgspec
import pydantic
import pytest

from headrace import Worker
from headrace.testing import kafka_record, run
from tests.support.payloads.messages import ORDER


class Order(msgspec.Struct):
    id: int
    name: str
    amount: float


class Model(pydantic.BaseModel):
    id: int
    name: str
    amount: float


@pytest.mark.parametrize("kind", [Order, Model], ids=["msgspec", "pydantic"])
@pytest.mark.parametrize("form", ["sync", "async", "batch", "async batch"])
def test_every_form_of_a_worker_gets_its_declared_input(kind, form, told, order):
    class Sync(Worker[kind]):
        def process(self, record):
            return record.data.name

    class Async(Worker[kind]):
        async def process(self, record):
            await asyncio.sleep(0)
            return record.data.name

    class Batch(Worker[kind]):
        def process_batch(self, records):
            return [record.data.name for record in records]

    class AsyncBatch(Worker[kind]):
        async def process_batch(self, records):
            return [record.data.name for record in records]

    worker = {"sync": Sync, "async": Async, "batch": Batch, "async batch": AsyncBatch}[form]
    result = run(worker, [order, kafka_record(b"\0\0\0\0\x63", offset=1), order], **told)
    assert result.results == ["Ada", None, "Ada"]
    assert list(result.rejects) == [1]


def test_an_input_that_does_not_fit_the_declared_type_is_a_reject_with_every_field(told, producer):
    class Strict(msgspec.Struct):
        id: str
        name: int
        amount: float

    class Orders(Worker[Strict]):
        def process(self, record):
            return record.data

    letter = run(Orders, [producer.record("AVRO", "v0", ORDER)], **told).rejects[0]
    assert letter.error.startswith("the input does not fit: id: ")
    assert [error["field"] for error in letter.errors] == ["id", "name"]


def test_logical_types_are_pythons_and_fit_declared_ones(registry, told, producer):
    fields = {
        "at": {"type": "long", "logicalType": "timestamp-millis"},
        "day": {"type": "int", "logicalType": "date"},
        "price": {"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2},
    }
    schema = json.dumps(
        {
            "type": "record",
            "name": "Sale",
            "fields": [{"name": name, "type": kind} for name, kind in fields.items()],
        }
    )
    value = {
        "at": datetime.datetime(2026, 1, 2, 3, 4, tzinfo=datetime.UTC),
        "day": datetime.date(2026, 1, 2),
        "price": decimal.Decimal("9.50"),
    }

    class Sale(msgspec.Struct):
        at: datetime.datetime
        day: datetime.date
        price: decimal.Decimal

    class Sales(Worker[Sale]):
        def process(self, record):
            assert msgspec.structs.asdict(record.data) == value
            return "read"

    data, _ = producer.framed("AVRO", "v0", value, schema=schema)
    assert run(Sales, [data], **told).results == ["read"]
