"""When a runner stops by itself: asked to, after so many records, or after a time with nothing."""

import faulthandler
import signal
import threading
import time
from collections.abc import Callable

from headrace.forks import let_sigterm_end_forks

_ONE_SIGNAL_SECONDS = 0.2  # so long, what comes again is the first one still


class Stop:
    """The conditions under which the poll loop ends.

    Args:
        max_records: hand over this many records, then stop once they are done; None: no limit.
        when_idle: stop after so many seconds without a record, once all earlier ones are done.

    Attributes:
        when_idle: as given.
    """

    def __init__(self, max_records: int | None = None, when_idle: float | None = None) -> None:
        self._requested = threading.Event()
        self._lock = threading.Lock()
        self._left = max_records
        self.when_idle = when_idle
        self._last_seen: float | None = None

    def request(self) -> None:
        """Stop as soon as possible."""
        self._requested.set()

    def wait(self, seconds: float) -> None:
        """Wait for so long, or until someone asks to stop."""
        self._requested.wait(seconds)

    @property
    def requested(self) -> bool:
        """Return whether someone asked to stop."""
        return self._requested.is_set()

    @property
    def exhausted(self) -> bool:
        """Return whether all records were handed over that may be."""
        return self._left == 0

    def claim(self, count: int) -> "Claim":
        """Return a context that grants some of `count` further records, to be handed over in it.

        Holds the lock until they are fed, so that `due` cannot see an idle runner in between.
        """
        return Claim(self, count)

    def _grant(self, count: int) -> int:
        self._last_seen = time.monotonic()
        if self._left is None:
            return count
        granted = min(count, self._left)
        self._left -= granted
        return granted

    def due(self, *, ready: bool, idle: Callable[[], bool]) -> bool:
        """Return whether to stop now.

        Args:
            ready: the source has given its first assignment; the idle time starts then.
            idle: whether all that was handed over is done and committed.
        """
        if self.requested:
            return True
        if self.when_idle is None and self._left != 0:  # whether it is idle is not asked for
            return False
        with self._lock:
            is_idle, now = idle(), time.monotonic()
            if not is_idle or not ready or self._last_seen is None:
                self._last_seen = now
            if is_idle and self._left == 0:
                return True
            return self.when_idle is not None and now - self._last_seen >= self.when_idle


class Claim:
    """What `Stop.claim` returns: a class, since a generator takes longer for every fetch."""

    __slots__ = ("_count", "_stop")

    def __init__(self, stop: Stop, count: int) -> None:
        self._stop = stop
        self._count = count

    def __enter__(self) -> int:
        """Return how many records are granted."""
        self._stop._lock.acquire()
        return self._stop._grant(self._count)

    def __exit__(self, *_: object) -> None:
        self._stop._lock.release()


def stop_on_signals(stop: Stop, *, second_ends: bool = True, within: float | None = None) -> None:
    """Let SIGTERM and SIGINT end the run in order.

    Args:
        stop: is asked to.
        second_ends: whether a second one ends the process at once. Not one of the same moment, as
            `timeout` signals what it started and then its group; nor any of a member: a service
            manager may signal all processes, and the supervisor signals the members, too.
        within: seconds after which the process ends at once, with code 1 and saying where each of
            its threads stands: a `setup`, a `close` or a thread of the worker may hang. None: it
            may take for ever.
    """
    numbers = (signal.SIGTERM, signal.SIGINT)

    def end(*_: object) -> None:
        stop.request()
        if within is not None:
            faulthandler.dump_traceback_later(within, exit=True)
        if not second_ends:
            return
        handle_by(lambda *_: None)
        time.sleep(_ONE_SIGNAL_SECONDS)
        handle_by(signal.SIG_DFL)  # so the second needs no interpreter, wherever that may hang

    def handle_by(action: Callable[..., None] | signal.Handlers) -> None:
        for number in numbers:
            signal.signal(number, action)

    handle_by(end)
    let_sigterm_end_forks()
