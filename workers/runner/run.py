"""Put a mapping together from its settings and run it."""

import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from workers import telemetry
from workers.runner.checkpoint import Checkpoints
from workers.runner.deliver import Deliverer
from workers.runner.events import kafka_event, kinesis_event
from workers.runner.failure import FailureDestination
from workers.runner.invoke import BuildEvent, Invoke, by_event, by_records
from workers.runner.kafka import KafkaPoller, KafkaSettings, open_consumer
from workers.runner.kinesis import KinesisPoller, KinesisSettings, open_client
from workers.runner.mapping import Mapping
from workers.runner.poller import Poller
from workers.runner.retry import Limits
from workers.runner.settings import MappingSettings
from workers.runner.stats import Stats
from workers.runner.stop import Stop
from workers.sinks import open_sink

# Handler threads hand each other the interpreter, and beside a slow handler the source is polled;
# with the default of 5 ms they would mostly wait for it.
_SWITCH_SECONDS = 0.001


def run_kafka(
    handler: Any, source: KafkaSettings, settings: MappingSettings, stats: Stats, stop: Stop
) -> None:
    """Run a handler on a Kafka topic until `stop` says so. Raises SettingsError at the start."""
    settings.check()
    consumer = open_consumer(source, settings.starting_position)
    poller = KafkaPoller(consumer, source.topic, settings.batch_size)
    _run(
        handler,
        poller,
        lambda records: kafka_event(records, source.bootstrap_servers),
        settings,
        stats,
        stop,
    )


def run_kinesis(
    handler: Any, source: KinesisSettings, settings: MappingSettings, stats: Stats, stop: Stop
) -> None:
    """Run a handler on a Kinesis stream until `stop` says so. Raises SettingsError at the start."""
    settings.check()
    with Checkpoints(Path(source.checkpoints)) as checkpoints:
        poller = KinesisPoller(
            open_client(source), source.stream, checkpoints, settings.starting_position
        )
        _run(
            handler,
            poller,
            lambda records: kinesis_event(records, poller.arn),
            settings,
            stats,
            stop,
        )


def stop_on_signals(stop: Stop) -> None:
    """Let SIGTERM and SIGINT end the run in order."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.request())


def _run(
    handler: Any,
    poller: Poller,
    build: BuildEvent,
    settings: MappingSettings,
    stats: Stats,
    stop: Stop,
) -> None:
    log = telemetry.logger("runner", settings.log_level)
    url = settings.destination_url if settings.gives_up else None
    destination = FailureDestination(open_sink(url)) if url else None
    limits = Limits(settings.maximum_retry_attempts, settings.maximum_record_age_in_seconds)
    deliverer = Deliverer(_invoker(handler, build, settings), limits, destination, stats, log)
    sys.setswitchinterval(_SWITCH_SECONDS)
    try:
        Mapping(settings, poller, deliverer, stats, stop, log).run()
    finally:
        for closing in (getattr(handler, "close", None), getattr(destination, "close", None)):
            if closing is not None:
                closing()


def _invoker(handler: Any, build: BuildEvent, settings: MappingSettings) -> Invoke:
    """The fast path where the handler knows records; the event for every other function."""
    set_up: Callable[[], object] | None = getattr(handler, "worker", None)
    if set_up is not None:
        set_up()  # a worker that cannot start ends the start, not the first batch
    if settings.invoke == "records" and hasattr(handler, "run"):
        return by_records(handler, settings.function_timeout_seconds)
    return by_event(
        handler,
        build,
        getattr(handler, "__name__", type(handler).__name__),
        settings.function_timeout_seconds,
        partial=settings.report_batch_item_failures,
    )
