"""Dead letters in a Kafka topic: read from its beginning to where it ends now, in no group."""

import os
import time
from collections.abc import Callable, Iterator
from typing import Any

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, KafkaException, TopicPartition
from confluent_kafka import Message as KafkaMessage

from headrace.dead_letters.boxes.base import Stored
from headrace.dead_letters.ranges import check_count
from headrace.errors import SettingsError
from headrace.kafka.brokers import wrong_brokers
from headrace.kafka.client_lines import client_logger
from headrace.kafka.client_settings import unsafe
from headrace.kafka.records import to_records
from headrace.kafka.security import KafkaSecurity
from headrace.record import KafkaPosition, Record
from headrace.settings import read
from headrace.sinks.url import SinkUrl

_CHUNK = 500
_SECONDS = 30.0
_STEP_SECONDS = 0.5
_WAIT_SECONDS = 0.1
_SILENCE = {KafkaError._TIMED_OUT, KafkaError._TRANSPORT}


def open_box(url: SinkUrl) -> "KafkaBox":
    """Open `kafka://hosts/topic`; the topic must exist."""
    topic = url.path[1:]
    consumer = open_reader(url)
    return KafkaBox(consumer, [TopicPartition(topic, n) for n in _partitions(consumer, url, topic)])


class KafkaBox:
    """The messages of a topic."""

    removes = False
    unread = 0

    def __init__(self, consumer: Consumer, topic: list[TopicPartition]) -> None:
        self._consumer = consumer
        self._topic = topic

    def read(self) -> Iterator[list[Stored]]:
        """The messages, in the order of each partition."""
        for partition in self._topic:
            partition.offset = OFFSET_BEGINNING
        for messages in _consume(self._consumer, self._topic):
            yield [Stored(message.value() or b"") for message in messages]

    def remove(self, stored: Stored) -> None:
        """Messages stay: a topic is a log, and forgets by its own rules."""

    def close(self) -> None:
        """Close the connections."""
        self._consumer.close()


def fetch(url: SinkUrl, topic: str, partition: int, first: int, last: int) -> list[Record]:
    """The records of a partition from one offset to another, as far as they exist.

    Args:
        url: of any topic of the cluster.
        topic: the topic.
        partition: the partition.
        first: offset.
        last: offset, included.

    Raises:
        SettingsError: the cluster does not answer, the log begins after `first` or ends before it,
            there are more records than a batch has, or one cannot be read.
    """
    position = KafkaPosition(topic, partition, first)
    try:
        place = TopicPartition(topic, partition, first)
    except OverflowError:
        raise SettingsError(f"{position}: no topic has such a place") from None
    consumer = open_reader(url)
    try:
        low, high = _ask(url, consumer.get_watermark_offsets, place)
        if not low <= first < high:
            raise SettingsError(f"{position}: gone, its log is from {low} to before {high}")
        found: list[KafkaMessage] = []
        for messages in _consume(consumer, [place]):
            found += [message for message in messages if (message.offset() or 0) <= last]
            check_count(position, len(found))
            if (messages[-1].offset() or 0) >= last:
                break
        run = to_records(found)
        for index, why in run.unreadable.items():  # written without them, it would be another one
            raise SettingsError(f"{run.records[index].id}: {why}")
        return run.records
    finally:
        consumer.close()


def open_reader(url: SinkUrl) -> Consumer:
    """A consumer of the URL's cluster that commits nothing. Raises SettingsError."""
    hosts = url.host or os.environ.get("HEADRACE_BOOTSTRAP_SERVERS", "")
    if not hosts:
        raise url.wrong("there are neither hosts nor HEADRACE_BOOTSTRAP_SERVERS")
    if wrong := wrong_brokers(hosts) or unsafe(url.params):
        raise url.wrong(wrong)
    settings: dict[str, Any] = {
        "group.id": "headrace-dead-letters",
        "enable.auto.commit": False,
        "enable.partition.eof": True,
        "logger": client_logger(__name__),
        **read(KafkaSecurity).security_config(hosts),
        **url.params,
        "bootstrap.servers": hosts,
    }
    consumer: Consumer = _call(url, Consumer, settings)
    return consumer


def _partitions(consumer: Consumer, url: SinkUrl, topic: str) -> list[int]:
    found = _ask(url, consumer.list_topics, topic).topics[topic]
    if found.error is not None:
        raise url.wrong(found.error.str())
    return sorted(found.partitions)


def _consume(consumer: Consumer, places: list[TopicPartition]) -> Iterator[list[KafkaMessage]]:
    """Messages from the given offsets on, until each partition has ended."""
    consumer.assign(places)
    ended: set[int | None] = set()
    heard = time.monotonic()
    while len(ended) < len(places):
        # It waits for so many, however many there are: so it must not wait long.
        answers = consumer.consume(_CHUNK, _WAIT_SECONDS)
        if answers:
            heard = time.monotonic()
        elif time.monotonic() - heard > _SECONDS:
            raise SettingsError(f"{places[0].topic}: the brokers are silent")
        messages = [answer for answer in answers if answer.error() is None]
        ended.update(answer.partition() for answer in answers if _is_end(answer))
        if messages:
            yield messages


def _is_end(answer: KafkaMessage) -> bool:
    """Whether a partition has ended here. Raises SettingsError for any other error."""
    error = answer.error()
    if error is not None and error.code() != KafkaError._PARTITION_EOF:
        raise SettingsError(f"{answer.topic()}: {error.str()}")
    return error is not None


def _ask(url: SinkUrl, operation: Callable[..., Any], *args: Any) -> Any:
    """Ask the brokers, in short steps: in one long wait, Ctrl-C is not heard."""
    deadline = time.monotonic() + _SECONDS
    while True:
        try:
            return operation(*args, timeout=_STEP_SECONDS)
        except KafkaException as error:
            if error.args[0].code() not in _SILENCE or time.monotonic() >= deadline:
                raise url.wrong(error.args[0].str()) from None
            time.sleep(_WAIT_SECONDS)


def _call(url: SinkUrl, operation: Callable[..., Any], *args: Any, **more: Any) -> Any:
    try:
        return operation(*args, **more)
    except KafkaException as error:
        raise url.wrong(error.args[0].str()) from None
