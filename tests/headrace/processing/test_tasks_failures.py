"""Async workers whose records cancel themselves, or would end the loop: each fails alone."""

import asyncio
import threading

import pytest

from headrace import Worker
from headrace.testing import run
from tests.support.batches import host_of, records


class CancelsItself(Worker):
    async def process(self, record):
        if record.text() == "bad":
            asyncio.current_task().cancel()
            await asyncio.sleep(0)
        async with asyncio.timeout(1):
            return record.text()

    async def close(self):
        assert not asyncio.current_task().cancelling()


class CancelsItselfWhole(CancelsItself):
    async def process_batch(self, batch):
        return [await self.process(record) for record in batch]


class Gathering(CancelsItself):
    """One that was cancelled is an error that `gather` returns, but no Exception."""

    async def process_batch(self, batch):
        return await asyncio.gather(*map(self.process, batch), return_exceptions=True)


@pytest.mark.parametrize("kind", [CancelsItself, CancelsItselfWhole, Gathering])
def test_a_record_that_is_cancelled_by_itself_has_failed_and_the_others_go_on(kind):
    """It was not done for ever, as if the time had been too short, and no setting ended it."""
    done = run(kind, ["a", "bad", "c", "bad", "e"])

    assert {n: str(error) for n, error in done.failures.items()} == {
        1: "CancelledError",
        3: "CancelledError",
    }
    assert done.results == ["a", None, "c", None, "e"]


def test_one_record_that_breaks_a_whole_batch_does_not_take_the_others_with_it():
    class Fragile(Worker):
        async def process_batch(self, batch):
            if any(record.text() == "bad" for record in batch):
                raise MemoryError
            return [record.text() for record in batch]

    done = run(Fragile, ["a", "bad", "c"])

    assert list(done.failures) == [1]
    assert done.results == ["a", None, "c"]


@pytest.mark.parametrize("end", [SystemExit, KeyboardInterrupt, asyncio.CancelledError])
def test_a_record_that_would_end_the_loop_fails_alone(end):
    async def process(self, record):
        if record.key == b"bad":
            raise end
        return 1

    host = host_of(process, worker_concurrency=2)
    outcomes = host.run(records(b"bad", b"good"))

    assert list(outcomes.failures) == [0]
    assert host.run(records(b"good")).results == [1]
    host.close()


def test_a_record_that_stops_the_loop_is_done_and_those_beside_it():
    """The batch would wait for ever for what only that loop can do."""

    async def process(self, record):
        if record.key == b"stops":
            asyncio.get_running_loop().stop()
        await asyncio.sleep(0.01)
        return record.key.decode()

    before = {*threading.enumerate()}
    host = host_of(process, worker_concurrency=2)
    assert host.run(records(b"stops", b"good")).results == ["stops", "good"]
    host.close()
    assert {*threading.enumerate()} <= before
