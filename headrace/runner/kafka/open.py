"""The Kafka poller that the settings ask for."""

from collections.abc import Callable

from headrace import log as telemetry
from headrace.runner.kafka.confluent import ConfluentConsumer, asking, open_consumer
from headrace.runner.kafka.poller import KafkaPoller
from headrace.runner.kafka.settings import KafkaSource
from headrace.runner.kafka.starting_position import starting_time
from headrace.runner.kafka.topic_watch import TopicWatch
from headrace.runner.settings import MappingSettings

_LARGE = 1024 * 1024  # what a broker takes, by its default


def open_poller(
    source: KafkaSource,
    settings: MappingSettings,
    make: Callable[..., ConfluentConsumer] | None = None,
) -> KafkaPoller:
    """Return a poller of a topic. Raises SettingsError.

    Args:
        source: which topic, and how to reach it.
        settings: of the mapping.
        make: makes another kind of member than one that merely commits.
    """
    consumer = open_consumer(source, telemetry.logger("kafka", settings.log_level), make)
    begin_at = starting_time(settings)
    return KafkaPoller(
        consumer,
        source.topic,
        settings.records_per_batch,
        begin_at,
        bytes_ahead=source.runner_bytes_ahead,
        record_bytes=_LARGE,
        watch=TopicWatch(asking(source)),
    )
