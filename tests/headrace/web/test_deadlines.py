"""A time limit that many tasks share: each has its own time, and one timer looks at all."""

import asyncio
import time

import pytest

from headrace.web.deadlines import Deadlines


async def wait(deadlines, seconds):
    with deadlines:
        await asyncio.sleep(seconds)
    return "done"


def test_whoever_is_in_time_is_not_disturbed():
    assert asyncio.run(wait(Deadlines(5), 0.01)) == "done"


def test_whoever_is_late_is_told():
    begun = time.monotonic()

    with pytest.raises(TimeoutError):
        asyncio.run(wait(Deadlines(0.1), 20))

    assert 0.1 <= time.monotonic() - begun < 10


def test_each_has_the_whole_time_from_its_own_beginning():
    async def three():
        deadlines = Deadlines(0.4)
        first = asyncio.create_task(wait(deadlines, 20))
        quick = asyncio.create_task(wait(deadlines, 0.01))
        await asyncio.sleep(0.2)
        last = asyncio.create_task(wait(deadlines, 0.3))
        return await asyncio.gather(first, quick, last, return_exceptions=True)

    first, quick, last = asyncio.run(three())

    assert isinstance(first, TimeoutError)
    assert (quick, last) == ("done", "done")


def test_it_is_entered_again_after_all_have_left():
    async def twice():
        deadlines = Deadlines(0.1)
        await wait(deadlines, 0)
        await asyncio.sleep(0.2)  # the timer has found nobody
        return await wait(deadlines, 20)

    with pytest.raises(TimeoutError):
        asyncio.run(twice())


def test_a_task_that_is_cancelled_by_others_is_cancelled():
    async def cancelled():
        task = asyncio.create_task(wait(Deadlines(5), 20))
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait({task})
        return task.cancelled()

    assert asyncio.run(cancelled())


def test_an_error_of_the_task_is_its_own():
    async def fails():
        with Deadlines(5):
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        asyncio.run(fails())


def test_a_task_that_was_late_goes_on():
    async def late():
        deadlines = Deadlines(0.05)
        with pytest.raises(TimeoutError):
            await wait(deadlines, 20)
        await asyncio.sleep(0.1)
        return asyncio.current_task().cancelling()

    assert asyncio.run(late()) == 0
