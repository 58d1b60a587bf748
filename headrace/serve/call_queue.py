"""Where calls wait for their turn: threads that make calls, and take all that waits at once.

While a thread is idle, a request goes at once. What arrives while all of them are busy waits, and
is taken in the order of its arrival; by a worker that takes batches, all of it in one call. So
batches grow with the load, and nobody waits for a batch to fill.
"""

import asyncio
import threading
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any, Generic, TypeVar

from headrace.serve.waiting import Waiting, settle

T = TypeVar("T")
R = TypeVar("R")

WAIT_SECONDS = 5.0
"""How long a request waits for its turn."""

_END_SECONDS = 2.0

_LOOK_SECONDS = 0.05
"""How often it is looked who has waited for too long, and who has left."""


class Busy(Exception):
    """No thread has become free in time, or too many requests wait already."""


class CallQueue(Generic[T, R]):
    """Threads, and the requests that wait for them.

    The threads are daemons: a call that hangs must not keep the process from ending.

    Args:
        call: Answers some requests at once: one answer, or one exception, for each in order.
        threads: How many calls may run at once.
        together: How many requests a call may take.
        waiting: How many may wait.
        hang_seconds: After how long a call counts as hanging.
    """

    def __init__(
        self,
        call: Callable[[list[T]], Sequence[R | Exception]],
        *,
        threads: int,
        together: int,
        waiting: int,
        hang_seconds: float,
    ) -> None:
        self._call = call
        self._together = together
        self._most = waiting
        self._hang_seconds = hang_seconds
        self._closed = False
        self._waiting: deque[Waiting[T, R]] = deque()
        self._idle: list[threading.Lock] = []  # what idle threads sleep on, the last one last
        self._lock = threading.Lock()  # of the two above
        self._begun: dict[int, float] = {}  # by thread; only calls that run
        self._look: asyncio.TimerHandle | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._threads = [
            threading.Thread(target=self._work, name=f"call-{number}", daemon=True)
            for number in range(threads)
        ]
        for thread in self._threads:
            thread.start()

    async def ask(self, item: T, left: Callable[[], Awaitable[None]]) -> R:
        """Answer a request in its turn.

        Args:
            item: What is asked.
            left: Returns when whoever asked has left: then nothing is computed for them.

        Raises:
            Busy: if its turn does not come in time.
            ClientGone: if whoever asked has left before its turn.
            Exception: what the call says of it.
        """
        self._loop = loop = asyncio.get_running_loop()
        asked: Waiting[T, R] = Waiting(item, loop.create_future(), left)
        with self._lock:
            if len(self._waiting) >= self._most:
                raise Busy
            self._waiting.append(asked)
            sleeper = self._idle.pop() if self._idle else None
        if sleeper is not None:
            sleeper.release()
        if self._look is None:
            self._look = loop.call_later(_LOOK_SECONDS, self._look_around)
        try:
            return await asked.answer
        finally:
            if asked.watch is not None:
                asked.watch.cancel()

    def close(self, seconds: float = _END_SECONDS) -> None:
        """End the threads; wait for calls that run, since the interpreter must not end below them.

        Args:
            seconds: How long to wait; a call that takes longer is left alone.
        """
        with self._lock:
            self._closed = True
            while self._idle:
                self._idle.pop().release()
        deadline = time.monotonic() + seconds
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))

    @property
    def waiting(self) -> int:
        """How many requests wait."""
        return len(self._waiting)

    @property
    def running(self) -> int:
        """How many calls run."""
        return len(self._begun)

    @property
    def hang(self) -> bool:
        """Whether every thread is taken by a call that hangs: no further call can be made."""
        begun = list(self._begun.values())
        return (
            len(begun) == len(self._threads) and time.monotonic() - max(begun) > self._hang_seconds
        )

    def _look_around(self) -> None:
        """Let go of who has waited for too long, and watch who may leave."""
        now = time.monotonic()
        with self._lock:
            self._waiting = deque(one for one in self._waiting if not one.answer.done())
            waiting = tuple(self._waiting)
        self._look = None
        for asked in waiting:
            waited = now - asked.since
            if waited >= WAIT_SECONDS:
                asked.answer.set_exception(Busy())
            elif asked.watch is None and waited >= _LOOK_SECONDS:
                asked.watch = asyncio.ensure_future(asked.watch_client())
        if waiting and self._loop is not None:
            self._look = self._loop.call_later(_LOOK_SECONDS, self._look_around)

    def _work(self) -> Any:
        me, sleep = threading.get_ident(), threading.Lock()
        sleep.acquire()
        while asked := self._next(sleep):
            self._begun[me] = time.monotonic()
            try:
                answers = self._call([one.item for one in asked])
            except BaseException as error:  # noqa: BLE001 - raised again by who waits
                answers = [_as_exception(error)] * len(asked)
            finally:
                del self._begun[me]
            if self._loop is not None:
                with suppress(RuntimeError):  # the loop has ended: nobody waits any longer
                    self._loop.call_soon_threadsafe(settle, asked, answers)

    def _next(self, sleep: threading.Lock) -> list[Waiting[T, R]]:
        """Return what is to be answered next, in one call; nothing at the end. Wait for it.

        The thread that slept last is woken first: a model finds its memory in that one's caches.
        """
        while True:
            with self._lock:
                if self._closed:
                    return []
                if taken := self._take():
                    return taken
                self._idle.append(sleep)
            sleep.acquire()

    def _take(self) -> list[Waiting[T, R]]:
        taken: list[Waiting[T, R]] = []
        while self._waiting and len(taken) < self._together:
            asked = self._waiting.popleft()
            if not asked.answer.done():
                taken.append(asked)
        return taken


def _as_exception(error: BaseException) -> Exception:
    return error if isinstance(error, Exception) else RuntimeError(repr(error))
