"""What a class declares as its input is found, and what cannot be one is refused."""

from typing import Annotated, Generic, TypeVar

import msgspec
import pytest
from msgspec import Meta

from headrace import Worker
from headrace.errors import WorkerError
from headrace.input.declared import declared_input
from headrace.testing import run

GOOD = {"id": 7}


class Order(msgspec.Struct):
    id: int


def test_a_worker_without_a_declared_input_has_no_data():
    class Plain(Worker):
        def process(self, record):
            return record.data

    assert isinstance(run(Plain, [GOOD]).failures[0], WorkerError)


def test_the_input_is_found_through_bases():
    given = TypeVar("given")

    class Base(Worker[given], Generic[given]):
        pass

    class Middle(Base[Order]):
        pass

    class Named(Worker["Order"]):
        pass

    assert declared_input(type("Orders", (Middle,), {}), Worker) is Order
    assert declared_input(Base, Worker) is None
    assert declared_input(type("Plain", (Worker,), {}), Worker) is None
    with pytest.raises(WorkerError, match=r"Named: write Worker\[Order\], with the type"):
        declared_input(Named, Worker)


class Odd:
    pass


@pytest.mark.parametrize("kind", [Odd, {"id": int}, [int]])
def test_a_type_that_cannot_be_read_is_refused_at_the_start(kind):
    class Orders(Worker[kind]):
        def process(self, record):
            return 1

    with pytest.raises(WorkerError, match=r"the input .* cannot be read: .*supported$") as raised:
        run(Orders, [GOOD])
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    "kind", [Order | None, Annotated[Order | None, Meta(title="x")], Annotated[None, 1] | Order]
)
def test_a_tombstone_is_none_where_the_type_may_be(kind):
    class Orders(Worker[kind]):
        def process(self, record):
            return [record.data]

    assert run(Orders, [None]).results == [[None]]
