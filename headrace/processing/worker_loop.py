"""The event loop of a worker: there once something of the worker is `async def`."""

import threading
from collections.abc import Awaitable
from typing import TYPE_CHECKING, TypeVar, cast

from headrace.processing.context_variables import context_after, take_over

if TYPE_CHECKING:
    from headrace.processing.event_loop import EventLoop

T = TypeVar("T")


class WorkerLoop:
    """Opens the loop when it is first needed; any thread may ask."""

    def __init__(self) -> None:
        self._loop: EventLoop | None = None
        self._lock = threading.Lock()

    def run(self, awaitable: Awaitable[T]) -> T:
        """Wait for the result of what is run there. Raises what it raises."""
        return self._opened().run(awaitable)

    def wait(self, result: Awaitable[None] | None) -> None:
        """Wait for what an `async def` gave; what a plain method gives means nothing.

        This thread sees the context variables that were set meanwhile.
        """
        if hasattr(type(result), "__await__"):
            take_over(self.run(context_after(cast("Awaitable[None]", result))))

    def close(self) -> None:
        """End it, if it was opened."""
        if self._loop is not None:
            self._loop.close()

    def _opened(self) -> "EventLoop":
        with self._lock:
            if self._loop is None:
                # asyncio is for those who need it.
                from headrace.processing.event_loop import EventLoop  # noqa: PLC0415

                self._loop = EventLoop()
            return self._loop
