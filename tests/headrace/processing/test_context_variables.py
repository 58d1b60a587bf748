"""What `setup` sets in the context is there when records are processed, on whatever thread."""

from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar

import pytest

from headrace import WindowWorker, Worker, lambda_handler
from headrace.record import KafkaPosition, Record
from headrace.testing import kinesis_event
from headrace.worker import WorkerSettings
from headrace.worker_host import WorkerHost

TENANT = ContextVar("TENANT", default="nobody")
RECORDS = [Record("kafka", KafkaPosition("t", 0, n), b"", b"%d" % n) for n in range(2)]


class Sync(Worker):
    def setup(self):
        TENANT.set("acme")

    def process(self, record):
        return TENANT.get()


class Async(Worker):
    async def setup(self):
        TENANT.set("acme")

    async def process(self, record):
        return TENANT.get()


class SetUpAsync(Worker):
    async def setup(self):
        TENANT.set("acme")

    def process(self, record):
        return TENANT.get()


class Batches(Sync):
    async def process_batch(self, records):
        return [TENANT.get() for _ in records]


def on_another_thread(act, *args):
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(act, *args).result()


@pytest.fixture
def opened():
    hosts = []

    def open_on_a_thread(kind, **settings):
        hosts.append(on_another_thread(WorkerHost.open, kind, WorkerSettings(**settings)))
        return hosts[-1]

    yield open_on_a_thread
    for host in hosts:
        host.close()


@pytest.mark.parametrize("concurrency", [1, 2])
@pytest.mark.parametrize("kind", [Sync, Async, SetUpAsync, Batches])
def test_what_setup_sets_is_seen_on_other_threads(kind, concurrency, opened):
    host = opened(kind, worker_concurrency=concurrency)
    assert list(host.run(RECORDS).results) == ["acme", "acme"]
    assert on_another_thread(host.run, RECORDS).results == ["acme", "acme"]
    assert host.answer(RECORDS[:1]).results == ["acme"]
    assert TENANT.get() == "nobody"  # other workers of this thread do not see it


def test_what_the_calling_thread_has_set_stays(opened):
    host = opened(Sync)

    def call():
        TENANT.set("caller")
        return host.run(RECORDS).results

    assert on_another_thread(call) == ["caller", "caller"]


def test_the_end_of_a_window_sees_it():
    class Totals(WindowWorker):
        def setup(self):
            TENANT.set("acme")

        def add(self, state, record):
            return state

        def finish(self, state, window):
            seen.append(TENANT.get())

    seen = []
    handler = lambda_handler(Totals)
    on_another_thread(handler.worker)
    arn = kinesis_event([b"x"])["Records"][0]["eventSourceARN"]
    times = {"start": "2026-03-01T12:00:00Z", "end": "2026-03-01T12:01:00Z"}
    more = {"state": {}, "shardId": "shardId-000000000000", "eventSourceARN": arn}
    handler({"Records": [], "window": times, "isFinalInvokeForWindow": True, **more})
    assert seen == ["acme"]
