"""Whether a topic is there, asked by a client that joins no group."""

import logging

from confluent_kafka import Consumer, KafkaError, KafkaException

from headrace.errors import SettingsError
from headrace.runner.kafka.settings import KafkaSource
from headrace.runner.presence import SourceAbsent

_ANSWER_SECONDS = 1.0
# What time does not mend.
_REFUSALS = {
    KafkaError._AUTHENTICATION: "the sign-in failed",
    KafkaError.TOPIC_AUTHORIZATION_FAILED: "the topic may not be read",
    KafkaError.TOPIC_EXCEPTION: "that is no name of a topic",
}


class TopicLook:
    """Looks for the topic that is to be read; called once for each look.

    Args:
        source: which topic, and how to reach it.

    Raises:
        SettingsError: A setting is unknown, or contradicts another one.
    """

    def __init__(self, source: KafkaSource) -> None:
        self._source = source
        self._trouble: KafkaError | None = None
        # What the client says on the way is said by the error that comes of it.
        silent = logging.Logger(__name__, logging.CRITICAL + 1)
        own = {"error_cb": self._note, "logger": silent}
        try:
            # A consumer makes no topic by asking for it; other clients may.
            self._client = Consumer({**source.client_config(), **own})
        except KafkaException as error:
            raise SettingsError(f"Kafka consumer: {error.args[0].str()}") from None

    def __call__(self) -> bool:
        """Return True, since the topic is there.

        Raises:
            SourceAbsent: No broker answers, or none has the topic.
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
            self.close()
            return True
        self._refuse(topic.error)
        raise SourceAbsent(f"there is no topic {name!r} at {servers}")

    def close(self) -> None:
        """Close the client: its threads would look for brokers on."""
        self._client.close()

    def _refuse(self, error: KafkaError | None) -> None:
        if error is not None and error.code() in _REFUSALS:
            source, text = self._source, _REFUSALS[error.code()]
            raise SettingsError(
                f"topic {source.topic!r} at {source.bootstrap_servers}: {text}: {error.str()}"
            )

    def _why(self) -> str:
        if self._trouble is None:
            return ""
        return ": " + self._trouble.str().partition(" (after ")[0]  # less the state of its socket

    def _note(self, error: KafkaError) -> None:
        if error.code() != KafkaError._ALL_BROKERS_DOWN:
            self._trouble = error
