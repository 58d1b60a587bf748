"""Put a mapping together from its settings and run it."""

import signal
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from headrace import log as telemetry
from headrace.errors import SettingsError
from headrace.record import Record
from headrace.runner.delivery.deliver import Deliverer
from headrace.runner.delivery.limits import Limits
from headrace.runner.delivery.open_destination import open_destination
from headrace.runner.filter.filter import Source
from headrace.runner.function.context import close, name_of
from headrace.runner.function.open import BuildEvent, open_invoker
from headrace.runner.kafka import poller as kafka
from headrace.runner.kafka.settings import KafkaSettings
from headrace.runner.kinesis import poller as kinesis
from headrace.runner.kinesis.checkpoints import Checkpoints
from headrace.runner.kinesis.settings import KinesisSettings, open_client
from headrace.runner.mapping import Mapping
from headrace.runner.monitoring import health
from headrace.runner.monitoring.stats import Stats
from headrace.runner.poller import Poller
from headrace.runner.protocol.events import kafka_event, kinesis_event
from headrace.runner.settings import MappingSettings
from headrace.runner.stop import Stop
from headrace.runner.windows.poller import with_windows

# Handler threads hand each other the interpreter, and beside a slow handler the source is polled;
# with the default of 5 ms they would mostly wait for it.
_SWITCH_SECONDS = 0.001


def run_kafka(
    handler: Any | None, source: KafkaSettings, settings: MappingSettings, stats: Stats, stop: Stop
) -> None:
    """Run a function on a Kafka topic until `stop` says so.

    Args:
        handler: the function; None where the settings say where it is.
        source: the topic.
        settings: of the mapping.
        stats: counts what happens.
        stop: says when to end.

    Raises:
        SettingsError: at the start, where a setting is wrong.
    """
    settings.check()
    _refuse_a_circle(source, settings)

    def build(records: Sequence[Record]) -> dict[str, Any]:
        return kafka_event(records, source.bootstrap_servers)

    name = f"{source.topic}/{source.group}"
    poller = kafka.open_poller(source, settings)
    _run(handler, poller, build, settings, stats, stop, source="kafka", name=name)


def run_kinesis(
    handler: Any | None,
    source: KinesisSettings,
    settings: MappingSettings,
    stats: Stats,
    stop: Stop,
) -> None:
    """Run a function on a Kinesis stream until `stop` says so. As `run_kafka`."""
    settings.check()
    takes_records = settings.invoke == "records" and hasattr(handler, "run")
    by_event = bool(settings.function) or not takes_records
    with Checkpoints(Path(source.checkpoints)) as checkpoints:
        poller = kinesis.open_poller(
            open_client(source), source, settings, checkpoints, by_event=by_event
        )

        def build(records: Sequence[Record]) -> dict[str, Any]:
            return kinesis_event(records, poller.arn)

        name = source.stream
        _run(handler, poller, build, settings, stats, stop, source="kinesis", name=name)


def _refuse_a_circle(source: KafkaSettings, settings: MappingSettings) -> None:
    url = urlsplit(settings.on_failure_url or "")
    hosts = set(url.netloc.split(",")) - {""}  # none: those of the source
    here = not hosts or not hosts.isdisjoint(source.bootstrap_servers.split(","))
    if url.scheme == "kafka" and url.path.strip("/") == source.topic and here:
        raise SettingsError(
            f"HEADRACE_ON_FAILURE_URL is the topic that is read, {source.topic}:"
            " what is given up would come again"
        )


def stop_on_signals(stop: Stop) -> None:
    """Let SIGTERM and SIGINT end the run in order; a second one ends the process at once."""
    numbers = (signal.SIGTERM, signal.SIGINT)

    def end(*_: object) -> None:
        stop.request()
        for number in numbers:  # so the second needs no interpreter, wherever that may hang
            signal.signal(number, signal.SIG_DFL)

    for number in numbers:
        signal.signal(number, end)


def _run(
    handler: Any | None,
    poller: Poller,
    build: BuildEvent,
    settings: MappingSettings,
    stats: Stats,
    stop: Stop,
    *,
    source: Source,
    name: str,
) -> None:
    log = telemetry.logger("runner", settings.log_level)
    function = settings.function or name_of(handler)
    limits = Limits(settings.maximum_retry_attempts, settings.maximum_record_age_in_seconds)
    sys.setswitchinterval(_SWITCH_SECONDS)
    with ExitStack() as stack:
        destination = open_destination(settings, build, function, name)
        stack.callback(close, destination)
        stack.callback(close, handler)
        invoke = open_invoker(handler, build, settings)
        stack.callback(close, invoke)
        bisect = settings.bisect_batch_on_function_error
        deliverer = Deliverer(invoke, limits, destination, stats, log, bisect=bisect)
        poller = with_windows(poller, invoke, source)
        mapping = Mapping(settings, poller, deliverer, stats, stop, log, source=source)
        stack.enter_context(health.serve(settings.http_port, stats, mapping, log, name=name))
        mapping.run()
