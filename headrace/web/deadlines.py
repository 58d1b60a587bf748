"""A time limit that many short tasks share, at the cost of one timer for all of them."""

import asyncio
from types import TracebackType
from typing import Any, Self


class Deadlines:
    """A context in which any number of tasks are at once, each for so many seconds at most.

    It does what `asyncio.timeout` does, which sets a timer for each task: for what takes
    microseconds, that is most of the work. Here, since the limit is one, whoever came first is late
    first.

    Args:
        seconds: How long a task may take.

    Raises:
        TimeoutError: in a task that took longer.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._ends: dict[asyncio.Task[Any], float] = {}  # in their order
        self._late: set[asyncio.Task[Any]] = set()
        self._timer: asyncio.TimerHandle | None = None

    def __enter__(self) -> Self:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - only coroutines of a task come here
        loop = asyncio.get_running_loop()
        self._ends[task] = end = loop.time() + self._seconds
        if self._timer is None:
            self._timer = loop.call_at(end, self._look, loop)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        task = asyncio.current_task()
        if self._ends.pop(task, None) is None and task in self._late:  # type: ignore[arg-type]
            self._late.remove(task)
            if task.uncancel() == 0 and kind is asyncio.CancelledError:
                raise TimeoutError from error

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        self._timer = None
        now = loop.time()
        for task, end in tuple(self._ends.items()):
            if end > now:
                self._timer = loop.call_at(end, self._look, loop)
                return
            del self._ends[task]
            self._late.add(task)
            task.cancel()
