"""An event source mapping at work: poller, dispatcher, handler threads and committer."""

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from types import TracebackType
from typing import Protocol, Self

from aws_lambda_powertools.logging import Logger

from workers.record import Record
from workers.runner.commit import RETRY_SECONDS, Committer
from workers.runner.deliver import Deliverer
from workers.runner.dispatcher import Dispatcher
from workers.runner.lane import Lane
from workers.runner.retry import Backoff
from workers.runner.settings import MappingSettings
from workers.runner.stats import Stats
from workers.runner.stop import Stop


class Poller(Protocol):
    """The stream's side of a mapping.

    Attributes:
        ready: whether the source has given its first assignment.
        window: the batching window that the service takes where none is set, in seconds.
    """

    ready: bool
    window: float

    def start(self, mapping: "Mapping") -> None:
        """Begin to open lanes on the mapping and to feed them."""
        ...

    def poll(self) -> None:
        """Feed what has come, and wait a little where nothing has; called without a pause.

        Returns early once a lane stands still for want of a commit, where that can be seen.
        """
        ...

    def commit(self, records: Sequence[Record]) -> None:
        """Make the positions of these records durable, and wait for it; raise where not."""
        ...

    def close(self) -> None:
        """Leave the source. All commits have been made."""
        ...


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
        self.dispatcher = Dispatcher()
        self.committer = Committer(self.dispatcher, poller.commit, stats, log)
        self.stats = stats
        self.stop = stop
        self.log = log

    def run(self) -> None:
        """Poll until it is time to stop, then drain, commit and leave. Raises what broke it."""
        with self:
            self._poller.start(self)
            while not self.stop.due(ready=self._poller.ready, idle=self.dispatcher.idle()):
                self._poller.poll()
                if not self.committer.flush():
                    self.stop.wait(RETRY_SECONDS)
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
        granted = self.stop.claim(len(records))
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
        for number in range(self._settings.function_concurrency):
            self._start(f"handler-{number}", self._handle)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release(self.dispatcher.lanes())
        self.dispatcher.end()
        self._poller.close()

    def _start(self, name: str, target: Callable[[], None]) -> None:
        # Daemons: a handler that hangs must not keep the process from ending after its drain.
        threading.Thread(target=self._guard, args=(target,), name=name, daemon=True).start()

    def _guard(self, target: Callable[[], None]) -> None:
        try:
            target()
        except BaseException as error:  # noqa: BLE001 - raised again by `run`, on its thread
            self._broken = error

    def _handle(self) -> None:
        while (taken := self.dispatcher.take()) is not None:
            lane, batch = taken
            self._deliverer.attempt(batch)
            self.dispatcher.settle(lane, batch, self._backoff.delay)
            if batch.open:
                self.log.warning(
                    "retrying", lane=lane.name, open=len(batch.open), attempt=batch.tries
                )
