"""The way into a mapping: what a poller calls (`headrace.runner.poller.Intake`)."""

import math
import time
from collections.abc import Callable, Iterable, Mapping, Sequence

from headrace.log import Log
from headrace.record import Record
from headrace.runner.committer import Committer
from headrace.runner.delivery.limits import UnreadableRecord
from headrace.runner.demand import ChannelState, Demand
from headrace.runner.dispatch.dispatcher import Dispatcher
from headrace.runner.dispatch.partition import Partition
from headrace.runner.filter.filter import Filter
from headrace.runner.monitoring.stats import Counts, Stats
from headrace.runner.protocol.payload import size
from headrace.runner.settings import SHARDED, MappingSettings, SourceKind
from headrace.runner.stop import Stop


class MappingIntake:
    """Opens partitions, filters what is fed to them, and ends them in order.

    Args:
        settings: of the mapping.
        window: how long a batch may wait to fill, in seconds.
        source: whose rules of filters and of batching windows hold.
        dispatcher: takes the records.
        committer: commits what is done at the end of an assignment.
        stats: counts what happens.
        stop: says how many records may come.
        log: is told what is out of the ordinary.
        clock: tells the time, in seconds.

    Raises:
        SettingsError: A filter pattern is not one.
    """

    def __init__(
        self,
        settings: MappingSettings,
        window: float,
        source: SourceKind,
        dispatcher: Dispatcher,
        committer: Committer,
        stats: Stats,
        stop: Stop,
        log: Log,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._clock = clock
        self.log = log
        self._settings = settings
        self._window = window
        self._rolling = source in SHARDED
        self._filter = Filter.parse(settings.filter_criteria, source)
        self._dispatcher = dispatcher
        self._committer = committer
        self._stats = stats
        self._stop = stop

    def open(self, name: str) -> Partition:
        """Begin an assignment."""
        partition = Partition(name, self._settings, self._window, rolling=self._rolling)
        self._dispatcher.open(partition)
        return partition

    def feed(
        self, channel: Partition, records: Sequence[Record], largest: float = math.inf
    ) -> bool:
        """Hand over records that were polled. Returns False if the limit on all cut some off."""
        passed = self._filter(records)
        with self._stop.claim(len(records)) as granted:
            if granted:
                passed = None if passed is None else passed[:granted]
                out = 0 if passed is None else passed.count(False)
                self._stats.add(Counts(polled=granted, filtered_out=out))
                self._dispatcher.add(channel, records[:granted], passed, largest)
        if self._stop.exhausted:
            self._dispatcher.stop_waiting_to_fill()
        return granted == len(records)

    def feed_unreadable(self, channel: Partition, record: Record, why: str) -> bool:
        """Hand over a record that fails without an invocation. Returns what `feed` returns."""
        with self._stop.claim(1) as granted:
            if granted:
                self._stats.add(Counts(polled=1))
                largest, given_up = size(record), UnreadableRecord(why)
                self._dispatcher.add(channel, [record], None, largest, given_up)
        return bool(granted)

    def release(self, channels: Iterable[Partition]) -> None:
        """Give partitions back: no new batch, wait for the running ones, commit what is done."""
        self.release_until(self._clock() + self._settings.drain_timeout_seconds, list(channels))

    def release_until(self, deadline: float, partitions: Sequence[Partition]) -> bool:
        """Give partitions back, with a deadline on the clock. Returns whether all is committed."""
        self._dispatcher.stop(partitions)
        if not self._dispatcher.wait_settled(partitions, deadline):
            self.log.warning("drain timed out: what is in flight will be delivered again")
        committed = self._committer.flush_until(deadline, partitions)
        self._dispatcher.close(partitions)
        return committed

    def abandon(self, channels: Iterable[Partition]) -> None:
        """Forget partitions: another consumer may have them, so nothing more is committed."""
        self._dispatcher.close(channels)

    def keep_open(self, channel: Partition, *, is_open: bool) -> None:
        """Say whether a partition has an end to come, so that it does not count as idle."""
        channel.has_end_to_come = is_open

    def channels(self) -> list[Partition]:
        """Return all partitions that are open."""
        return self._dispatcher.partitions()

    def state(self, channel: Partition) -> ChannelState:
        """Return where a partition stands."""
        return self._dispatcher.overview.state(channel)

    def demand(self) -> Demand:
        """Return what can be taken now."""
        return self._dispatcher.overview.demand()

    def wait(self, seconds: float) -> None:
        """Wait until a batch may be ready, but at most so many seconds."""
        self._dispatcher.wait(seconds)

    def lost(self, count: int) -> None:
        """Count records that were gone from the source before they were read."""
        self._stats.add(Counts(lost=count))

    def lag(self, records: Mapping[str, int]) -> None:
        """Tell how many records each partition is behind."""
        self._stats.set_lag(dict(records))

    def age(self, milliseconds: Mapping[str, int]) -> None:
        """Tell how many milliseconds each shard is behind."""
        self._stats.set_age(dict(milliseconds))
