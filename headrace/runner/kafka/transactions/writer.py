"""A producer whose messages and positions of a group become visible together, or not at all."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from time import monotonic
from typing import Any, NoReturn

from confluent_kafka import KafkaError, KafkaException, Producer, TopicPartition
from confluent_kafka import Message as Report

from headrace.errors import HeadraceError, SettingsError
from headrace.kafka.client_lines import client_logger
from headrace.runner.kafka.transactions.in_time import in_time
from headrace.sinks.base import ContentRefused, Message
from headrace.sinks.handing_over import hand_over

_OF_CONTENT = {
    KafkaError.MSG_SIZE_TOO_LARGE,
    KafkaError.INVALID_MSG_SIZE,
    KafkaError.INVALID_RECORD,
    KafkaError.RECORD_LIST_TOO_LARGE,
}

# Polling stands still meanwhile, so that this is short; what takes longer is tried again.
_SECONDS = 5.0
_ABORT_SECONDS = 2.0
_MOST_SECONDS = 2 * _SECONDS + _ABORT_SECONDS


class Aborted(HeadraceError):
    """Nothing of the transaction was written; the message says why."""


class InDoubt(HeadraceError):
    """It is not known whether the transaction was committed. The next `recover` ends it."""


class TransactionWriter:
    """Writes one transaction after the other, on one thread.

    A transaction whose end is unknown costs the producer: the next one has the same
    `transactional.id`, and the broker ends what its predecessor left open before it lets it begin.

    Args:
        settings: of the producer; it is created at once, so that a wrong one is found.
        topic: where the messages go.

    Raises:
        KafkaException: A setting is wrong.
    """

    def __init__(self, settings: Mapping[str, Any], topic: str) -> None:
        self._settings = {"logger": client_logger(__name__), **settings}
        self._topic = topic
        self._timeout = min(_SECONDS, int(settings["transaction.timeout.ms"]) / 1000)
        self._is_ready = False
        # The client counts messages that the broker refuses, and the broker does not. So the next
        # that it takes are out of order for it; with that transaction undone, both begin anew.
        self._is_skewed = False
        self._producer: Producer | None = Producer(self._settings)

    @property
    def name(self) -> str:
        """Return the transactional id."""
        return str(self._settings["transactional.id"])

    def recover(self) -> None:
        """Make sure that no earlier transaction is open.

        Raises:
            Aborted: That cannot be said now.
            InDoubt: The client did not come back.
            SettingsError: The broker lets this producer begin none, and will not.
        """
        self._in_time(self._recover)

    def write(
        self, messages: Sequence[Message], positions: Sequence[TopicPartition], member: Any
    ) -> None:
        """Write messages and the positions of a group in one transaction.

        Args:
            messages: in their order.
            positions: the next offset of each partition that moves.
            member: who moves them, as `consumer_group_metadata` has it: a member that the group
                has put out moves nothing.

        Raises:
            ContentRefused: The broker takes some message now and later not; all is undone.
            Aborted: All is undone.
            InDoubt: It is not known whether it was.
        """
        self._in_time(lambda: self._write(messages, positions, member))

    def close(self) -> None:
        """Drop the producer, and with it its connections."""
        if self._producer is not None:
            self._drop(self._producer)

    def _in_time(self, act: Callable[[], object]) -> None:
        if not in_time(act, _MOST_SECONDS):
            self._producer, self._is_ready = None, False
            raise InDoubt("the client does not come back")

    def _recover(self) -> Producer:
        producer = self._producer = self._producer or Producer(self._settings)
        if self._is_ready:
            return producer
        try:
            producer.init_transactions(self._timeout)
        except KafkaException as error:
            why = f"no transaction can begin: {error.args[0].str()}"
            if not error.args[0].retriable():
                raise SettingsError(f"transactional=1: {why}") from None
            raise Aborted(why) from None
        self._is_ready = self._producer is producer
        return producer

    def _write(
        self, messages: Sequence[Message], positions: Sequence[TopicPartition], member: Any
    ) -> None:
        producer = self._recover()
        try:
            self._attempt(producer, messages, positions, member)
        except Aborted:
            if not self._is_skewed:
                raise
            self._is_skewed = False
            self._attempt(producer, messages, positions, member)

    def _attempt(
        self,
        producer: Producer,
        messages: Sequence[Message],
        positions: Sequence[TopicPartition],
        member: Any,
    ) -> None:
        failed: list[KafkaError] = []

        def report(error: KafkaError | None, _: Report) -> None:
            if error is not None:
                failed.append(error)

        deadline = monotonic() + self._timeout
        try:
            producer.begin_transaction()
            for message in messages:
                hand_over(producer, self._topic, message, report, deadline)
            left = max(0.1, deadline - monotonic())
            producer.send_offsets_to_transaction(list(positions), member, left)
            producer.commit_transaction(max(0.1, deadline - monotonic()))
        except KafkaException as error:
            self._abort(producer, error.args[0], failed)
        except BufferError:
            self._abort(producer, KafkaError(KafkaError._QUEUE_FULL), failed)

    def _abort(self, producer: Producer, why: KafkaError, failed: Sequence[KafkaError]) -> NoReturn:
        """Undo the transaction, and raise what became of it."""
        try:
            producer.abort_transaction(_ABORT_SECONDS)  # takes the last delivery reports, too
        except KafkaException:
            self._drop(producer)
            raise InDoubt(why.str()) from None
        for error in (why, *failed):
            if error.code() in _OF_CONTENT:
                self._is_skewed = True
                raise ContentRefused(error.str()) from None
        raise Aborted(why.str()) from None

    def _drop(self, producer: Producer) -> None:
        if self._producer is producer:  # or it came back late, and has a successor
            self._producer, self._is_ready = None, False
        if len(producer):
            with suppress(KafkaException):
                producer.purge()
