"""A topic of a real Kafka, as the kit's run fills it."""

from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient

from headrace.record import KafkaPosition, Record
from headrace.runner.kafka.settings import KafkaSource

PATIENCE_SECONDS = 30.0


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
