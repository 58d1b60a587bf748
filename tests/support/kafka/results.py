"""What readers of a topic of results see."""

from collections import Counter

from confluent_kafka import Consumer, TopicPartition

# The numbers that a topic is filled with, and their results: each of them once.
COUNT = 500
ALL = {b"%d" % number: 1 for number in range(COUNT)}


class Results:
    """Reads a topic from its begin, further each time it is asked; only what is committed.

    Args:
        bootstrap: the broker.
        topic: its name.
        partitions: how many it has.

    Attributes:
        values: each value, and how often it came.
        by_key: values in order, by key.
    """

    def __init__(self, bootstrap: str, topic: str, partitions: int = 1) -> None:
        self.values: Counter[bytes] = Counter()
        self.by_key: dict[bytes | None, list[bytes]] = {}
        self._consumer = Consumer(
            {
                "bootstrap.servers": bootstrap,
                "group.id": "none",
                "enable.auto.commit": False,
                "isolation.level": "read_committed",
                "fetch.wait.max.ms": 50,
            }
        )
        self._consumer.assign([TopicPartition(topic, number, 0) for number in range(partitions)])

    def read(self, seconds: float = 0.1) -> Counter[bytes]:
        """Read what has come. Returns all values so far."""
        while messages := self._consumer.consume(1000, seconds):
            for message in messages:
                assert message.error() is None, message.error()
                self.values[message.value()] += 1
                self.by_key.setdefault(message.key(), []).append(message.value())
        return self.values

    def count(self) -> tuple[int, int]:
        """Read what has come. Returns how many results there are, and how many differ."""
        values = self.read()
        return values.total(), len(values)

    def close(self) -> None:
        """Close the connections."""
        self._consumer.close()


def number(record):
    """Be a worker whose result is the number that its record holds."""
    return int(record.value)
