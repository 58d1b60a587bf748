"""A worker on an in-memory topic, under the real dispatcher, committer and retry rules."""

from collections.abc import Callable, Collection, Iterable
from contextlib import ExitStack
from typing import Any

from headrace.record import Record
from headrace.runner.kafka.poller import KafkaPoller
from headrace.runner.kafka.starting_position import starting_time
from headrace.testing.clock import VirtualClock
from headrace.testing.given_settings import memory_settings
from headrace.testing.memory_consumer import MemoryConsumer
from headrace.testing.memory_topic import MemoryTopic
from headrace.testing.records import GivenKey, kafka_records
from headrace.testing.runner_life import RunnerLife
from headrace.testing.stream_view import StreamView
from headrace.testing.watched import Killed, Watch, open_watched


class StreamRun(StreamView):
    """A runner whose topic is in memory, and whose time passes only while it waits.

    Everything between the topic and the worker is what runs in production. Hours of retries take
    no time, and a test does the same each time that it runs.

    Args:
        handler: a worker's class, or a function of an event and a context.
        partitions: how many the topic has.
        dead_letters: whether there is a destination for records that are rejected or given up.
        settings: settings of the worker and of the runner by name, such as `batch_size=10`.

    Attributes:
        clock: the time; `clock.now += 60` lets a minute pass.

    Raises:
        TypeError: there is no such setting, or it has no place here, or the handler is none.
        SettingsError: a run would refuse these settings; says why.
    """

    def __init__(
        self, handler: Any, /, *, partitions: int = 1, dead_letters: bool = True, **settings: Any
    ) -> None:
        if not callable(handler):
            raise TypeError(f"{handler!r} is neither a worker's class nor a function")
        self._settings = memory_settings({"log_level": "ERROR"} | settings, dead_letters)
        self._handler = handler
        self._watch = Watch()
        super().__init__(self._make_topic(partitions), self._watch.delivered)
        self._destination = self._letters if dead_letters else None
        self._life: RunnerLife | None = None
        self.clock = VirtualClock()
        self.restart()

    def produce(
        self,
        values: Iterable[Any],
        key: GivenKey = None,
        *,
        partition: int | None = None,
        gap: int = 0,
    ) -> list[Record]:
        """Append values to the topic. Returns them as records.

        Args:
            values: plain values; of a Record, key, value, headers and timestamp are taken.
            key: the key of every plain value, or a function that finds a value's key.
            partition: where to; by default each key has a partition, and what has no key goes to
                one partition after the other.
            gap: how many offsets to leave out before each record, as compaction does.
        """
        written_at = int(self.clock.since_epoch() * 1000)
        return [
            self._topic.produce(
                record.value,
                record.key,
                partition,
                gap,
                headers=record.headers,
                timestamp=record.timestamp,
            )
            for record in kafka_records(values, key, timestamp=written_at)
        ]

    def run(self, batches: int | None = None, *, seconds: float = 3600.0) -> bool:
        """Poll and process until everything that the runner may read is done and committed.

        Args:
            batches: end after so many attempts at a batch.
            seconds: end before more time than this has passed on the run's clock. It passes while
                records wait for a batch to fill, or for their next attempt.

        Returns:
            whether everything is done and committed.
        """
        life, until, attempts = self._living(), self.clock.now + seconds, 0
        self._poll(life)
        while batches is None or attempts < batches:
            try:
                attempted = life.attempt_next()
            except Killed:
                self._end()
                return False
            attempts += attempted
            if not attempted and not self._poll(life):
                if life.is_idle:
                    return True
                if not life.rest(until):
                    return False
        return life.is_idle

    def kill_at(self, is_deadly: Callable[[Record], bool]) -> None:
        """Have the runner die, once, the moment that the worker is given a certain record.

        Args:
            is_deadly: tells whether it is this record.
        """
        self._watch.is_deadly = is_deadly

    def kill(self) -> None:
        """End the runner as a crash does: what it has not committed will come again."""
        self._living()
        self._watch.killed = True
        self._end()

    def stop(self) -> None:
        """End the runner as a signal does: it commits what is done, and leaves the group."""
        self._living().leave()
        self._end()

    def restart(self) -> None:
        """Start the runner again, after it was killed or stopped."""
        if self._life is not None:
            raise RuntimeError("the runner runs: kill or stop it first")
        self._consumer = self._join()
        self._opened = ExitStack()
        watched = self._opened.enter_context(
            open_watched(self._handler, self._settings, self._sink, self._destination, self._watch)
        )
        self._life = RunnerLife(
            self._open_poller(),
            watched.invoke,
            self._destination,
            self._settings.mapping,
            self.clock,
            isolates=watched.isolates,
        )

    def revoke(self, *partitions: int) -> None:
        """Take partitions (all, if none is named) away in order: what is done is committed."""
        self._consumer.revoke(self._named(partitions))
        self._poll(self._living())

    def lose(self, *partitions: int) -> None:
        """Take partitions (all, if none is named) away at once: nothing more is committed."""
        self._consumer.lose(self._named(partitions))
        self._poll(self._living())

    def assign(self, *partitions: int) -> None:
        """Give partitions (all, if none is named) back that were taken away."""
        self._consumer.assign(self._named(partitions))
        self._poll(self._living())

    def _named(self, partitions: Collection[int]) -> Collection[int]:
        """Return the partitions that are named, or all. Raises ValueError if one is not there."""
        self._topic.check(*partitions)
        return partitions or self._topic.partitions

    def _make_topic(self, partitions: int) -> MemoryTopic:
        return MemoryTopic(partitions)

    def _join(self) -> MemoryConsumer:
        return MemoryConsumer(self._topic)

    def _open_poller(self) -> KafkaPoller:
        mapping = self._settings.mapping
        begin_at = starting_time(mapping)
        return KafkaPoller(self._consumer, self._topic.name, mapping.records_per_batch, begin_at)

    def _living(self) -> RunnerLife:
        if self._life is None:
            raise RuntimeError("the runner does not run: restart it first")
        return self._life

    def _end(self) -> None:
        self._life = None
        self._opened.close()

    def _poll(self, life: RunnerLife) -> bool:
        """Poll. Returns whether anything came of it, or will come of the next poll."""
        before = self._consumer.positions.copy()
        life.poll(self._consumer.patience)
        came = before != self._consumer.positions or not self._consumer.is_settled
        return came or life.is_ready
