"""An order, declared in four ways, and values that fit it and do not."""

import dataclasses
from typing import NotRequired, TypedDict

import msgspec
import pydantic

from headrace import Worker


class Item(msgspec.Struct):
    sku: str
    price: float


class Order(msgspec.Struct):
    id: int
    items: list[Item] = []


@dataclasses.dataclass
class ItemClass:
    sku: str
    price: float


@dataclasses.dataclass
class OrderClass:
    id: int
    items: list[ItemClass] = dataclasses.field(default_factory=list)


class ItemDict(TypedDict):
    sku: str
    price: float


class OrderDict(TypedDict):
    id: int
    items: NotRequired[list[ItemDict]]


class ItemModel(pydantic.BaseModel):
    sku: str
    price: float


class OrderModel(pydantic.BaseModel):
    id: int
    items: list[ItemModel] = []


KINDS = [Order, OrderClass, OrderDict, OrderModel]


GOOD = {"id": 7, "items": [{"sku": "a", "price": 1.5}]}


WRONG = {"id": "x", "items": [{"sku": "a", "price": "cheap"}, {"price": 2}]}


def worker(kind):
    class Orders(Worker[kind]):
        def process(self, record):
            data = record.data
            return [data["id"] if isinstance(data, dict) else data.id, type(data).__name__]

    return Orders
