"""The client of a consumer group's member, and what the runner needs of one."""

from collections.abc import Callable
from typing import Any, Literal, Protocol

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from headrace.errors import SettingsError
from headrace.log import Log
from headrace.runner.kafka.settings import KafkaSettings

# Takes what became of a commit: an error of the whole, and each partition with its own.
OnCommit = Callable[[KafkaError | None, list[TopicPartition]], None]


class GroupConsumer(Protocol):
    """What the runner needs of `confluent_kafka.Consumer`.

    Attributes:
        on_commit: hears of every commit; called inside `poll`, `consume` and `close`.
        cooperative: whether partitions are given and taken one by one, not all anew.
    """

    on_commit: OnCommit
    cooperative: bool

    def subscribe(self, topics: list[str], on_assign: Any, on_revoke: Any, on_lost: Any) -> None:
        """Join the group; the callbacks run inside `poll`, `consume` and `close`."""

    def poll(self, timeout: float) -> Message | None:
        """The next message, waiting for it up to `timeout` seconds."""

    def consume(self, num_messages: int, timeout: float) -> list[Message]:
        """Up to so many messages."""

    def commit(self, *, offsets: list[TopicPartition], asynchronous: Literal[True]) -> Any:
        """Send a commit; `on_commit` takes the answer."""

    def committed(self, partitions: list[TopicPartition], timeout: float) -> list[TopicPartition]:
        """Ask the broker for the group's positions."""

    def offsets_for_times(
        self, partitions: list[TopicPartition], timeout: float
    ) -> list[TopicPartition]:
        """Ask the brokers for offsets; what goes in as offset is a time, in milliseconds."""

    def assignment(self) -> list[TopicPartition]:
        """What is being read."""

    def assign(self, partitions: list[TopicPartition]) -> None:
        """Read these partitions alone, from their offsets (eager protocols)."""

    def incremental_assign(self, partitions: list[TopicPartition]) -> None:
        """Read these partitions, too, from their offsets (cooperative protocols)."""

    def incremental_unassign(self, partitions: list[TopicPartition]) -> None:
        """Read these partitions no more (cooperative protocols)."""

    def pause(self, partitions: list[TopicPartition]) -> None:
        """Fetch these no more."""

    def resume(self, partitions: list[TopicPartition]) -> None:
        """Fetch these again, after the last message that was returned."""

    def get_watermark_offsets(self, partition: TopicPartition, *, cached: bool) -> Any:
        """(low, high) of a partition; cached: as of its last fetch."""

    def close(self) -> None:
        """Leave the group."""


class GroupMember(Consumer):
    """A consumer whose commits can be listened to after it was made."""

    def __init__(self, config: dict[str, Any], log: Log, *, cooperative: bool) -> None:
        self.cooperative = cooperative
        self.on_commit: OnCommit = lambda *_: None
        super().__init__({**config, "logger": log, "on_commit": self._answered})

    def _answered(self, error: KafkaError | None, partitions: list[TopicPartition]) -> None:
        self.on_commit(error, partitions)


def open_consumer(settings: KafkaSettings, log: Log) -> GroupMember:
    """A consumer that commits only what it is told to; what it says goes to `log`.

    Raises:
        SettingsError: A setting is unknown, or contradicts another one.
    """
    try:
        return GroupMember(settings.client_config(), log, cooperative=settings.cooperative)
    except KafkaException as error:
        raise SettingsError(f"Kafka consumer: {error.args[0].str()}") from None
