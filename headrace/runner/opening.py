"""How each kind of source is opened: its poller, the event of its records, and how it is found."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import msgspec

from headrace.handler import Handler
from headrace.names import stream_name
from headrace.record import Record
from headrace.runner.circle import given_up, refuse_a_circle
from headrace.runner.dynamodb.settings import DynamoDbSource
from headrace.runner.function.open import record_handler
from headrace.runner.function.types import BuildEvent
from headrace.runner.kafka.settings import KafkaSource
from headrace.runner.kinesis.settings import KinesisSource
from headrace.runner.monitoring.serving import Shown
from headrace.runner.poller import Poller
from headrace.runner.protocol.events import dynamodb_event, kafka_event, kinesis_event
from headrace.runner.settings import MappingSettings, SourceKind
from headrace.runner.source_settings import TITLES, StreamSource

if TYPE_CHECKING:
    from headrace.runner.kafka.confluent import ConfluentConsumer


def _found() -> bool:
    return True


class Opened(msgspec.Struct, frozen=True):
    """A source that can be polled.

    Attributes:
        poller: polls it.
        build: makes the service's event of its records.
        name: tells this mapping from others of the function.
        kind: which source it is.
        connection: how it is reached, for a destination whose URL names no hosts, by variable.
        look: whether it is there (see `headrace.runner.presence`).
        sink_url: where a message is written that is to be read here; None: nowhere.
    """

    poller: Poller
    build: BuildEvent
    name: str
    kind: SourceKind
    connection: dict[str, str] = {}
    look: Callable[[], bool] = _found
    sink_url: str | None = None

    @property
    def shown(self) -> Shown:
        """Return what is said of it over HTTP."""
        return Shown(self.name, TITLES[self.kind], self.sink_url, self.connection)


def look_for(
    handler: Any | None, source: StreamSource, settings: MappingSettings, stack: ExitStack
) -> Callable[[], Opened]:
    """Return what opens a source, once it is there (see `headrace.runner.presence`).

    Args:
        handler: a handler of ours, if the function is not elsewhere.
        source: what is read.
        settings: of the mapping.
        stack: closes what is opened.

    Raises:
        SettingsError: A setting is wrong; found without a look at the service.
    """
    if isinstance(source, KafkaSource):
        opened = _kafka(handler, source, settings, stack)
        return lambda: opened
    if isinstance(source, DynamoDbSource):
        return _dynamodb(source, settings, stack)
    return _kinesis(handler, source, settings, stack)


def _kafka(
    handler: Any | None, source: KafkaSource, settings: MappingSettings, stack: ExitStack
) -> Opened:
    from headrace.runner.kafka.open import open_poller  # noqa: PLC0415 - its client is slow
    from headrace.runner.kafka.presence import TopicLook  # noqa: PLC0415

    read = f"topic that is read, {source.topic}"
    refuse_a_circle(given_up(settings), source.sink_url, source.connection(), read)

    def build(records: Sequence[Record]) -> dict[str, Any]:
        return kafka_event(records, source.bootstrap_servers)

    poller = open_poller(source, settings, _in_transactions(handler, source, settings))
    stack.callback(poller.let_go)
    is_latest = settings.starting_position == "LATEST"
    look = TopicLook(source, poller.note_began_with if is_latest else None)
    stack.callback(look.close)
    name, url = source.mapping_name, source.sink_url
    return Opened(poller, build, name, "kafka", source.connection(), look, url)


def _in_transactions(
    handler: Any | None, source: KafkaSource, settings: MappingSettings
) -> "Callable[..., ConfluentConsumer] | None":
    """Return what makes a member that writes the results, if the worker's sink asks for that."""
    if not isinstance(handler, Handler) or "transactional" not in (handler.settings.sink_url or ""):
        return None
    from headrace.runner.kafka.transactions.open import (  # noqa: PLC0415 - seldom asked for
        in_transactions,
    )

    return in_transactions(handler, source, settings)


def _kinesis(
    handler: Any | None, source: KinesisSource, settings: MappingSettings, stack: ExitStack
) -> Callable[[], Opened]:
    from headrace.runner.kinesis.open import open_poller  # noqa: PLC0415
    from headrace.runner.kinesis.settings import open_client, settled  # noqa: PLC0415
    from headrace.runner.shards.checkpoints import Checkpoints  # noqa: PLC0415

    by_event = record_handler(handler, settings) is None
    source = settled(source)
    stream = stream_name(source.stream)
    url = _sink_url(f"kinesis://{stream}", source.region, source.endpoint_url)
    refuse_a_circle(given_up(settings), url, {}, f"stream that is read, {stream}")
    client = open_client(source)
    checkpoints = stack.enter_context(Checkpoints(Path(source.checkpoints)))

    def look() -> Opened:
        poller, arn = open_poller(client, source, settings, checkpoints, by_event=by_event)

        def build(records: Sequence[Record]) -> dict[str, Any]:
            return kinesis_event(records, arn)

        return Opened(poller, build, source.stream, "kinesis", sink_url=url)

    return look


def _sink_url(address: str, region: str | None, endpoint: str | None) -> str:
    """Return the sink of AWS that is the source itself."""
    told = {"region": region, "endpoint": endpoint}
    parameters = urlencode({name: value for name, value in told.items() if value})
    return f"{address}?{parameters}" if parameters else address


def _dynamodb(
    source: DynamoDbSource, settings: MappingSettings, stack: ExitStack
) -> Callable[[], Opened]:
    from headrace.runner.dynamodb.open import open_poller  # noqa: PLC0415 - as above
    from headrace.runner.dynamodb.settings import open_clients, settled  # noqa: PLC0415
    from headrace.runner.shards.checkpoints import Checkpoints  # noqa: PLC0415

    source = settled(source)
    clients = open_clients(source)
    checkpoints = stack.enter_context(Checkpoints(Path(source.checkpoints)))

    def look() -> Opened:
        poller = open_poller(clients, source, settings, checkpoints)
        return Opened(poller, dynamodb_event, source.table, "dynamodb")

    return look
