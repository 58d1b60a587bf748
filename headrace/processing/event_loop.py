"""The event loop of a worker, on a thread of its own: any thread may have something run on it."""

import asyncio
import threading
from collections.abc import Awaitable
from typing import TypeVar

T = TypeVar("T")

_END_SECONDS = 5.0


class EventLoop:
    """Runs as long as its worker lives."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._ending = False
        self._thread = threading.Thread(target=self._run, name="worker-loop", daemon=True)
        self._thread.start()

    def run(self, awaitable: Awaitable[T]) -> T:
        """Wait for the result of what is run there. Raises what it raises."""
        future = asyncio.run_coroutine_threadsafe(_wait(awaitable), self._loop)
        try:
            return future.result()
        except BaseException:
            future.cancel()  # this thread was interrupted
            raise

    def close(self) -> None:
        """Cancel what still runs there, and end the thread."""
        self.run(_end())
        self._ending = True
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_END_SECONDS)
        if not self._thread.is_alive():
            self._loop.close()

    def _run(self) -> None:
        while not self._ending:  # a worker that stops it would have its own batch wait for ever
            self._loop.run_forever()


async def _wait(awaitable: Awaitable[T]) -> T:
    return await awaitable


async def _end() -> None:
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks, timeout=_END_SECONDS)
    await asyncio.get_running_loop().shutdown_asyncgens()
