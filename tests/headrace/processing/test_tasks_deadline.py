"""Async workers at the deadline: what is not done by then is cancelled, and changes nothing."""

import asyncio
import threading
import time

import pytest

from headrace import Record, Worker, lambda_handler
from headrace.errors import OutOfTime
from headrace.testing import http_event, run
from headrace.worker import WorkerSettings
from headrace.worker_host import WorkerHost
from tests.support.batches import host_of, records


def test_at_the_deadline_everything_is_cancelled_and_not_done():
    ended = []

    async def process(self, record):
        try:
            await asyncio.sleep(0 if record.key == b"quick" else 60)
        finally:
            ended.append(record.key)

    host = host_of(process, worker_concurrency=2)
    begun = time.monotonic()
    outcomes = host.run(records(b"quick", b"slow", b"slow", b"other"), begun + 0.2)

    assert time.monotonic() - begun < 1
    assert [str(outcomes.failures[index]) for index in (1, 2, 3)] == [
        "cancelled: it took longer than an invocation may",
        "not attempted: the remaining time is too short",
        "cancelled: the remaining time is too short",
    ]
    assert 0 not in outcomes.failures
    # The third one was begun late: it has not failed.
    assert [type(error) for _, error in outcomes.errors()] == [OutOfTime]
    assert sorted(ended) == [b"other", b"quick", b"slow"]
    host.close()


def test_a_task_that_does_not_end_when_it_is_cancelled_changes_nothing_any_more():
    stubborn = threading.Event()

    async def process(self, record):
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            while not stubborn.is_set():
                await asyncio.sleep(0.01)
        return "too late"

    host = host_of(process)
    outcomes = host.run(records(b"a", b"a"), time.monotonic() + 0.1)
    stubborn.set()
    time.sleep(0.1)

    assert outcomes.failures.keys() == {0, 1}
    assert outcomes.results == [None, None]
    host.close()


def test_a_whole_batch_is_cancelled_at_the_deadline():
    class Slow(Worker):
        async def process_batch(self, batch):
            await asyncio.sleep(60)

    done = run(Slow, ["a", "b"], timeout=1.1)  # one second is kept in reserve

    assert [type(error) for error in done.failures.values()] == [OutOfTime, OutOfTime]


def hangs(record):
    return record.value == b"hangs"


class Hanging(Worker):
    async def process(self, record):
        await asyncio.sleep(60 if hangs(record) else 0)


class HangingWhole(Worker):
    async def process_batch(self, batch):
        await asyncio.sleep(60 if any(map(hangs, batch)) else 0)
        return [1 for _ in batch]


class RaisingLate(Worker):
    """Its own time limit leaves none to try the records one by one."""

    async def process_batch(self, batch):
        if any(map(hangs, batch)):
            await asyncio.sleep(0.15)
            raise TimeoutError("no answer")
        return [1 for _ in batch]


@pytest.mark.parametrize("kind", [Hanging, HangingWhole, RaisingLate])
@pytest.mark.parametrize("concurrency", [1, 3])
def test_a_record_that_always_takes_too_long_fails_and_the_others_are_done(kind, concurrency):
    """As the runner does it: what failed whole is halved, and what failed alone has failed."""
    left = [[Record("direct", None, b"hangs" if n == 2 else b"") for n in range(4)]]
    host = WorkerHost(kind(settings=WorkerSettings(worker_concurrency=concurrency)))
    failed = []
    for _ in range(6):
        if not left:
            break
        batch = left.pop(0)
        try:
            outcomes = host.run(batch, time.monotonic() + 0.2)
        except OutOfTime:
            half = len(batch) // 2
            left[:0] = [batch[:half], batch[half:]]
            continue
        failed += [record for record, _ in outcomes.errors()]
        if again := [r for r in outcomes.not_done() if r not in failed]:
            left.insert(0, again)
    host.close()

    assert left == []
    assert [record.value for record in failed] == [b"hangs"]


def test_a_request_that_takes_too_long_is_cancelled_and_answered():
    class Slow(Worker):
        async def process(self, record):
            await asyncio.sleep(60)

    class Context:
        def get_remaining_time_in_millis(self):
            return 500

    handler = lambda_handler(Slow)
    begun = time.monotonic()
    assert handler(http_event("x"), Context())["statusCode"] == 504
    assert time.monotonic() - begun < 0.5
    handler.close()
