"""sentry-arroyo: a task for each message, then the commit of its offset."""

import logging
from collections.abc import Mapping

from arroyo.backends.kafka import KafkaConsumer, KafkaPayload
from arroyo.backends.kafka.configuration import build_kafka_consumer_configuration
from arroyo.commit import ONCE_PER_SECOND
from arroyo.processing import StreamProcessor
from arroyo.processing.strategies import (
    CommitOffsets,
    ProcessingStrategy,
    ProcessingStrategyFactory,
    RunTask,
    RunTaskInThreads,
)
from arroyo.types import Commit, Message, Partition, Topic

from benchmarks.peers.stream import BOOTSTRAP, CONCURRENCY, GROUP, TOPIC, Job

job = Job()


class Factory(ProcessingStrategyFactory[KafkaPayload]):
    """Makes the chain for an assignment: in threads where the benchmark asks for concurrency."""

    def create_with_partitions(
        self, commit: Commit, partitions: Mapping[Partition, int]
    ) -> ProcessingStrategy[KafkaPayload]:
        """Handle, then commit."""
        done = CommitOffsets(commit)
        if CONCURRENCY > 1:
            return RunTaskInThreads(handle, CONCURRENCY, CONCURRENCY * 100, done)
        return RunTask(handle, done)


def handle(message: Message[KafkaPayload]) -> None:
    """Handle one message."""
    if job.handle(message.payload.value):
        processor.signal_shutdown()


logging.disable(logging.ERROR)
configuration = build_kafka_consumer_configuration(
    {"bootstrap.servers": BOOTSTRAP}, group_id=GROUP, auto_offset_reset="earliest"
)
processor = StreamProcessor(KafkaConsumer(configuration), Topic(TOPIC), Factory(), ONCE_PER_SECOND)
processor.run()
