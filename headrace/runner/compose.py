"""Put a mapping together from its settings and run it."""

import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec

from headrace import log as telemetry
from headrace.errors import SettingsError
from headrace.record import Record
from headrace.runner.delivery.deliver import Deliverer
from headrace.runner.delivery.limits import RetryLimits
from headrace.runner.delivery.open_destination import open_destination
from headrace.runner.end_of_run import told_at_its_end
from headrace.runner.function.context import close, name_of
from headrace.runner.function.open import record_handler
from headrace.runner.function.types import BuildEvent
from headrace.runner.kafka.settings import KafkaSource
from headrace.runner.kinesis.settings import KinesisSource
from headrace.runner.mapping import EventSourceMapping
from headrace.runner.monitoring import health
from headrace.runner.monitoring.stats import Stats
from headrace.runner.poller import Poller
from headrace.runner.presence import find
from headrace.runner.protocol.events import kafka_event, kinesis_event
from headrace.runner.settings import MappingSettings, SourceKind
from headrace.runner.start_warnings import warn
from headrace.runner.stop import Stop
from headrace.runner.way import open_way
from headrace.settings import variable

# Handler threads hand each other the interpreter, and beside a slow handler the source is polled;
# with the default of 5 ms they would mostly wait for it.
_SWITCH_SECONDS = 0.001


def _found() -> bool:
    return True


class _Opened(msgspec.Struct, frozen=True):
    """A source that can be polled.

    Attributes:
        poller: polls it.
        build: makes the service's event of its records.
        name: tells this mapping from others of the function.
        kind: which source it is.
        connection: how it is reached, for a destination whose URL names no hosts, by variable.
        look: whether it is there (see `headrace.runner.presence`).
    """

    poller: Poller
    build: BuildEvent
    name: str
    kind: SourceKind
    connection: dict[str, str] = {}
    look: Callable[[], bool] = _found


def run(
    handler: Any | None,
    source: KafkaSource | KinesisSource,
    settings: MappingSettings = MappingSettings(),  # noqa: B008 - frozen
    *,
    stats: Stats | None = None,
    stop: Stop | None = None,
    wait: bool = False,
) -> None:
    """Run a function on a Kafka topic or a Kinesis stream until `stop` says so.

    Args:
        handler: a worker's handler, or a function of (event, context); None if the settings say
            where the function is.
        source: the topic or the stream.
        settings: how records come to the function.
        stats: counts what happens, for whoever wants to see it.
        stop: says when to end; without it, the run ends with the process.
        wait: if the source is not there at the start, wait for it; if not, give up after ten
            seconds.

    Raises:
        SettingsError: A setting is wrong, or the source is not there; found at the start.
    """
    settings.check()
    stats, stop = stats or Stats(), stop or Stop()
    sys.setswitchinterval(_SWITCH_SECONDS)
    log = telemetry.logger("runner", settings.log_level)
    with ExitStack() as stack:
        stack.callback(close, handler)
        if isinstance(source, KafkaSource):
            opened: _Opened | None = _open_kafka(source, settings)
        else:
            look = _stream_look(handler, source, settings, stack)
            opened = find(look, stop, log, wait=wait)
        if opened is not None:
            mapping = _compose(handler, opened, settings, stats, stop, log, stack)
            if find(opened.look, stop, log, wait=wait):
                with told_at_its_end(stats, log):
                    mapping.run()


def _open_kafka(source: KafkaSource, settings: MappingSettings) -> _Opened:
    from headrace.runner.kafka.poller import open_poller  # noqa: PLC0415 - its client is slow
    from headrace.runner.kafka.presence import TopicLook  # noqa: PLC0415

    _refuse_a_circle(source, settings)

    def build(records: Sequence[Record]) -> dict[str, Any]:
        return kafka_event(records, source.bootstrap_servers)

    poller = open_poller(source, settings)
    name = f"{source.topic}/{source.group}"
    return _Opened(poller, build, name, "kafka", source.connection(), TopicLook(source))


def _stream_look(
    handler: Any | None, source: KinesisSource, settings: MappingSettings, stack: ExitStack
) -> Callable[[], _Opened]:
    from headrace.runner.kinesis.checkpoints import Checkpoints  # noqa: PLC0415 - as above
    from headrace.runner.kinesis.open import open_poller  # noqa: PLC0415
    from headrace.runner.kinesis.settings import open_client  # noqa: PLC0415

    by_event = record_handler(handler, settings) is None
    checkpoints = stack.enter_context(Checkpoints(Path(source.checkpoints)))
    client = open_client(source)

    def look() -> _Opened:
        poller = open_poller(client, source, settings, checkpoints, by_event=by_event)

        def build(records: Sequence[Record]) -> dict[str, Any]:
            return kinesis_event(records, poller.arn)

        return _Opened(poller, build, source.stream, "kinesis")

    return look


def _refuse_a_circle(source: KafkaSource, settings: MappingSettings) -> None:
    for name in ("on_failure_url", "dead_letter_url"):
        url = urlsplit(getattr(settings, name) or "")
        hosts = set(url.netloc.split(",")) - {""}  # none: those of the source
        here = not hosts or not hosts.isdisjoint(source.bootstrap_servers.split(","))
        if url.scheme == "kafka" and url.path.strip("/") == source.topic and here:
            raise SettingsError(
                f"{variable(name)} is the topic that is read, {source.topic}:"
                " what is given up would come again"
            )


def _compose(
    handler: Any | None,
    source: _Opened,
    settings: MappingSettings,
    stats: Stats,
    stop: Stop,
    log: telemetry.Log,
    stack: ExitStack,
) -> EventSourceMapping:
    function = settings.function or name_of(handler)
    destination = open_destination(settings, source.build, function, source.name, source.connection)
    stack.callback(close, destination)
    way = open_way(handler, source.poller, source.build, settings, source.kind)
    stack.callback(close, way.invoke)
    warn(settings, source.kind, handler, log, isolates=way.isolates)
    deliverer = Deliverer(
        way.invoke,
        RetryLimits(settings.retries(source.kind), settings.maximum_record_age_in_seconds),
        destination,
        stats,
        log,
        isolate=way.isolates,
        bisect=way.bisects,
        cuts=way.cuts,
    )
    mapping = EventSourceMapping(
        settings, way.poller, deliverer, stats, stop, log, source=source.kind
    )
    stack.enter_context(health.serve(settings.http_port, stats, mapping, log, name=source.name))
    return mapping
