"""A declared input stands in the OpenAPI document, and its references lead somewhere."""

import re

import msgspec
import pydantic
import pytest

from headrace import Endpoint, Worker, json_text
from headrace.serve.openapi.document import document
from headrace.serve.service import Named


class Item(msgspec.Struct):
    price: float


class Order(msgspec.Struct):
    items: list[Item] = []


class Line(pydantic.BaseModel):
    count: int


class Shipment(pydantic.BaseModel):
    lines: list[Line]


def served(name, kind):
    class Takes(Worker[kind]):
        def process(self, record): ...

    return Named(name, Endpoint(path=f"/{name}"), Takes)


@pytest.mark.parametrize(("kind", "inner"), [(Order, "Item"), (Shipment, "Line")])
def test_every_reference_of_a_declared_input_leads_to_a_schema(kind, inner):
    made = document([served("a", kind), served("b", kind)], [])
    schemas = made["components"]["schemas"]
    refs = re.findall(r'"\$ref":"#/components/schemas/([^"]+)"', json_text.encode(made).decode())

    assert {f"a.{inner}", f"b.{inner}"} <= set(refs)
    assert set(refs) <= set(schemas)


def test_a_schema_that_stands_alone_refers_to_itself():
    from headrace.input.types import input_type

    for kind, inner in ((Order, "Item"), (Shipment, "Line")):
        schema = input_type(kind).schema()
        refs = re.findall(r'"\$ref":"#/\$defs/([^"]+)"', json_text.encode(schema).decode())
        assert inner in refs
        assert set(refs) <= set(schema["$defs"])
