"""Workers that are `async def`: the rules of batches hold, with keys as tasks of one event loop."""

import asyncio
import functools
import threading
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headrace import Worker, lambda_handler
from headrace.processing import isolation
from headrace.testing import run
from headrace.worker import WorkerSettings
from headrace.worker_host import WorkerHost
from tests.support.batches import Scripted, host_of, kafka_batches, records


class Twin(Worker):
    """Does as the script says, having waited a little."""

    scripted: Scripted

    async def process(self, record):
        await asyncio.sleep(0)
        return self.scripted.process(record)


class WholeTwin(Worker):
    """The same for a whole batch."""

    scripted: Scripted

    async def process_batch(self, batch):
        await asyncio.sleep(0)
        return self.scripted.process_batch(batch)


@pytest.mark.parametrize(("kind", "concurrency"), [(Twin, 1), (Twin, 3), (WholeTwin, 1)])
@given(scripted_batch=kafka_batches())
def test_outcomes_are_those_of_a_worker_that_is_not_async(kind, concurrency, scripted_batch):
    batch = [record for record, _ in scripted_batch]
    asked, expected = Scripted(scripted_batch), Scripted(scripted_batch)
    run_whole = kind is WholeTwin
    given_process = expected.process_batch if run_whole else expected.process
    run_plain = isolation.run_whole if run_whole else isolation.run
    wanted = run_plain(given_process, batch, lambda record, error: None)

    worker = kind(settings=WorkerSettings(worker_concurrency=concurrency))
    worker.scripted = asked
    host = WorkerHost(worker)
    host._dead_letter = lambda record, error: None
    try:
        found = host.run(batch)
    finally:
        host.close()

    assert found.results == wanted.results
    assert found.rejected == wanted.rejected
    assert {i: type(e) for i, e in found.failures.items()} == {
        i: type(e) for i, e in wanted.failures.items()
    }


@given(keys=st.lists(st.sampled_from([b"a", b"b", b"c", b"d"]), min_size=2, max_size=40))
def test_keys_run_side_by_side_within_the_bound_and_each_in_order(keys):
    running, most, seen = set(), 0, []

    async def process(self, record):
        nonlocal most
        assert record.key not in running
        running.add(record.key)
        most = max(most, len(running))
        await asyncio.sleep(0.0001)
        running.discard(record.key)
        seen.append(record.position.offset)

    host = host_of(process, worker_concurrency=3)
    assert not host.run(records(*keys)).failures
    host.close()

    assert most <= min(3, len(set(keys)))
    for key in set(keys):
        assert [i for i in seen if keys[i] == key] == [i for i, k in enumerate(keys) if k == key]


def test_a_thousand_keys_wait_at_once_on_one_thread():
    threads = set()

    async def process(self, record):
        threads.add(threading.current_thread())
        await asyncio.sleep(0.2)

    host = host_of(process, worker_concurrency=1000)
    begun = time.monotonic()
    assert not host.run(records(*(b"%d" % n for n in range(1000)))).failures
    assert time.monotonic() - begun < 2
    assert len(threads) == 1
    host.close()


def test_several_threads_share_the_loop():
    """GIVEN a runner with eight handler threads, THEN their batches wait side by side."""

    async def process(self, record):
        await asyncio.sleep(0.2)

    host = host_of(process)
    begun = time.monotonic()
    callers = [threading.Thread(target=host.run, args=(records(b"a"),)) for _ in range(8)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert time.monotonic() - begun < 1
    host.close()


def test_setup_and_close_may_be_async_and_share_the_loop_with_process():
    loops = []

    class Session(Worker):
        async def setup(self):
            loops.append(asyncio.get_running_loop())

        async def process(self, record):
            loops.append(asyncio.get_running_loop())

        async def close(self):
            loops.append(asyncio.get_running_loop())

    assert not run(Session, ["a", "b"]).failures
    assert len(loops) == 4
    assert len(set(loops)) == 1


def test_a_worker_that_is_not_async_may_have_an_async_setup():
    class Mixed(Worker):
        async def setup(self):
            await asyncio.sleep(0)
            self.factor = 2

        def process(self, record):
            return record.json() * self.factor

    assert run(Mixed, [1, 2]).results == [2, 4]


def test_whatever_an_async_setup_raises_ends_the_start():
    class Broken(Worker):
        async def setup(self):
            raise RuntimeError("model is missing")

        async def process(self, record):
            return None

    with pytest.raises(RuntimeError, match="model is missing"):
        lambda_handler(Broken)({})


def wrapped(function):
    @functools.wraps(function)
    def call(*arguments):
        return function(*arguments)

    return call


def test_a_wrapper_that_says_what_it_wraps_is_as_good():
    class Wrapped(Worker):
        @wrapped
        async def process(self, record):
            return 1

    assert run(Wrapped, ["a"]).results == [1]
