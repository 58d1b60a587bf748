"""Whether the results of a run go to its own Kafka in transactions, and with what."""

import os
import uuid
from collections.abc import Callable
from functools import partial

from confluent_kafka import KafkaException

from headrace.errors import SettingsError
from headrace.handler import Handler
from headrace.runner.function.open import record_handler
from headrace.runner.kafka.confluent import ConfluentConsumer
from headrace.runner.kafka.settings import KafkaSource
from headrace.runner.kafka.transactions.consumer import TransactionalConsumer
from headrace.runner.kafka.transactions.results import HeldResults
from headrace.runner.kafka.transactions.writer import TransactionWriter
from headrace.runner.settings import MappingSettings
from headrace.sinks.producer_settings import is_transactional, producer_settings
from headrace.sinks.url import SinkUrl

_MOST_BYTES = 1_000_000  # of a message, by librdkafka's default


def in_transactions(
    handler: Handler, source: KafkaSource, settings: MappingSettings
) -> Callable[..., ConfluentConsumer] | None:
    """Have results of a worker wait for the transactions of a consumer. Returns what makes it.

    Returns:
        None if the worker's sink asks for nothing of the kind.

    Raises:
        SettingsError: It does, and something else that was asked for does not go with it.
    """
    variables = {**os.environ, **source.connection()}
    url = SinkUrl.parse(handler.settings.sink_url or "", variables)
    if url.scheme != "kafka" or not is_transactional(url):
        return None
    _check(url, handler, source, settings)
    writer, most_bytes = _writer(url, source)
    held = HeldResults(source.topic, most_bytes)
    handler.sink = held
    return partial(TransactionalConsumer, held=held, writer=writer)


def _writer(url: SinkUrl, source: KafkaSource) -> tuple[TransactionWriter, int]:
    # A name of this process alone: nobody need count processes, and none can end another's. What a
    # killed one has left open ends by its timeout.
    found, topic = producer_settings(url, f"{source.group}-{uuid.uuid4()}")
    try:
        writer = TransactionWriter(found, topic)
        return writer, int(found.get("message.max.bytes", _MOST_BYTES))
    except KafkaException as error:
        raise url.wrong(error.args[0].str()) from None
    except (TypeError, ValueError) as error:
        raise url.wrong(str(error)) from None


def _check(url: SinkUrl, handler: Handler, source: KafkaSource, settings: MappingSettings) -> None:
    """Refuse what cannot be one transaction. Raises SettingsError."""
    here = set(source.bootstrap_servers.split(","))
    if url.host and here.isdisjoint(url.host.split(",")):
        raise url.wrong(
            f"transactional=1 is for the Kafka that is read, {source.bootstrap_servers}:"
            f" write kafka://{url.path}?transactional=1"
        )
    if record_handler(handler, settings) is None or settings.function_timeout_seconds is not None:
        raise url.wrong(
            "transactional=1 needs the worker in the runner's own process: leave out"
            " HEADRACE_FUNCTION, HEADRACE_FUNCTION_TIMEOUT_SECONDS and HEADRACE_INVOKE=event"
        )
    level = "isolation.level"
    if source.consumer_config.get(level, "read_committed") != "read_committed":
        raise SettingsError(f"consumer-config {level}: transactional=1 needs read_committed")
