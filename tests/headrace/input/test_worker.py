"""A worker that declares its input gets it as `record.data`; what does not fit is rejected."""

import dataclasses
from collections.abc import Callable
from typing import Any, NotRequired, TypedDict

import msgspec
import pydantic
import pytest

from headrace import Record, Worker, lambda_handler
from headrace.input.types import input_type
from headrace.testing import http_event, invoke, kafka_record, run


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


@pytest.mark.parametrize("kind", KINDS)
def test_the_data_is_of_the_declared_type(kind):
    expected = "dict" if kind is OrderDict else kind.__name__

    assert run(worker(kind), [GOOD]).results == [[7, expected]]


@pytest.mark.parametrize("kind", KINDS)
def test_every_wrong_field_is_named_with_its_path(kind):
    letter = run(worker(kind), [WRONG, GOOD]).rejects[0]

    assert {error["field"] for error in letter.errors} == {
        "id",
        "items[0].price",
        "items[1].sku",
    }
    assert letter.error.startswith("the input does not fit: id: ")
    assert letter.error.endswith("(and 2 more)")


@pytest.mark.parametrize("kind", [Order, OrderModel])
@pytest.mark.parametrize(
    ("value", "said"),
    [
        (b"{", "value is not JSON"),
        (b'{"id": NaN}', "value is not JSON"),
        (b"\xff", "value is not JSON"),
        (b"[]", "the input does not fit"),
        (None, "value is absent: the record is a tombstone"),
    ],
)
def test_what_is_no_such_value_at_all_is_rejected_as_for_every_worker(kind, value, said):
    (letter,) = run(worker(kind), [kafka_record(value)]).rejects.values()
    assert letter.error.startswith(said)


def test_a_tombstone_is_none_if_the_declared_type_has_none():
    class Latest(Worker[Order | None]):
        def process(self, record):
            return "gone" if record.data is None else record.data.id

    assert run(Latest, [kafka_record(None), kafka_record({"id": 3}, offset=1)]).results == [
        "gone",
        3,
    ]


def test_json_that_only_the_standard_library_reads_is_read():
    class Texts(Worker[dict[str, str]]):
        def process(self, record):
            return sorted(record.data)

    assert run(Texts, [b'{"a": "half \\ud83d"}', b'\xef\xbb\xbf{"b": "c"}']).results == [
        ["a"],
        ["b"],
    ]


def test_a_part_without_a_json_schema_may_be_anything():
    """One such worker took the OpenAPI document from all that `headrace serve` had."""

    class Own:
        pass

    class Model(pydantic.BaseModel, arbitrary_types_allowed=True):
        id: int
        own: Own = pydantic.Field(default_factory=Own)
        call: Callable[[], int] = print

    properties = input_type(Model).schema()["properties"]

    assert properties["id"]["type"] == "integer"
    assert [set(properties[name]) <= {"title"} for name in ("own", "call")] == [True, True]
    assert run(worker(Model), [b'{"id":7}']).results == [[7, "Model"]]


def test_json_that_pydantic_does_not_read_is_read_for_it():
    class Extra(pydantic.BaseModel):
        id: int
        note: Any = None

    deep = b'{"id":1,"note":' + b"[" * 300 + b"]" * 300 + b"}"
    values = [b'{"id":1,"other":"\\ud83d"}', deep, b'{"id":"x","other":"\\ud83d"}']
    result = run(worker(Extra), values)

    assert result.results[:2] == [[1, "Extra"]] * 2
    assert [one["field"] for one in result.rejects[2].errors] == ["id"]


def test_a_batch_gets_what_fits_and_the_rest_is_rejected():
    class Sums(Worker[Order]):
        def process_batch(self, records):
            assert all(type(record.data) is Order for record in records)
            return [len(records)] * len(records)

    found = run(Sums, [GOOD, WRONG, GOOD])

    assert found.results == [2, None, 2]
    assert list(found.rejects) == [1]


def test_async_workers_have_their_data_too():
    class One(Worker[Order]):
        async def process(self, record):
            return record.data.id

    class All(Worker[Order]):
        async def process_batch(self, records):
            return [record.data.id for record in records]

    for kind in (One, All):
        found = run(kind, [GOOD, WRONG])
        assert found.results == [7, None]
        assert list(found.rejects) == [1]


def test_a_caller_hears_every_wrong_field():
    answer = invoke(worker(Order), http_event(WRONG))

    assert answer["statusCode"] == 400
    assert answer["body"].count('"field"') == 3


def test_the_record_itself_is_as_it_came_and_can_be_forwarded():
    class Forward(Worker[Order]):
        def process(self, record):
            return record

    found = run(Forward, [kafka_record(GOOD, key="k", headers={"h": "v"})])

    assert found.messages[0].value == found.records[0].value
    assert found.messages[0].headers[0] == ("h", b"v")


def test_a_copy_with_data_is_still_a_record():
    seen = []

    class Orders(Worker[Order]):
        def process(self, record):
            seen.append(record)

    run(Orders, [kafka_record(GOOD, "k", offset=4)])
    assert isinstance(seen[0], Record)
    assert (seen[0].id, seen[0].key, seen[0].json()) == ("orders-0@4", b"k", GOOD)


def test_the_request_stays_with_the_record():
    class Order(msgspec.Struct):
        id: int

    class Orders(Worker[Order]):
        def process(self, record):
            return [record.data.id, record.request.path]

    response = lambda_handler(Orders)(http_event({"id": 1}, path="/orders"))

    assert response["body"] == '[1,"/orders"]'


@pytest.mark.parametrize("kind", KINDS)
def test_a_byte_order_mark_is_read_away_whoever_reads(kind):
    value = b'\xef\xbb\xbf{"id": 7}'
    assert run(worker(kind), [kafka_record(value)]).results[0][0] == 7


def test_a_model_of_pydantic_with_a_multitude_of_mistakes_is_told_in_one():
    """Pydantic lists all of them or none, a kilobyte each."""

    class Orders(Worker[OrderModel]):
        def process(self, record):
            return record.data.id

    ((_, reject),) = run(Orders, [{"id": 1, "items": [1] * 10_001}]).rejects.items()
    assert reject.error == "the input does not fit: 10,001 parts of it are wrong"
