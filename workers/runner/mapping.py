"""An event source mapping at work: poller, dispatcher, handler threads and committer.

A handler thread that finds no batch ready polls for more, unless another one does: records stay
on the thread that fetched them, and a quick handler costs no change of threads. A slow one does
not stop the polls: the run's own thread looks in from time to time, and polls where nobody does.
Whoever polls commits, too: before each poll, and between quick batches from time to time.
"""

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from types import TracebackType
from typing import Self

from aws_lambda_powertools.logging import Logger

from workers.record import Record
from workers.runner.batch import Batch
from workers.runner.commit import Committer
from workers.runner.deliver import Deliverer
from workers.runner.dispatcher import Dispatcher
from workers.runner.lane import Lane
from workers.runner.poller import Poller
from workers.runner.retry import Backoff
from workers.runner.settings import MappingSettings
from workers.runner.stats import Stats
from workers.runner.stop import Stop

# How long a slow handler may keep its source from being polled.
_WATCH_SECONDS = 0.2
_WAIT_SECONDS = 0.2


class Mapping:
    """Runs the records of a poller through a handler, and moves positions after success."""

    def __init__(
        self,
        settings: MappingSettings,
        poller: Poller,
        deliverer: Deliverer,
        stats: Stats,
        stop: Stop,
        log: Logger,
    ) -> None:
        window = settings.maximum_batching_window_in_seconds
        self._window = poller.window if window is None else window
        self._settings = settings
        self._poller = poller
        self._deliverer = deliverer
        self._backoff = Backoff(settings.retry_backoff_seconds, settings.retry_backoff_max_seconds)
        self._broken: BaseException | None = None
        self._polling = threading.Lock()
        self._finished = threading.Event()
        self.dispatcher = Dispatcher()
        self.committer = Committer(self.dispatcher, poller.commit, stats, log)
        self.stats = stats
        self.stop = stop
        self.log = log

    def run(self) -> None:
        """Poll until it is time to stop, then drain, commit and leave. Raises what broke it."""
        with self:
            while not self._finished.wait(_WATCH_SECONDS):
                self._turn(self._poll, 0.0)
            if self._broken is not None:
                raise self._broken

    def open_lane(self, name: str) -> Lane:
        """Begin an assignment."""
        lane = Lane(name, self._settings, self._window)
        self.dispatcher.open(lane)
        return lane

    def feed(self, lane: Lane, records: Sequence[Record]) -> bool:
        """Hand over records that were polled for a lane.

        Returns:
            False where the limit on all records cut some off: then feed this lane no more.
        """
        with self.stop.claim(len(records)) as granted:
            if granted:
                self.stats.add(polled=granted)
                self.dispatcher.feed(lane, records[:granted])
        return granted == len(records)

    def release(self, lanes: Iterable[Lane]) -> None:
        """Give lanes back: no new batch, wait for the running ones, commit what is done."""
        lanes = list(lanes)
        deadline = time.monotonic() + self._settings.drain_timeout_seconds
        self.dispatcher.stop(lanes)
        if not self.dispatcher.wait_landed(lanes, deadline):
            self.log.warning("drain timed out: what is in flight will be delivered again")
        self.committer.flush_until(deadline, lanes)
        self.dispatcher.close(lanes)

    def abandon(self, lanes: Iterable[Lane]) -> None:
        """Forget lanes that were lost: another consumer may have them, so commit nothing."""
        self.dispatcher.close(lanes)

    def __enter__(self) -> Self:
        self._poller.start(self)
        for number in range(self._settings.function_concurrency):
            self._start(f"handler-{number}", self._work)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.dispatcher.end()
        with self._polling:
            self.release(self.dispatcher.lanes())
            self._poller.close()

    def _start(self, name: str, target: Callable[[], None]) -> None:
        # Daemons: a handler that hangs must not keep the process from ending after its drain.
        threading.Thread(target=self._guard, args=(target,), name=name, daemon=True).start()

    def _guard(self, target: Callable[[], None]) -> None:
        try:
            target()
        except BaseException as error:  # noqa: BLE001 - raised again by `run`, on its thread
            self._broken = error
            self._finished.set()

    def _work(self) -> None:
        while not self.dispatcher.ended:
            taken = self.dispatcher.take()
            if taken is not None:
                self._attempt(*taken)
                if self.committer.due:
                    self._turn(self.committer.flush_if_needed)
            elif not self._turn(self._poll, _WAIT_SECONDS):
                self.dispatcher.wait(_WAIT_SECONDS)

    def _attempt(self, lane: Lane, batch: Batch) -> None:
        self._deliverer.attempt(batch)
        self.dispatcher.settle(lane, batch, self._backoff.delay)
        if batch.open:
            self.log.warning("retrying", lane=lane.name, open=len(batch.open), attempt=batch.tries)

    def _poll(self, wait: float) -> None:
        self.committer.flush_if_needed()
        self._poller.poll(wait)
        self.committer.flush_if_needed()
        if self.stop.due(ready=self._poller.ready, idle=self.dispatcher.idle):
            self._finished.set()

    def _turn(self, act: Callable[..., None], *args: float) -> bool:
        """Do what one thread at a time may do. Returns False where another one is at it."""
        if not self._polling.acquire(blocking=False):
            return False
        try:
            if not self.dispatcher.ended:
                act(*args)
        finally:
            self._polling.release()
        return True
