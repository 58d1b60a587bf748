"""A worker that declares its input gets it as `record.data`; what does not fit is rejected."""

import msgspec
import pytest

from headrace import Record, Worker, lambda_handler
from headrace.testing import http_event, invoke, kafka_record, run
from tests.support.declared import GOOD, KINDS, WRONG, Order, OrderDict, OrderModel, worker


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


def test_a_model_of_pydantic_with_a_multitude_of_mistakes_is_told_in_one():
    """Pydantic lists all of them or none, a kilobyte each."""

    class Orders(Worker[OrderModel]):
        def process(self, record):
            return record.data.id

    ((_, reject),) = run(Orders, [{"id": 1, "items": [1] * 10_001}]).rejects.items()
    assert reject.error == "the input does not fit: 10,001 parts of it are wrong"
