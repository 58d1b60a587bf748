"""The kit's run, on a real Kafka: the same steps, the same clock; topic and client are real."""

import time
from collections.abc import Iterable, Mapping

from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient

from headrace.log import logger
from headrace.record import KafkaPosition, Record
from headrace.runner.kafka.confluent import open_consumer
from headrace.runner.kafka.consumer import ConsumerError, Fetched, Listener, LogEnd, Records
from headrace.runner.kafka.settings import KafkaSource
from headrace.testing.stream_run import StreamRun

PATIENCE_SECONDS = 30.0
_SILENT = logger("kafka", "CRITICAL")


class RealTopic:
    """A topic of a broker, and what a group has committed on it."""

    def __init__(self, source: KafkaSource, partitions: int) -> None:
        self.name = source.topic
        self.source = source
        self.partitions: dict[int, list[Record]] = {n: [] for n in range(partitions)}
        self._producer = Producer(
            {"bootstrap.servers": source.bootstrap_servers, "linger.ms": 1000, "log_level": 0}
        )
        self._reader = Consumer(
            {
                "bootstrap.servers": source.bootstrap_servers,
                "group.id": source.group,
                "enable.auto.commit": False,
                "log_level": 0,
            }
        )

    @property
    def committed(self) -> dict[int, int]:
        places = [TopicPartition(self.name, number) for number in self.partitions]
        found = self._reader.committed(places, timeout=PATIENCE_SECONDS)
        return {place.partition: place.offset for place in found if place.offset >= 0}

    def produce(self, value, key, partition, gap, *, headers, timestamp) -> Record:
        """Have a record written with the next `flush`: what is flushed together comes together."""
        assert partition is not None
        assert not gap
        log = self.partitions[partition]
        position = KafkaPosition(self.name, partition, len(log))
        log.append(Record("kafka", position, value, key, headers, timestamp))
        self._producer.produce(
            self.name,
            value,
            key,
            partition,
            headers=list(headers),
            timestamp=timestamp,
            on_delivery=_check(position),
        )
        return log[-1]

    def flush(self) -> None:
        assert self._producer.flush(PATIENCE_SECONDS) == 0

    def end(self, partition: int) -> int:
        return len(self.partitions[partition])

    def delete(self) -> None:
        """Delete the topic: a broker with thousands of partitions is slow."""
        admin = AdminClient({"bootstrap.servers": self.source.bootstrap_servers})
        admin.delete_topics([self.name])[self.name].result(PATIENCE_SECONDS)
        self._reader.close()


def _check(position: KafkaPosition):
    def delivered(error, message) -> None:
        assert error is None
        assert message.offset() == position.offset

    return delivered


class TrackedConsumer:
    """The real client, and how far it is: it is settled once it has all that is there.

    Attributes:
        positions: the next offset of each partition that something was read of.
        owned: the partitions that are assigned.
        events: what the group gave and took, in order: ("assign", partitions) and so on.
        dead: it says and hears nothing more.
    """

    def __init__(self, topic: RealTopic) -> None:
        self.positions: dict[int, int] = {}
        self.owned: set[int] = set()
        self.events: list[tuple[str, tuple[int, ...]]] = []
        self.dead = False
        self._topic = topic
        self._real = open_consumer(topic.source, _SILENT)
        self._paused: set[int] = set()
        self._ends: dict[int, int] = {}
        self._out = 0  # commits without an answer

    def __getattr__(self, name: str):
        return getattr(self._real, name)  # what needs no tracking

    @property
    def is_settled(self) -> bool:
        return not self._out and all(
            number in self._paused or self._ends.get(number) == self._topic.end(number)
            for number in self.owned
        )

    @property
    def patience(self) -> float:
        return 0.0 if self.is_settled else 0.02

    def join(self, listener: Listener) -> None:
        self._listener = listener
        self._real.join(Ears(self))

    def fetch(self, most: int, timeout: float) -> list[Fetched]:
        found = self._real.fetch(most, timeout)
        for item in found:
            if isinstance(item, Records):
                self.positions[item.partition] = item.records[-1].position.offset + 1
            elif isinstance(item, LogEnd):
                self._ends[item.partition] = item.offset
        return found

    def pause(self, partitions: Iterable[int]) -> None:
        chosen = set(partitions)
        self._paused |= chosen
        self._real.pause(chosen)

    def resume(self, partitions: Iterable[int]) -> None:
        chosen = set(partitions)
        self._paused -= chosen
        self._real.resume(chosen)

    def read_from(self, offsets: Mapping[int, int], reached: Mapping[int, int | None]) -> None:
        self._paused.clear()
        self._real.read_from(offsets, reached)

    def commit(self, offsets: Mapping[int, int]) -> None:
        if not self.dead:
            self._out += 1
            self._real.commit(offsets)

    def hear(self, event: str, partitions: Iterable[int]) -> None:
        """Note what the group does, and hand it on to the poller."""
        numbers = tuple(partitions)
        self.events.append((event, numbers))
        for number in numbers:
            self._ends.pop(number, None)
        if event == "assign":
            self.owned.update(numbers)
            self._listener.assigned(numbers)
            return
        self.owned.difference_update(numbers)
        if not self.dead:
            (self._listener.revoked if event == "revoke" else self._listener.lost)(numbers)

    def answered(self, offsets: Mapping[int, int], errors: Mapping[int, ConsumerError]) -> None:
        self._out -= 1
        if not self.dead:
            self._listener.committed(offsets, errors)


