"""The handler threads of a mapping, which poll by turns.

A handler thread that finds no batch ready polls for more, unless another one does: records stay
on the thread that fetched them, and a quick handler costs no change of threads. A slow one does
not stop the polls: the run's own thread looks in from time to time, and polls where nobody does.
Whoever polls commits, too: before each poll, and between quick batches from time to time.
"""

import threading
from collections.abc import Callable

from headrace.runner.committer import Committer
from headrace.runner.dispatch.batch import Batch
from headrace.runner.dispatch.dispatcher import Dispatcher
from headrace.runner.dispatch.key_group import Strand

# How long a slow handler may keep its source from being polled.
_WATCH_SECONDS = 0.2
_WAIT_SECONDS = 0.2


class Crew:
    """Threads that take batches from a dispatcher, attempt them, and poll where none is ready.

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
        attempt: Callable[[Strand, Batch], None],
        poll: Callable[[float], None],
    ) -> None:
        self.polling = threading.Lock()
        self._size = size
        self._dispatcher = dispatcher
        self._committer = committer
        self._attempt = attempt
        self._poll = poll
        self._finished = threading.Event()
        self._broken: BaseException | None = None

    def start(self) -> None:
        """Start the threads."""
        for number in range(self._size):
            # Daemons: a handler that hangs must not keep the process from ending after its drain.
            threading.Thread(target=self._guard, name=f"handler-{number}", daemon=True).start()

    def watch(self) -> None:
        """Poll where no thread does, until it is time to end. Raises what broke a thread."""
        while not self._finished.wait(_WATCH_SECONDS):
            self._turn(self._poll, 0.0)
        if self._broken is not None:
            raise self._broken

    def finish(self) -> None:
        """Let `watch` return."""
        self._finished.set()

    def _guard(self) -> None:
        try:
            self._work()
        except BaseException as error:  # noqa: BLE001 - raised again by `watch`, on its thread
            self._broken = error
            self._finished.set()

    def _work(self) -> None:
        while not self._dispatcher.ended:
            taken = self._dispatcher.take()
            if taken is not None:
                if not self.polling.locked():
                    self._dispatcher.wake()  # somebody may poll beside this batch
                self._attempt(*taken)
                if self._committer.due:
                    self._turn(self._committer.flush_if_needed)
            elif not self._turn(self._poll, _WAIT_SECONDS):
                self._dispatcher.wait(_WAIT_SECONDS)

    def _turn(self, act: Callable[..., None], *args: float) -> bool:
        """Do what one thread at a time may do. Returns False where another one is at it."""
        if not self.polling.acquire(blocking=False):
            return False
        try:
            if not self._dispatcher.ended:
                act(*args)
        finally:
            self.polling.release()
        return True
