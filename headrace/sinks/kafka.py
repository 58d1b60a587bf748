"""`kafka://host:9092[,host2:9092]/topic?any.producer.setting=…` writes messages to a topic.

Without hosts, `kafka:///topic` takes those of HEADRACE_BOOTSTRAP_SERVERS. Every producer setting of
librdkafka may be given but those that would break the promise of an acknowledgement, send the
client elsewhere or load code. Keys go to the same partitions as from Java producers. A message that
the producer does not take (too large) holds back the later ones of its key.

The connection is protected, and signs in, as the URL's own settings say (`security.protocol=…`,
`sasl.mechanism=…`; AWS_MSK_IAM, with `region=…`, stands for the process's AWS permissions). If it
has none, the variables of headrace.kafka.security say how.
"""

import threading
from collections.abc import Sequence
from contextlib import suppress
from time import monotonic

from confluent_kafka import KafkaError, KafkaException, Producer
from confluent_kafka import Message as Report

from headrace.kafka.client_lines import client_logger
from headrace.sinks.base import ContentRefused, Message, WriteFailed, held_back, too_late
from headrace.sinks.handing_over import OnDelivery, hand_over
from headrace.sinks.kafka_errors import NotDeliveredError, is_fatal, raised
from headrace.sinks.producer_settings import Settings, is_transactional, producer_settings
from headrace.sinks.url import SinkUrl

_STEP_SECONDS = 0.5
_ANSWER_SECONDS = 2.0
# What is said of messages that go down with their producer.
_OF_THE_END = {KafkaError._FATAL, KafkaError._PURGE_QUEUE, KafkaError._PURGE_INFLIGHT}
_MARGIN_SECONDS = 5.0  # librdkafka looks for expired messages once a second


def open_url(url: SinkUrl) -> "KafkaSink":
    """Open `kafka://hosts/topic`. No connection is made before the first message."""
    if is_transactional(url):
        raise url.wrong(
            "transactional=1 is for the results of `headrace run` on a topic of the same Kafka:"
            " leave it out here"
        )
    settings, topic = producer_settings(url)
    try:
        return KafkaSink(settings, topic)
    except KafkaException as error:
        raise url.wrong(error.args[0].str()) from None
    except (TypeError, ValueError) as error:
        raise url.wrong(str(error)) from None


class KafkaSink:
    """Messages of a topic, in order, each acknowledged by all in-sync replicas.

    Args:
        settings: of the producer; it is created at once, so that a wrong one is found.
        topic: where the messages go.
    """

    def __init__(self, settings: Settings, topic: str) -> None:
        self._settings = settings
        self._topic = topic
        self._timeout = int(settings["delivery.timeout.ms"]) / 1000
        self._lock = threading.Lock()
        self._fatal: KafkaError | None = None
        self._trouble = ""
        self._producer = self._new_producer()

    def send(self, messages: Sequence[Message]) -> list[Exception | None]:
        """Produce, and wait for each delivery report; a dead broker is one after the timeout."""
        with self._lock:  # flush waits for all, so batches of several threads take turns
            if self._fatal:
                self._producer, self._fatal = self._new_producer(), None
            deadline = monotonic() + self._timeout + _MARGIN_SECONDS
            failures: list[Exception | None] = [too_late() for _ in messages]
            missing = True
            try:
                self._produce_all(messages, failures, deadline)
                missing = self._flush(deadline) > 0
            finally:
                if missing:  # what is called failed must not arrive later, nor keep it from closing
                    self._producer.purge()
            return [self._explained(failure) for failure in failures]

    def absent(self) -> str | None:
        """As `headrace.sinks.open.absent`; a broker that makes topics by itself is given cause."""
        try:
            found = self._producer.list_topics(self._topic, _ANSWER_SECONDS).topics[self._topic]
        except KafkaException:
            return None
        if found.error is None or found.error.code() != KafkaError.UNKNOWN_TOPIC_OR_PART:
            return None
        return f"there is no topic {self._topic!r} at {self._settings['bootstrap.servers']}"

    def close(self) -> None:
        """Drop the producer, and with it its connections.

        What another thread still sends has failed: the producer would wait for it to expire.
        """
        with suppress(RuntimeError):  # it was closed before
            self._producer.purge()
        self._producer.close()

    def _flush(self, deadline: float) -> int:
        """Wait for all reports. Returns how many are missing.

        It waits in short steps: in a long one, Ctrl-C is not heard.
        """
        while True:
            left = deadline - monotonic()
            try:
                missing = self._producer.flush(max(0.0, min(left, _STEP_SECONDS)))
            except (KafkaException, SystemError) as error:
                self._note(raised(error))
                missing = len(self._producer)
            if not missing or left <= _STEP_SECONDS:
                return missing

    def _produce_all(
        self, messages: Sequence[Message], failures: list[Exception | None], deadline: float
    ) -> None:
        failed_keys: set[bytes] = set()
        for index, message in enumerate(messages):
            if message.key in failed_keys:
                failures[index] = held_back()
                continue
            try:
                self._produce(message, self._into(failures, index), deadline)
            except (KafkaException, SystemError) as error:
                failures[index] = self._reason(raised(error))
            except (BufferError, ValueError) as error:
                failures[index] = error
            else:
                continue
            if message.key is not None:
                failed_keys.add(message.key)

    def _produce(self, message: Message, report: OnDelivery, deadline: float) -> None:
        for name, _ in message.headers:
            name.encode()  # the client crashes the process for a name that has no encoding
        hand_over(self._producer, self._topic, message, report, deadline)

    def _new_producer(self) -> Producer:
        own = {"error_cb": self._note, "logger": client_logger(__name__)}
        return Producer({**own, **self._settings})

    def _note(self, error: KafkaError) -> None:
        """A fatal error ends an idempotent producer: the next batch gets a new one."""
        if is_fatal(error):
            self._fatal = self._fatal or error
        if error.code() not in {KafkaError._ALL_BROKERS_DOWN, KafkaError._FATAL}:
            self._trouble = error.str()

    def _into(self, failures: list[Exception | None], index: int) -> OnDelivery:
        def report(error: KafkaError | None, _: Report) -> None:
            failures[index] = None if error is None else self._reason(error)

        return report

    def _explained(self, failure: Exception | None) -> Exception | None:
        """Return what a message failed with: a fatal error, if it went down with the producer."""
        cause = failure.args[0] if isinstance(failure, NotDeliveredError) else None
        ended = type(failure) is WriteFailed or (cause and cause.code() in _OF_THE_END)
        return NotDeliveredError(self._fatal, self._trouble) if self._fatal and ended else failure

    def _reason(self, error: KafkaError) -> Exception:
        if error.code() == KafkaError.MSG_SIZE_TOO_LARGE:
            return ContentRefused(error.str())
        if is_fatal(error):
            self._note(error)
        return NotDeliveredError(error, self._trouble)