class Ears:
    """Hears the group for a tracked consumer: a Listener."""

    def __init__(self, tracked: TrackedConsumer) -> None:
        self.assigned = lambda partitions: tracked.hear("assign", partitions)
        self.revoked = lambda partitions: tracked.hear("revoke", partitions)
        self.lost = lambda partitions: tracked.hear("lose", partitions)
        self.committed = tracked.answered


class RealRun(StreamRun):
    """A StreamRun whose topic and client are real."""

    def __init__(self, function, source: KafkaSource, partitions: int, **settings) -> None:
        self._source = source
        super().__init__(function, partitions=partitions, **settings)

    def run(self, batches: int | None = None, *, seconds: float = 3600.0) -> bool:
        self._topic.flush()
        self.wait_for(self._topic.partitions)
        return super().run(batches, seconds=seconds)

    def kill(self) -> None:
        self._consumer.dead = True
        super().kill()
        self._consumer.close()  # so that the group need not wait for the end of its session

    def wait_for(self, partitions: Iterable[int]) -> None:
        """Poll until these partitions are ours, and all that they hold has come."""
        wanted, deadline = set(partitions), time.monotonic() + PATIENCE_SECONDS
        while self._consumer.owned != wanted or not self._consumer.is_settled:
            assert time.monotonic() < deadline, "the group does not settle"
            self._poll(self._living())

    def share(self) -> list[tuple[str, tuple[int, ...]]]:
        """Let another member of the group come and go. Returns what it took and gave."""
        seen = len(self._consumer.events)
        rival = Consumer({**self._source.client_config(), "auto.offset.reset": "latest"})
        rival.subscribe([self._topic.name])
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not self._is_shared_with(rival):
            assert time.monotonic() < deadline, "the group does not share"
            rival.poll(0.01)
            self._poll(self._living())
        rival.close()
        self.wait_for(self._topic.partitions)
        return self._consumer.events[seen:]

    def be_silent(self) -> list[tuple[str, tuple[int, ...]]]:
        """Do not poll for longer than the group allows. Returns what it took and gave."""
        seen = len(self._consumer.events)
        time.sleep(
            int(self._source.consumer_config["max.poll.interval.ms"]) / 1000 + 1.5
        )  # the client looks once a second
        deadline = time.monotonic() + PATIENCE_SECONDS
        while len(self._consumer.events) < seen + 2:
            assert time.monotonic() < deadline, "the group does not mind"
            self._poll(self._living())
        self.wait_for(self._topic.partitions)
        return self._consumer.events[seen:]

    def close(self) -> None:
        """Leave the broker, whatever state the run is in."""
        if self._life is not None:
            self.kill()
        self._topic.delete()

    def _is_shared_with(self, rival: Consumer) -> bool:
        theirs = {place.partition for place in rival.assignment()}
        return bool(theirs) and theirs | self._consumer.owned == self._topic.partitions.keys()

    def _make_topic(self, partitions: int) -> RealTopic:
        return RealTopic(self._source, partitions)

    def _join(self) -> TrackedConsumer:
        return TrackedConsumer(self._topic)
