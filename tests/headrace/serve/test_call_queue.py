"""Which thread makes a call, and that none sleeps while a request waits."""

import asyncio
import threading
import time

import pytest

from headrace.serve.call_queue import Busy, CallQueue


async def stays():
    await asyncio.Event().wait()


def opened(call, *, threads=4, together=1, waiting=100):
    return CallQueue(call, threads=threads, together=together, waiting=waiting, hang_seconds=60)


def names(items):
    return [threading.current_thread().name for _ in items]


def test_one_after_the_other_is_answered_by_one_thread():
    queue = opened(names)

    async def ask():
        found = []
        for _ in range(20):
            found.append(await queue.ask(None, stays))
            await asyncio.sleep(0.02)  # for that thread to sleep again
        return found

    found = asyncio.run(ask())
    queue.close()

    assert len(set(found)) == 1


def test_at_once_they_are_answered_by_all_threads():
    together = threading.Barrier(4)

    def meet(items):
        together.wait(30)
        return names(items)

    queue = opened(meet)

    async def ask():
        return await asyncio.gather(*(queue.ask(None, stays) for _ in range(4)))

    found = asyncio.run(ask())
    queue.close()

    assert len(set(found)) == 4


@pytest.mark.parametrize(("threads", "together"), [(1, 1), (1, 64), (4, 1), (3, 2)])
def test_none_is_forgotten(threads, together):
    def double(items):
        if items[0] % 7 == 0:
            time.sleep(0.0001)
        return [2 * item for item in items]

    queue = opened(double, threads=threads, together=together)

    async def client(number):
        for step in range(50):
            assert await queue.ask(number + step, stays) == 2 * (number + step)

    async def clients():
        await asyncio.wait_for(asyncio.gather(*map(client, range(40))), 120)

    asyncio.run(clients())
    queue.close()

    assert (queue.waiting, queue.running) == (0, 0)


def test_a_queue_that_is_full_says_so_and_goes_on():
    gate, entered = threading.Event(), threading.Event()

    def wait(items):
        entered.set()
        assert gate.wait(30)
        return items

    queue = opened(wait, threads=1, waiting=2)

    async def ask():
        running = asyncio.create_task(queue.ask(0, stays))
        await asyncio.to_thread(entered.wait, 30)
        two = [asyncio.create_task(queue.ask(number, stays)) for number in (1, 2)]
        await asyncio.sleep(0)
        with pytest.raises(Busy):
            await queue.ask(3, stays)
        gate.set()
        return await asyncio.gather(running, *two)

    found = asyncio.run(ask())
    queue.close()

    assert found == [0, 1, 2]


def test_threads_that_sleep_end_when_it_is_closed():
    before = threading.active_count()
    queue = opened(names)
    assert threading.active_count() == before + 4

    queue.close()

    assert threading.active_count() == before
