"""The broker's side of a chaos run: what is written to the topic, and what stands there after."""

import random
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import partial

import msgspec
from confluent_kafka import Consumer, KafkaException, Message, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

from headrace.dead_letters import reading
from tests.support.chaos.check import Logged, Name
from tests.support.chaos.payload import Payload
from tests.support.chaos.plan import Plan

_BURST = 200
_ANSWER_SECONDS = 30


class Source(threading.Thread):
    """Writes keyed records in the background, never further ahead than the runners need.

    Attributes:
        acknowledged: the records that the broker promised to keep.
        refused: why others were given up.
    """

    def __init__(
        self, bootstrap: str, topic: str, records: Sequence[tuple[str, Payload]], lead: int
    ) -> None:
        super().__init__(daemon=True)
        self.acknowledged: set[Name] = set()
        self.refused: list[str] = []
        self._lead = lead
        self._wanted = lead
        self._given_up = False
        self._topic = topic
        self._records = records
        self._producer = Producer(
            {
                "bootstrap.servers": bootstrap,
                "enable.idempotence": True,
                "acks": "all",
                "linger.ms": 20,
                "delivery.timeout.ms": 300_000,
                "log_level": 0,  # the broker is killed on purpose
            }
        )

    def follow(self, progress: int) -> None:
        """Keep the lead on what has been processed."""
        self._wanted = progress + self._lead

    def give_up(self) -> None:
        """Write nothing more; return when nothing is written."""
        self._given_up = True
        self.join()

    def run(self) -> None:
        for number, (key, payload) in enumerate(self._records):
            while number >= self._wanted:
                self._producer.poll(0.02)
                if self._given_up:
                    return
            self._producer.produce(
                self._topic,
                msgspec.json.encode(payload),
                key,
                on_delivery=partial(self._note, (key, payload.sequence)),
            )
            if number % _BURST == 0:
                self._producer.poll(0)
        self._producer.flush()

    def _note(self, name: Name, error: object, _: Message) -> None:
        if error is None:
            self.acknowledged.add(name)
        else:
            self.refused.append(f"{name}: {error}")


def records(plan: Plan, chance: random.Random) -> list[tuple[str, Payload]]:
    """Which records to write: a few busy keys, many quiet ones, and poison here and there."""
    sequences: Counter[str] = Counter()
    planned = []
    for _ in range(plan.records):
        key = f"k{int(chance.random() ** 2 * plan.keys)}"
        planned.append((key, Payload(sequences[key], chance.random() < plan.poison)))
        sequences[key] += 1
    return planned


def not_held_back(records: Sequence[tuple[str, Payload]]) -> set[Name]:
    """The records that are no poison, and come after none with their key."""
    free, held = set(), set()
    for key, payload in records:
        if payload.poison:
            held.add(key)
        elif key not in held:
            free.add((key, payload.sequence))
    return free


def create_topics(bootstrap: str, partitions: dict[str, int]) -> None:
    new = [NewTopic(name, count, replication_factor=1) for name, count in partitions.items()]
    client = AdminClient({"bootstrap.servers": bootstrap})
    for created in client.create_topics(new).values():
        created.result(_ANSWER_SECONDS)


class Reader:
    """Looks at topics and at the positions of a group without joining it."""

    def __init__(self, bootstrap: str, group: str) -> None:
        config = {"bootstrap.servers": bootstrap, "group.id": group, "log_level": 0}
        self._consumer = Consumer({**config, "enable.auto.commit": False})

    def ends(self, topic: str, partitions: int) -> dict[int, int]:
        """The offset after the last record of each partition."""
        ask, seconds = self._consumer.get_watermark_offsets, _ANSWER_SECONDS
        return {n: ask(TopicPartition(topic, n), seconds)[1] for n in range(partitions)}

    def committed(self, topic: str, partitions: int) -> dict[int, int]:
        """The group's position on each partition; 0 where there is none."""
        places = [TopicPartition(topic, number) for number in range(partitions)]
        found = self._consumer.committed(places, timeout=_ANSWER_SECONDS)
        return {place.partition: max(0, place.offset) for place in found}

    def all_committed(self, topic: str, partitions: int) -> bool:
        """Whether the group is at the end of every partition; no where the broker does not say."""
        try:
            return self.committed(topic, partitions) == self.ends(topic, partitions)
        except KafkaException:
            return False

    def messages(self, topic: str, partitions: int) -> Iterator[Message]:
        """All that stands in a topic, each partition in its order."""
        for number, end in self.ends(topic, partitions).items():
            self._consumer.assign([TopicPartition(topic, number, 0)])
            offset = -1
            while offset < end - 1:
                # It waits its whole second for messages that are not there.
                for message in self._consumer.consume(min(1000, end - 1 - offset), 1):
                    if message.error() is None:
                        yield message
                        offset = message.offset()
        self._consumer.unassign()

    def log(self, topic: str, partitions: int) -> list[Logged]:
        return [_logged(message) for message in self.messages(topic, partitions)]

    def dead_letters(self, topic: str) -> list[Name]:
        """The records that a dead-letter topic of one partition holds, as often as it does."""
        return [_buried(message) for message in self.messages(topic, 1)]

    def close(self) -> None:
        self._consumer.close()


def _logged(message: Message) -> Logged:
    payload = msgspec.json.decode(message.value(), type=Payload)
    return Logged(
        message.key().decode(),
        payload.sequence,
        message.partition(),
        message.offset(),
        payload.poison,
    )


def _buried(message: Message) -> Name:
    record = reading.decode(message.value()).record()
    return record.key.decode(), msgspec.json.decode(record.value, type=Payload).sequence
