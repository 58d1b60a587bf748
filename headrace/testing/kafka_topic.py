"""A topic on a broker, as a test uses it."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

from confluent_kafka import (
    OFFSET_BEGINNING,
    Consumer,
    KafkaError,
    KafkaException,
    Message,
    Producer,
    TopicPartition,
)

from headrace.kafka.records import to_records
from headrace.record import Record
from headrace.runner.compose import run
from headrace.runner.kafka.settings import KafkaSource
from headrace.runner.monitoring.stats import Snapshot, Stats
from headrace.runner.stop import Stop
from headrace.testing.bounded_run import QUICK, run_until_done
from headrace.testing.brokers.process import BrokerError
from headrace.testing.given_settings import all_settings
from headrace.testing.opened import opened
from headrace.testing.records import GivenKey, kafka_records
from headrace.worker import Worker

T = TypeVar("T")

_SECONDS = 30.0
_ANY = -1  # the client chooses a partition


class Topic:
    """A topic, to write to, to run a worker on and to read from.

    Args:
        bootstrap: the broker's address.
        name: the topic's name.
        partitions: how many partitions it has.
        consumer_config: further settings of the groups that read it.

    Attributes:
        name: the topic's name.
        partitions: how many partitions it has.
        url: the topic as a sink, for `sink_url` and `dead_letter_url`.
    """

    def __init__(
        self, bootstrap: str, name: str, partitions: int, consumer_config: Mapping[str, str]
    ) -> None:
        self.name = name
        self.partitions = partitions
        self.url = f"kafka://{bootstrap}/{name}"
        self._bootstrap = bootstrap
        self._consumer_config = dict(consumer_config)

    def produce(
        self, values: Iterable[Any], key: GivenKey = None, *, partition: int | None = None
    ) -> None:
        """Write values, and wait until the broker has them all.

        Args:
            values: plain values; of a Record, key, value and headers are written.
            key: the key of every plain value, or a function that finds a value's key.
            partition: where to write; by default as Kafka's clients choose by the key.
        """
        refused: list[object] = []
        producer = Producer({"bootstrap.servers": self._bootstrap})
        for record in kafka_records(values, key):
            producer.produce(
                self.name,
                record.value,
                record.key,
                headers=list(record.headers),
                on_delivery=lambda error, _: refused.append(error) if error else None,
                partition=_ANY if partition is None else partition,
            )
        left = producer.flush(_SECONDS)
        if left or refused:
            raise BrokerError(f"the broker did not take {left + len(refused)} records: {refused}")

    def records(self) -> list[Record]:
        """Read all that the topic holds now, partition by partition."""
        return [
            record for partition in range(self.partitions) for record in self._records(partition)
        ]

    def committed(self, group: str | None = None) -> dict[int, int]:
        """Return a group's position in each partition: the next offset to read.

        Args:
            group: its name; by default the group of `run`. A partition without a position is
                left out.
        """
        places = [TopicPartition(self.name, number) for number in range(self.partitions)]
        with self._consumer(group) as consumer:
            found = _patiently(lambda: consumer.committed(places, timeout=_SECONDS))
        return {place.partition: place.offset for place in found if place.offset >= 0}

    def run(
        self,
        worker: type[Worker],
        *,
        group: str | None = None,
        seconds: float = _SECONDS,
        **settings: Any,
    ) -> Snapshot:
        """Run a worker on the topic until all that it holds now is done and committed.

        Args:
            worker: the class of the worker.
            group: the consumer group; by default one of the topic's own.
            seconds: the longest time to wait.
            settings: settings of the worker and of the runner by name, such as
                `dead_letter_url=letters.url, batch_size=10`.

        Returns:
            the runner's counts, such as `polled`, `done` and `dead_lettered`.

        Raises:
            TimeoutError: it was not done in time; the text says how far it came.
            TypeError: there is no such setting, or its value is wrong.
        """
        chosen = all_settings(QUICK | settings)
        source = KafkaSource(
            bootstrap_servers=self._bootstrap,
            topic=self.name,
            group=group or self.name,
            consumer_config=self._consumer_config,
        )
        with opened(worker, chosen.worker, None, None) as handler:

            def runner(stats: Stats, stop: Stop) -> None:
                run(handler, source, chosen.mapping, stats=stats, stop=stop)

            return run_until_done(runner, self._left(group), seconds)

    def _left(self, group: str | None) -> int:
        """Count the records that a group has not done."""
        done = self.committed(group)
        ranges = [self._range(partition) for partition in range(self.partitions)]
        return sum(high - max(low, done.get(n, low)) for n, (low, high) in enumerate(ranges))

    def _records(self, partition: int) -> list[Record]:
        messages: list[Message] = []
        with self._consumer() as consumer:
            consumer.assign([TopicPartition(self.name, partition, OFFSET_BEGINNING)])
            while True:
                message = consumer.poll(_SECONDS)
                if message is None:
                    raise BrokerError(f"no answer about {self.name} from {self._bootstrap}")
                error = message.error()
                if error is None:
                    messages.append(message)
                elif error.code() == KafkaError._PARTITION_EOF:
                    return to_records(messages).records
                else:
                    raise KafkaException(error)

    def _range(self, partition: int) -> tuple[int, int]:
        with self._consumer() as consumer:
            place = TopicPartition(self.name, partition)
            low, high = consumer.get_watermark_offsets(place, timeout=_SECONDS)
        return low, high

    @contextmanager
    def _consumer(self, group: str | None = None) -> Iterator[Consumer]:
        consumer = Consumer(
            {
                "bootstrap.servers": self._bootstrap,
                "group.id": group or self.name,
                "enable.auto.commit": False,
                "enable.partition.eof": True,
                "fetch.wait.max.ms": 10,
                "log_level": 0,
            }
        )
        try:
            yield consumer
        finally:
            consumer.close()


def _patiently(ask: Callable[[], T]) -> T:
    """Ask again while a broker that has just started looks for the group's coordinator."""
    deadline = time.monotonic() + _SECONDS
    while True:
        try:
            return ask()
        except KafkaException:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
