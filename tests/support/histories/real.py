"""The kit's run, on a real Kafka: the same steps, the same clock; topic and client are real."""

import time
from collections.abc import Iterable

from confluent_kafka import Consumer

from headrace.runner.kafka.settings import KafkaSource
from headrace.testing.stream_run import StreamRun
from tests.support.histories.topic import PATIENCE_SECONDS, RealTopic
from tests.support.histories.tracked import TrackedConsumer


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
