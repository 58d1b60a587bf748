"""An event source mapping at work: poller, filter, dispatcher, handler threads and committer."""

import time
from collections.abc import Iterable, Sequence
from types import TracebackType
from typing import Self

from headrace.log import Log
from headrace.record import Record
from headrace.runner.committer import Committer
from headrace.runner.delivery.deliver import Deliverer
from headrace.runner.delivery.limits import Backoff
from headrace.runner.dispatch.batch import Batch
from headrace.runner.dispatch.dispatcher import Dispatcher
from headrace.runner.dispatch.key_group import Strand
from headrace.runner.dispatch.partition import Lane
from headrace.runner.filter.filter import Filter, Source
from headrace.runner.handler_threads import Crew
from headrace.runner.monitoring.health import LIVE_SECONDS
from headrace.runner.monitoring.stats import Stats
from headrace.runner.poller import Poller
from headrace.runner.settings import MappingSettings
from headrace.runner.stop import Stop


class Mapping:
    """Runs the records of a poller through a handler, and moves positions after success.

    Args:
        settings: of the mapping.
        poller: brings the records.
        deliverer: takes batches to the handler.
        stats: counts what happens.
        stop: says when to end.
        log: is told what is out of the ordinary.
        source: whose rules of filters and of batching windows hold.

    Raises:
        SettingsError: a filter pattern is none.
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
        source: Source = "kafka",
    ) -> None:
        window = settings.maximum_batching_window_in_seconds
        self._window = poller.window if window is None else window
        self._settings = settings
        self._rolling = source == "kinesis"
        self._filter = Filter.parse(settings.filter_criteria, source)
        self._poller = poller
        self._deliverer = deliverer
        self._backoff = Backoff(settings.retry_backoff_seconds, settings.retry_backoff_max_seconds)
        self.dispatcher = Dispatcher()
        self.committer = Committer(self.dispatcher, poller.commit, stats, log)
        # With fewer, one partition could not have all the batches in work that it may.
        size = max(settings.function_concurrency, settings.parallelization_factor)
        self._crew = Crew(size, self.dispatcher, self.committer, self._attempt, self._poll)
        self.stats = stats
        self.stats.watch(self.dispatcher.status)
        self.stop = stop
        self.log = log

    def run(self) -> None:
        """Poll until it is time to stop, then drain, commit and leave. Raises what broke it."""
        with self:
            self._crew.watch()

    def open_lane(self, name: str) -> Lane:
        """Begin an assignment."""
        lane = Lane(name, self._settings, self._window, rolling=self._rolling)
        self.dispatcher.open(lane)
        return lane

    def feed(self, lane: Lane, records: Sequence[Record]) -> bool:
        """Hand over records that were polled for a lane.

        Returns:
            False where the limit on all records cut some off: then feed this lane no more.
        """
        passed = self._filter(records)
        with self.stop.claim(len(records)) as granted:
            if granted:
                passed = None if passed is None else passed[:granted]
                out = 0 if passed is None else passed.count(False)
                self.stats.add(polled=granted, filtered_out=out)
                self.dispatcher.feed(lane, records[:granted], passed)
        if self.stop.exhausted:
            self.dispatcher.hurry()
        return granted == len(records)

    def release(self, lanes: Iterable[Lane]) -> None:
        """Give lanes back: no new batch, wait for the running ones, commit what is done."""
        self._release(list(lanes), time.monotonic() + self._settings.drain_timeout_seconds)

    def abandon(self, lanes: Iterable[Lane]) -> None:
        """Forget lanes that were lost: another consumer may have them, so commit nothing."""
        self.dispatcher.close(lanes)

    def live(self) -> bool:
        """Whether the source is still being polled. A drain, or a commit, may take its time."""
        return self.stats.poll_age() < LIVE_SECONDS + self._settings.drain_timeout_seconds

    def ready(self) -> bool:
        """Whether records are taken: from the first assignment until the drain."""
        return self._poller.ready and not self.dispatcher.ended and not self.stop.requested

    def _release(self, lanes: Sequence[Lane], deadline: float) -> None:
        self.dispatcher.stop(lanes)
        if not self.dispatcher.wait_landed(lanes, deadline):
            self.log.warning("drain timed out: what is in flight will be delivered again")
        self.committer.flush_until(deadline, lanes)
        self.dispatcher.close(lanes)

    def __enter__(self) -> Self:
        self._poller.start(self)
        self._crew.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        deadline = time.monotonic() + self._settings.drain_timeout_seconds
        self.dispatcher.end()
        with self._crew.polling:  # where a revocation drains, it began earlier and ends earlier
            self._release(self.dispatcher.lanes(), deadline)
            self._poller.close()

    def _attempt(self, strand: Strand, batch: Batch) -> None:
        self._deliverer.attempt(batch)
        self.dispatcher.settle(strand, batch, self._backoff.delay)
        if batch.open and batch.tries:  # not where a part is next that was not tried by itself
            lane = strand.lane.name
            self.log.warning("retrying", lane=lane, open=len(batch.open), attempt=batch.tries)

    def _poll(self, wait: float) -> None:
        self.committer.flush_if_needed()
        self.stats.beat()
        self._poller.poll(wait)
        self.committer.flush_if_needed()
        if self.stop.due(ready=self._poller.ready, idle=self.dispatcher.idle):
            self._crew.finish()
