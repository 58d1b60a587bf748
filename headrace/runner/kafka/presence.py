"""Whether a topic is there, and how far its group is: asked by a client that joins no group."""

import logging
from collections.abc import Callable, Iterable

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

from headrace.errors import SettingsError
from headrace.runner.kafka.settings import KafkaSource
from headrace.runner.presence import SourceAbsent

_ANSWER_SECONDS = 1.0
# What time does not mend.
_REFUSALS = {
    KafkaError._AUTHENTICATION: "the sign-in failed",
    KafkaError.TOPIC_AUTHORIZATION_FAILED: "the topic may not be read",
    KafkaError.GROUP_AUTHORIZATION_FAILED: "the group may not be joined",
    KafkaError.TOPIC_EXCEPTION: "that is no name of a topic",
}

# The client takes that for an outage; a broker says no more to one of another protocol.
_HANGS_UP = (
    ": what listens there closes each connection, as a broker does to a client with another"
    " HEADRACE_SECURITY_PROTOCOL"
)


class TopicLook:
    """Looks for the topic that is to be read; called once for each look.

    Args:
        source: which topic, and how to reach it.
        began_with: is told how many partitions the topic had when the group began, as far as its
            positions tell; None: nobody need know.

    Raises:
        SettingsError: A setting is unknown, or contradicts another one.
    """

    def __init__(
        self, source: KafkaSource, began_with: Callable[[int], None] | None = None
    ) -> None:
        self._source = source
        self._began_with = began_with
        self._trouble: KafkaError | None = None
        self._hangs_up = False
        # What the client says on the way is said by the error that comes of it.
        silent = logging.Logger(__name__)
        silent.addFilter(self._hear)
        own = {"error_cb": self._note, "logger": silent}
        try:
            # A consumer makes no topic by asking for it; other clients may.
            self._client = Consumer({**source.client_config(), **own})
        except KafkaException as error:
            raise SettingsError(f"Kafka consumer: {error.args[0].str()}") from None

    def __call__(self) -> bool:
        """Return True, since the topic is there.

        Raises:
            SourceAbsent: No broker answers, or none has the topic; or none knows the group yet.
            SettingsError: The brokers refuse, which no further look would change.
        """
        name, servers = self._source.topic, self._source.bootstrap_servers
        try:
            topic = self._client.list_topics(name, timeout=_ANSWER_SECONDS).topics[name]
        except KafkaException as error:
            self._client.poll(0)  # so that it says what it complains of
            self._refuse(self._trouble)
            self._refuse(error.args[0])
            raise SourceAbsent(f"no Kafka broker answers at {servers}{self._why()}") from None
        if topic.error is None:
            self._look_at_group(topic.partitions)
            self.close()
            return True
        self._refuse(topic.error)
        raise SourceAbsent(f"there is no topic {name!r} at {servers}")

    def _look_at_group(self, partitions: Iterable[int]) -> None:
        places = [TopicPartition(self._source.topic, number) for number in partitions]
        try:
            found = self._client.committed(places, timeout=_ANSWER_SECONDS)
        except KafkaException as error:
            said = self._client.poll(0)  # an error comes in the place of a message
            self._refuse(None if said is None else said.error())
            self._refuse(error.args[0])
            if self._began_with is None:
                return
            name, servers = self._source.group, self._source.bootstrap_servers
            raise SourceAbsent(f"no position of group {name!r} is known at {servers}") from None
        if self._began_with is not None:
            read = [place.partition + 1 for place in found if place.offset >= 0]
            self._began_with(max(read, default=len(places)))

    def close(self) -> None:
        """Close the client: its threads would look for brokers on."""
        self._client.close()

    def _refuse(self, error: KafkaError | None) -> None:
        if error is not None and error.code() in _REFUSALS:
            source, text = self._source, _REFUSALS[error.code()]
            is_group = error.code() == KafkaError.GROUP_AUTHORIZATION_FAILED
            what = f"group {source.group!r}" if is_group else f"topic {source.topic!r}"
            raise SettingsError(f"{what} at {source.bootstrap_servers}: {text}: {error.str()}")

    def _why(self) -> str:
        if self._trouble is None:
            return _HANGS_UP if self._hangs_up else ""
        return ": " + self._trouble.str().partition(" (after ")[0]  # less the state of its socket

    def _hear(self, line: logging.LogRecord) -> bool:
        """Take in what the client says, and have nothing written of it."""
        said = line.getMessage()
        self._hangs_up = self._hangs_up or ("Disconnected" in said and "APIVERSION" in said)
        return False

    def _note(self, error: KafkaError) -> None:
        if error.code() != KafkaError._ALL_BROKERS_DOWN:
            self._trouble = error
