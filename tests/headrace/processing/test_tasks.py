"""Workers that are `async def`: the rules of batches hold, with keys as tasks of one event loop."""

import asyncio
import concurrent.futures
import functools
import gc
import threading
import time
import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headrace import Record, Reject, Worker, lambda_handler
from headrace.errors import OutOfTime
from headrace.processing import isolation
from headrace.record import KafkaPosition
from headrace.testing import http_event, kafka_event, run
from headrace.worker import WorkerSettings
from headrace.worker_host import WorkerHost
from tests.support.batches import Scripted, kafka_batches


def records(*keys):
    return [Record("kafka", KafkaPosition("t", 0, i), b"", key) for i, key in enumerate(keys)]


def host_of(process, sink=None, dead_letters=None, **settings):
    kind = type("Made", (Worker,), {"process": lambda self, record: None})
    kind.process = process
    return WorkerHost(kind(settings=WorkerSettings(**settings)), sink, dead_letters)


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


class Asking(Worker):
    async def process(self, record):
        await asyncio.sleep(0)
        match record.text():
            case "reject":
                raise Reject("never")
            case "fail":
                raise ValueError("no")
        return {"said": record.text()}


def test_it_works_in_lambda(monkeypatch):
    monkeypatch.setenv("HEADRACE_REPORT_BATCH_ITEM_FAILURES", "true")
    handler = lambda_handler(Asking)

    answer = handler(kafka_event(["a", "fail", "b"]))
    assert answer["batchItemFailures"][0]["itemIdentifier"]["offset"] == 1
    assert handler(http_event("x"))["body"] == '{"said":"x"}'
    assert handler(http_event("reject"))["statusCode"] == 400
    assert handler(http_event("fail"))["statusCode"] == 500
    handler.close()


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


def test_a_rejected_record_is_done_once_its_letter_is_acknowledged():
    done = run(Asking, ["reject", "a"])

    assert [letter.error for letter in done.rejects.values()] == ["never"]
    assert done.failures == {}


class Checking(Worker):
    """Looks at a record with several tasks at once."""

    async def process(self, record):
        async with asyncio.TaskGroup() as group:
            for word in record.text().split():
                group.create_task(self.check(word))

    async def check(self, word):
        if word == "bug":
            raise KeyError(word)
        raise Reject(f"no {word}", status=422, errors=[word])


class CheckingBatches(Checking):
    async def process_batch(self, records):
        return await asyncio.gather(*map(self.process, records), return_exceptions=True)


@pytest.mark.parametrize("worker", [Checking, CheckingBatches])
def test_a_group_of_nothing_but_rejects_is_a_reject(worker):
    done = run(worker, ["stock", "stock price", "stock bug"])

    assert {n: letter.error for n, letter in done.rejects.items()} == {
        0: "no stock",
        1: "no stock; no price",
    }
    assert list(done.rejects[1].errors) == ["stock", "price"]
    assert {n: type(error) for n, error in done.failures.items()} == {2: ExceptionGroup}


def test_a_caller_hears_of_a_group_of_rejects():
    handler = lambda_handler(Checking)
    assert handler(http_event("stock price"))["statusCode"] == 422
    handler.close()


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


class Coroutine(Worker):
    def process(self, record):
        return self.later()

    async def later(self):
        return 1


class Future(Worker):
    def process(self, record):
        loop = asyncio.new_event_loop()
        try:
            return loop.create_future()
        finally:
            loop.close()


class Generator(Worker):
    def process(self, record):
        return (n for n in (1, 2))


class AsyncGenerator(Worker):
    def process(self, record):
        return self.later()

    async def later(self):
        yield 1


class AsyncOfGenerator(AsyncGenerator):
    async def process(self, record):
        return self.later()


class BatchCoroutine(Worker):
    def process_batch(self, batch):
        return self.later()

    async def later(self):
        return [1]


class BatchOfCoroutines(Coroutine):
    def process_batch(self, batch):
        return [self.later() for _ in batch]


class Iterator(Worker):
    def process(self, record):
        return map(str, record.text())


class Pooled(Worker):
    def process(self, record):
        return concurrent.futures.Future()


class Returned(Worker):
    def process(self, record):
        return Reject("never")


class ReturnedClass(Worker):
    async def process(self, record):
        return ValueError


class BatchOfClasses(Worker):
    def process_batch(self, batch):
        return [Reject for _ in batch]


@pytest.mark.parametrize(
    ("kind", "complaint"),
    [
        (Coroutine, "a coroutine that nobody has waited for: write `async def`"),
        (Future, "a Future that nobody has waited for"),
        (Generator, "a generator: return the result"),
        (AsyncGenerator, "a generator: return the result"),
        (AsyncOfGenerator, "a generator: return the result"),
        (BatchCoroutine, "a coroutine that nobody has waited for"),
        (BatchOfCoroutines, "process_batch returned a coroutine that nobody has waited for"),
        (Iterator, "a map: return the result"),
        (Pooled, "a Future that nobody has waited for: return its result"),
        (Returned, "process returned Reject, an exception: raise it"),
        (ReturnedClass, "process returned ValueError, an exception: raise it"),
        (BatchOfClasses, "process_batch returned the class Reject"),
    ],
)
def test_what_was_not_done_and_what_was_not_raised_is_no_result(kind, complaint):
    gc.freeze()  # what other tests have left is none of this one's
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        done = run(kind, ["a", "b"])
        gc.collect()

    assert list(done.failures) == [0, 1]
    assert all(complaint in str(error) for error in done.failures.values())
    assert done.messages == []


def test_nothing_comes_of_an_empty_batch():
    host = host_of(Asking.process)
    assert host.run([]).results == []

    host.close()
