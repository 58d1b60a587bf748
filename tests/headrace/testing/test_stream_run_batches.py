"""Whole batches and async workers on an in-memory topic."""

import asyncio

import pytest

from headrace import Worker
from headrace.testing import StreamRun
from tests.support.orders import Orders, orders


def test_a_batch_waits_for_its_window_and_is_then_processed_as_a_whole():
    batches = []

    class Whole(Worker):
        def process_batch(self, records):
            batches.append(len(records))
            return [None] * len(records)

    run = StreamRun(Whole, batch_size=3, maximum_batching_window_in_seconds=60.0)
    run.produce(range(4))
    assert run.run()
    assert batches == [3, 1]
    assert 60 <= run.clock.now < 70


class Later(Worker):
    async def process(self, record):
        await asyncio.sleep(0)
        return Orders.process(self, record)


class Whole(Worker):
    async def process_batch(self, records):
        return [await Later.process(self, record) for record in records]


def test_an_async_worker_is_as_good():
    run = StreamRun(Later, worker_concurrency=10, maximum_retry_attempts=2)
    run.produce(orders(1, -2, 13, 4), key=lambda order: str(order["id"]))
    assert run.run()
    assert sorted(result["id"] for result in run.results) == [0, 3]
    assert len(run.dead_letters) == 2
    assert run.committed == {0: 4}
    run.stop()


def test_an_async_worker_may_take_whole_batches():
    run = StreamRun(Whole)
    run.produce(orders(1, 2))
    assert run.run()
    assert run.results == [{"id": 0}, {"id": 1}]
    run.stop()


@pytest.mark.parametrize("concurrency", [1, 3])
@pytest.mark.parametrize("worker", [Orders, Later])
def test_what_a_batch_had_done_when_its_runner_died_is_written_nowhere(worker, concurrency):
    run = StreamRun(worker, worker_concurrency=concurrency)
    run.produce(orders(1, 2, -3, 4), key=lambda order: str(order["id"]))
    run.kill_at(lambda record: record.json()["id"] == 3)
    assert not run.run()
    assert run.results == []
    run.restart()
    assert run.run()
    assert sorted(result["id"] for result in run.results) == [0, 1, 3]
    run.stop()
