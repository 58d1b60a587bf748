"""The handler threads of a mapping, by the pattern of leader and followers.

A handler thread that finds no batch ready polls for more, unless another one does: records stay
on the thread that fetched them, and a quick handler costs no change of threads. A slow one does
not stop the polls: the run's own thread looks in from time to time, and polls if nobody does. So
the next records are there when the handler has done with these.
Whoever polls is the leader and commits, too: before each poll, and between quick batches.
"""

import threading
import time
from collections.abc import Callable

from headrace.runner.committer import Committer
from headrace.runner.dispatch.dispatcher import Dispatcher
from headrace.runner.dispatch.taken import Taken

# How long a slow handler may keep its source from being polled.
_LOOK_IN_SECONDS = 0.01
# How long to look away from somebody who waits in a poll.
_LOOK_AWAY_SECONDS = 0.1
_WAIT_SECONDS = 0.2


class HandlerThreads:
    """Threads that take batches from a dispatcher, attempt them, and poll if none is ready.

    Args:
        size: how many there are.
        dispatcher: hands the batches out. Once it has ended, nobody polls or commits here.
        committer: commits what is done.
        attempt: makes one attempt at a batch.
        poll: polls the source, waiting up to so many seconds; by one thread at a time.

    Attributes:
        polling: held by whoever polls or commits.
    """

    def __init__(
        self,
        size: int,
        dispatcher: Dispatcher,
        committer: Committer,
        attempt: Callable[[Taken], None],
        poll: Callable[[float], None],
    ) -> None:
        self.polling = threading.Lock()
        self._size = size
        self._dispatcher = dispatcher
        self._committer = committer
        self._attempt = attempt
        self._poll = poll
        self._over = threading.Event()
        self._polled_at = 0.0
        self._broken: BaseException | None = None

    def start(self) -> None:
        """Start the threads."""
        for number in range(self._size):
            # Daemons: a handler that hangs must not keep the process from ending after its drain.
            threading.Thread(target=self._guard, name=f"handler-{number}", daemon=True).start()

    def run(self) -> None:
        """Poll if no thread does, until it is time to end. Raises what broke a thread."""
        pause = _LOOK_IN_SECONDS
        while not self._over.wait(pause):
            pause = _LOOK_IN_SECONDS if self._looks_in() else _LOOK_AWAY_SECONDS
        if self._broken is not None:
            raise self._broken

    def end_run(self) -> None:
        """Let `run` return."""
        self._over.set()

    def attempt_next(self) -> bool:
        """Attempt the batch whose turn it is. Returns False if none is ready."""
        taken = self._dispatcher.take()
        if taken is None:
            return False
        if self._size > 1 and not self.polling.locked():
            self._dispatcher.wake()  # somebody may poll beside this batch
        self._attempt(taken)
        if self._committer.due:
            self._as_leader(self._committer.flush_if_needed)
        return True

    def poll(self, wait: float) -> bool:
        """Poll, waiting up to `wait` seconds. Returns False at once if another thread polls."""
        polled = self._as_leader(self._poll, wait)
        if polled:
            self._polled_at = time.monotonic()
        return polled

    def _looks_in(self) -> bool:
        """Poll if nobody does. Returns False if somebody is at it."""
        if self.polling.locked():
            return False
        if time.monotonic() - self._polled_at >= _LOOK_IN_SECONDS:
            self.poll(0.0)
        return True

    def _guard(self) -> None:
        try:
            self._work()
        except BaseException as error:  # noqa: BLE001 - raised again by `run`, on its thread
            self._broken = error
            self._over.set()

    def _work(self) -> None:
        while not self._dispatcher.ended:
            if not self.attempt_next() and not self.poll(_WAIT_SECONDS):
                self._dispatcher.wait(_WAIT_SECONDS)

    def _as_leader(self, act: Callable[..., None], *args: float) -> bool:
        """Run `act` while holding the polling lock. Returns False if another thread holds it."""
        if not self.polling.acquire(blocking=False):
            return False
        try:
            if not self._dispatcher.ended:
                act(*args)
        finally:
            self.polling.release()
        return True
