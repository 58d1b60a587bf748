"""What a worker cannot have meant as a result is none: nobody awaited, raised or read it."""

import asyncio
import concurrent.futures
import gc
import warnings

import pytest

from headrace import Reject, Worker
from headrace.testing import run


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
