"""Threads that make calls: as many as calls may run at once."""

import asyncio
import queue
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar

T = TypeVar("T")

WAIT_SECONDS = 5.0
"""How long a call waits for its turn."""


class Busy(Exception):
    """Every turn is taken, and none has become free in time."""


class Turns:
    """A fixed number of threads; each makes one call at a time.

    They are daemons: a call that hangs must not keep the process from ending.

    Args:
        count: How many calls may run at once.
        hang_seconds: After how long a call counts as hanging.
    """

    def __init__(self, count: int, hang_seconds: float) -> None:
        self._count = count
        self._hang_seconds = hang_seconds
        self._free = asyncio.Semaphore(count)
        self._calls: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._begun: dict[int, float] = {}  # by thread; only calls that run
        for number in range(count):
            threading.Thread(target=self._work, name=f"call-{number}", daemon=True).start()

    async def take(self, call: Callable[[], T]) -> T:
        """Make a call in a thread, as soon as one is free.

        Raises:
            Busy: if none becomes free in time.
            Exception: what the call raises.
        """
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                await self._free.acquire()
        except TimeoutError:
            raise Busy from None
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[T] = loop.create_future()

        def settle(result: T | None, error: BaseException | None) -> None:
            self._free.release()
            if answer.cancelled():
                return
            if error is not None:
                answer.set_exception(error)
            else:
                answer.set_result(result)  # type: ignore[arg-type]

        def work() -> None:
            result, error = None, None
            try:
                result = call()
            except BaseException as raised:  # noqa: BLE001 - raised again by who waits
                error = raised
            with suppress(RuntimeError):  # the loop has ended: nobody waits any longer
                loop.call_soon_threadsafe(settle, result, error)

        self._calls.put(work)
        return await answer

    @property
    def hang(self) -> bool:
        """Whether every turn is taken by a call that hangs: no further call can be made."""
        begun = list(self._begun.values())
        return len(begun) == self._count and time.monotonic() - max(begun) > self._hang_seconds

    def _work(self) -> Any:
        me = threading.get_ident()
        while True:
            work = self._calls.get()
            self._begun[me] = time.monotonic()
            try:
                work()
            finally:
                del self._begun[me]
