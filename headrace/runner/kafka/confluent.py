"""The consumer group's member through confluent's client, which is librdkafka."""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future
from typing import Any

from confluent_kafka import (
    OFFSET_INVALID,
    Consumer,
    KafkaError,
    KafkaException,
    TopicCollection,
    TopicPartition,
)
from confluent_kafka.admin import AdminClient

from headrace.errors import SettingsError
from headrace.log import Log
from headrace.runner.kafka.client_log import ClientLog
from headrace.runner.kafka.consumer import END, Fetched, Listener
from headrace.runner.kafka.fetched import explained, fetched
from headrace.runner.kafka.settings import KafkaSource
from headrace.runner.kafka.topic_watch import ANSWER_SECONDS, Ask


def open_consumer(
    source: KafkaSource, log: Log, make: "Callable[..., ConfluentConsumer] | None" = None
) -> "ConfluentConsumer":
    """Return a member that commits only what it is told to; what its client says goes to `log`.

    Args:
        source: which topic, and how to reach it.
        log: takes what the client says.
        make: makes another kind of it.

    Raises:
        SettingsError: A setting is unknown, or contradicts another one.
    """
    try:
        return (make or ConfluentConsumer)(
            source.client_config(), source.topic, log, cooperative=source.cooperative
        )
    except KafkaException as error:
        raise SettingsError(f"Kafka consumer: {error.args[0].str()}") from None


def asking(source: KafkaSource) -> Ask:
    """Return what asks the brokers of a source. It connects with the first question."""
    silent = logging.Logger(__name__)
    silent.addFilter(lambda _: False)  # the consumer says the same
    made: list[AdminClient] = []

    def ask() -> Future[Any]:
        if not made:
            config = {**source.client_config(), "logger": silent, "error_cb": lambda _: None}
            made.append(AdminClient(config))
        made[0].poll(0)  # a sign-in by token is renewed inside
        topics = TopicCollection([source.topic])
        answers = made[0].describe_topics(topics, request_timeout=ANSWER_SECONDS)
        return answers[source.topic]

    return ask


class ConfluentConsumer:
    """A `headrace.runner.kafka.consumer.GroupConsumer`.

    Args:
        config: of librdkafka.
        topic: what is read.
        log: takes what the client says.
        cooperative: whether partitions are given and taken one by one, not all anew.
    """

    def __init__(self, config: dict[str, Any], topic: str, log: Log, *, cooperative: bool) -> None:
        self._topic = topic
        self._log = ClientLog(log)
        self._cooperative = cooperative
        self._listener: Listener | None = None
        self._consumer = Consumer({**config, "logger": self._log, "on_commit": self._answered})

    def join(self, listener: Listener) -> None:
        """Join the group."""
        self._listener = listener
        self._consumer.subscribe(
            [self._topic],
            on_assign=lambda _, given: listener.assigned(_numbers(given)),
            on_revoke=lambda _, taken: listener.revoked(_numbers(taken)),
            on_lost=lambda _, gone: listener.lost(_numbers(gone)),
        )

    def fetch(self, most: int, timeout: float) -> list[Fetched]:
        """Return up to `most` messages; if there are none, wait up to `timeout` seconds for one."""
        # `consume` would wait its whole timeout for the last message; so wait for the first alone.
        first = self._consumer.poll(timeout)
        if first is None:
            return []
        messages = [first, *self._consumer.consume(most - 1, 0.0)] if most > 1 else [first]
        return fetched(messages, self._log)

    def pause(self, partitions: Iterable[int]) -> None:
        """Fetch these no more for now."""
        self._consumer.pause(self._named(partitions))

    def resume(self, partitions: Iterable[int]) -> None:
        """Fetch these again, after the last message that was returned."""
        self._consumer.resume(self._named(partitions))

    def read_from(self, offsets: Mapping[int, int], reached: Mapping[int, int | None]) -> None:
        """Go on reading partitions that stand still.

        A consumer that stands still after an error cannot seek: it takes an assignment anew.
        """
        try:
            if self._cooperative:
                here = set(_numbers(self._consumer.assignment()))
                self._consumer.incremental_unassign(self._named(offsets.keys() & here))
                self._consumer.incremental_assign(self._placed(offsets))
            else:
                known = {n: OFFSET_INVALID if at is None else at for n, at in reached.items()}
                self._consumer.assign(self._placed({**known, **offsets}))
        except KafkaException as error:
            raise explained(error.args[0]) from None

    def commit(self, offsets: Mapping[int, int]) -> None:
        """Send a commit; the listener hears of its answer."""
        try:
            self._consumer.commit(offsets=self._placed(offsets), asynchronous=True)
        except KafkaException as error:
            raise explained(error.args[0]) from None

    def committed(self, partitions: Iterable[int], timeout: float) -> dict[int, int]:
        """Ask for the group's positions."""
        asked = self._named(partitions)
        try:
            answers = _checked(self._consumer.committed(asked, timeout=timeout))
        except KafkaException as error:
            raise explained(error.args[0]) from None
        return {partition: offset for partition, offset in answers.items() if offset >= 0}

    def offsets(self, partitions: Iterable[int], time: int, timeout: float) -> dict[int, int]:
        """Ask for the first offset at or after a time."""
        asked = self._placed(dict.fromkeys(partitions, time))
        try:
            found = _checked(self._consumer.offsets_for_times(asked, timeout=timeout))
        except KafkaException as error:
            raise explained(error.args[0]) from None
        nothing_after = [partition for partition, offset in found.items() if offset < 0]
        return found | (self.offsets(nothing_after, END, timeout) if nothing_after else {})

    def log_end(self, partition: int) -> int:
        """Return the offset after the end of a partition, as of its last fetch."""
        place = TopicPartition(self._topic, partition)
        watermarks = self._consumer.get_watermark_offsets(place, cached=True)
        return watermarks[1] if watermarks else 0

    def close(self) -> None:
        """Leave the group."""
        self._consumer.close()

    def _answered(self, error: KafkaError | None, partitions: Sequence[TopicPartition]) -> None:
        if self._listener is not None:
            offsets = {place.partition: place.offset for place in partitions}
            failed = {p.partition: error or p.error for p in partitions}
            errors = {number: explained(why) for number, why in failed.items() if why is not None}
            self._listener.committed(offsets, errors)

    def _named(self, partitions: Iterable[int]) -> list[TopicPartition]:
        return [TopicPartition(self._topic, number) for number in partitions]

    def _placed(self, offsets: Mapping[int, int]) -> list[TopicPartition]:
        return [TopicPartition(self._topic, *place) for place in offsets.items()]


def _numbers(partitions: Iterable[TopicPartition]) -> list[int]:
    return [place.partition for place in partitions]


def _checked(answers: Iterable[TopicPartition]) -> dict[int, int]:
    places = list(answers)
    for place in places:
        if place.error is not None:
            raise explained(place.error)
    return {place.partition: place.offset for place in places}
