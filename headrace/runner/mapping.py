"""An event source mapping at work: poller, filter, dispatcher, handler threads and committer."""

import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

from headrace.log import Log
from headrace.runner.backoff import Backoff
from headrace.runner.committer import Committer, NotCommitted
from headrace.runner.delivery.deliver import Deliverer
from headrace.runner.demand import Demand
from headrace.runner.dispatch.dispatcher import Dispatcher
from headrace.runner.dispatch.retry_times import RetryTimes
from headrace.runner.dispatch.stride import FIRST_ALONE, attempt_all
from headrace.runner.dispatch.taken import Taken
from headrace.runner.handler_threads import HandlerThreads
from headrace.runner.intake import MappingIntake
from headrace.runner.monitoring.stats import Stats
from headrace.runner.poller import Poller
from headrace.runner.retry_notices import RetryNotices, what_ends
from headrace.runner.settings import MappingSettings, SourceKind
from headrace.runner.stop import Stop


class EventSourceMapping:
    """Runs the records of a poller through a handler, and moves positions after success.

    Args:
        settings: of the mapping.
        poller: brings the records.
        deliverer: takes batches to the handler.
        stats: counts what happens.
        stop: says when to end.
        log: is told what is out of the ordinary.
        source: whose rules of filters and of batching windows hold.
        clock: tells the time, in seconds.
        backoff: how long to wait before retries; None: as the settings say.
        strides: whether several batches may be attempted one after the other before what became of
            the first is settled.

    Raises:
        SettingsError: A filter pattern is not one.
    """

    def __init__(
        self,
        settings: MappingSettings,
        poller: Poller,
        deliverer: Deliverer,
        stats: Stats,
        stop: Stop,
        log: Log,
        *,
        source: SourceKind = "kafka",
        clock: Callable[[], float] = time.monotonic,
        backoff: Backoff | None = None,
        strides: bool = True,
    ) -> None:
        window = settings.maximum_batching_window_in_seconds
        window = poller.window if window is None else window
        self._settings = settings
        self._poller = poller
        self._deliverer = deliverer
        self._clock = clock
        backoff = backoff or Backoff(
            settings.retry_backoff_seconds, settings.retry_backoff_max_seconds
        )
        self._times = RetryTimes(backoff, limited=settings.retries(source) >= 0)
        self._strides = strides
        self._notices = RetryNotices(what_ends(settings, source), log, clock)
        self._stats = stats
        self._stop = stop
        # With fewer, one partition could not have all the batches in work that it may.
        threads = max(settings.function_concurrency, settings.parallelization_factor)
        self._dispatcher = Dispatcher(clock, threads)
        self._committer = Committer(self._dispatcher.ledger, poller, stats, log, clock)
        self._intake = MappingIntake(
            settings, window, source, self._dispatcher, self._committer, stats, stop, log, clock
        )
        self._threads = HandlerThreads(
            threads, self._dispatcher, self._committer, self._attempt, self._poll
        )
        stats.watch(self._dispatcher.overview.status)

    def run(self) -> None:
        """Poll until it is time to stop, then drain, commit and leave.

        Raises:
            NotCommitted: what is done could not be committed in the end.
            Exception: what broke it.
        """
        with self:
            self._threads.start()
            self._threads.run()

    def attempt_next(self) -> bool:
        """Attempt the batch whose turn it is, on this thread. Returns False if none is ready."""
        return self._threads.attempt_next()

    def poll(self, wait: float = 0.0) -> None:
        """Poll once, on this thread, waiting up to `wait` seconds; commit what is due."""
        self._threads.poll(wait)

    def demand(self) -> Demand:
        """Return what can be taken now, and when the next batch may be ready."""
        return self._dispatcher.overview.demand()

    def live(self) -> bool:
        """Return whether the source is still polled. A drain, or a commit, may take its time."""
        return self._stats.is_live(self._settings.drain_timeout_seconds)

    def ready(self) -> bool:
        """Return whether records are taken: from the first assignment until the drain."""
        return self._poller.ready and not self._dispatcher.ended and not self._stop.requested

    def __enter__(self) -> Self:
        self._poller.start(self._intake)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        deadline = self._clock() + self._settings.drain_timeout_seconds
        self._dispatcher.end()
        with self._threads.polling:  # if a revocation drains, it began earlier and ends earlier
            committed = self._intake.release_until(deadline, self._dispatcher.partitions())
            self._poller.close()
        if kind is None and not committed:
            raise NotCommitted("not all that is done could be committed: it will come again")

    def _attempt(self, taken: Taken) -> None:
        partition = taken.turn.partition
        attempted = attempt_all(
            taken.batches, self._deliverer.attempt, lambda: partition.stopped, self._clock
        )
        if not self._strides:
            attempted = FIRST_ALONE
        obstacle = self._dispatcher.settle(taken, self._times, attempted)
        self._notices.note(partition.name, obstacle)

    def _poll(self, wait: float) -> None:
        self._committer.flush_if_needed()  # not after the poll: then the handler comes first
        self._stats.beat()
        self._poller.poll(wait)
        if self._stop.due(ready=self._poller.ready, idle=self._is_idle):
            self._threads.end_run()

    def _is_idle(self) -> bool:
        return self._dispatcher.overview.demand().idle
