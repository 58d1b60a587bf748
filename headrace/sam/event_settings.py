"""What the runner is told by the properties of a stream event."""

from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import UNSET

from headrace import json_text
from headrace.errors import SettingsError
from headrace.plan.given import Given
from headrace.plan.unknown import Unknown, find_unknown
from headrace.runner.filter.filter import Filter
from headrace.runner.settings import MappingSettings, SourceKind
from headrace.sam.checks import as_event, check_whole, convert
from headrace.sam.destination import sink_url, sink_url_by_name
from headrace.sam.functions import StreamEvent
from headrace.sam.properties import (
    IGNORED,
    IN_MAPPING,
    KINDS,
    AnyProperties,
    FilterCriteria,
    KafkaProperties,
    Properties,
    QueueProperties,
)
from headrace.sam.queue import queue_by_name
from headrace.sam.resolver import Resolver
from headrace.sam.schema_registry import NAME, OF_THE_MAPPING, read_registry
from headrace.sam.source_arn import settle

# Properties whose settings have another name. Those of the rest have the same in snake case.
_SETTINGS = {
    "FilterCriteria": "filter_criteria",
    "FunctionResponseTypes": "report_batch_item_failures",
    "DestinationConfig": "on_failure_url",
    "Topics": "topic",
    "ConsumerGroupId": "group",
    "KafkaBootstrapServers": "bootstrap_servers",
    "Stream": "stream",
    "Queue": "queue",
    "ScalingConfig": "function_concurrency",
}

# What may be read by its name, if the template gives it one.
_NAMED = {
    "AWS::Kinesis::Stream",
    "AWS::DynamoDB::Table",
    "AWS::DynamoDB::GlobalTable",
    "AWS::Serverless::SimpleTable",
}

_SAME = set(MappingSettings.__struct_fields__) - {"filter_criteria"}


def read_event(event: StreamEvent, resolver: Resolver) -> tuple[dict[str, Given], list[str]]:
    """Return the settings that an event gives, and notes on what the runner does not use.

    Raises:
        SettingsError: a property is unknown, wrong, or contradicts another; names its place.
    """
    written = resolver.resolve(event.properties, event.place)
    whole = as_event(written, event.kind) if event.is_mapping else written
    names = IN_MAPPING if event.is_mapping else {}
    places = {name: f"{event.place}.{names.get(name, name)}" for name in (*whole, *_SETTINGS)}
    check_whole(whole, event.kind, event.place)
    told = {name: value for name, value in whole.items() if name not in IGNORED}
    registry: dict[str, Given] = {}
    notes: list[str] = []
    if event.kind == "kafka" and NAME in told:
        registry, notes = read_registry(told.pop(NAME), places[NAME])
    unknown = {name: found for name, value in told.items() if (found := find_unknown(value))}
    known = {name: value for name, value in told.items() if name not in unknown}
    values = dict(_told(convert(known, event.kind, event.place, names), event.kind, places))
    given = {
        _setting(name): Given(value, places[name]) for name, value in {**values, **unknown}.items()
    }
    _by_name(given, unknown, resolver)
    notes += [f"{places[name]}: {why}" for name, why in IGNORED.items() if name in whole]
    notes += settle(given, event.kind)
    return given | registry, notes


def properties_by_setting(kind: SourceKind) -> dict[str, str]:
    """Return which property of an event gives which setting."""
    names = [field.encode_name for field in msgspec.structs.fields(KINDS[kind])]
    own = dict.fromkeys(OF_THE_MAPPING, NAME) if kind == "kafka" else {}
    return {_setting(name): name for name in names} | own


def _setting(name: str) -> str:
    """Return the setting that a property gives."""
    snake = "".join(f"_{c.lower()}" if c.isupper() else c for c in str(name)).lstrip("_")
    return _SETTINGS.get(name, snake)


def _told(
    properties: AnyProperties, kind: SourceKind, places: dict[str, str]
) -> Iterator[tuple[str, Any]]:
    """Yield what the properties say, by their names, in the form of the runner's settings."""
    for field in msgspec.structs.fields(properties):
        value = getattr(properties, field.name)
        if value is not UNSET and field.name in _SAME:
            yield field.encode_name, value
    # Without it the service takes any response for success, whatever the function is told.
    yield "FunctionResponseTypes", properties.function_response_types not in (UNSET, [])
    if properties.filter_criteria is not UNSET:
        yield "FilterCriteria", _criteria(properties.filter_criteria, kind, places)
    if isinstance(properties, QueueProperties):
        yield from _queue(properties)
    if isinstance(properties, Properties):
        yield from _stream(properties, places)
    if isinstance(properties, KafkaProperties):
        yield from _kafka(properties)


def _queue(properties: QueueProperties) -> Iterator[tuple[str, Any]]:
    if properties.queue is not UNSET:
        yield "Queue", properties.queue
    scaling = properties.scaling_config
    if scaling is not UNSET and scaling.maximum_concurrency is not UNSET:
        yield "ScalingConfig", scaling.maximum_concurrency


def _stream(properties: Properties, places: dict[str, str]) -> Iterator[tuple[str, Any]]:
    config = properties.destination_config
    if config is not UNSET and config.on_failure is not UNSET:
        place = f"{places['DestinationConfig']}.OnFailure.Destination"
        yield "DestinationConfig", sink_url(config.on_failure.destination, place)
    if properties.stream is not UNSET:
        yield "Stream", properties.stream


def _kafka(properties: KafkaProperties) -> Iterator[tuple[str, Any]]:
    if properties.topics is not UNSET:
        yield "Topics", properties.topics[0]
    if properties.consumer_group_id is not UNSET:
        yield "ConsumerGroupId", properties.consumer_group_id
    if properties.kafka_bootstrap_servers is not UNSET:
        yield "KafkaBootstrapServers", ",".join(properties.kafka_bootstrap_servers)


def _criteria(criteria: FilterCriteria, kind: SourceKind, places: dict[str, str]) -> str | None:
    """Return the patterns as the setting has them, once checked. Raises SettingsError."""
    patterns = [] if criteria.filters is UNSET else [item.pattern for item in criteria.filters]
    text = json_text.encode(patterns).decode()
    try:
        Filter.parse(text, kind)
    except SettingsError as error:
        what = str(error).removeprefix("HEADRACE_FILTER_CRITERIA")
        raise SettingsError(f"{places['FilterCriteria']}{what}") from None
    return text if patterns else None


def _by_name(given: dict[str, Given], unknown: dict[str, Unknown], resolver: Resolver) -> None:
    """Replace unknown resources by their names, if the template itself names them."""
    finds = (
        ("DestinationConfig", sink_url_by_name),
        ("Stream", _stream_by_name),
        ("Queue", queue_by_name),
    )
    for name, find in finds:
        value = find(unknown[name], resolver) if name in unknown else None
        if value is not None:
            given[_setting(name)] = Given(value, given[_setting(name)].origin)


def _stream_by_name(stream: Unknown, resolver: Resolver) -> str | None:
    is_named = resolver.type_of(stream.resource) in _NAMED
    return resolver.name_of(stream.resource) if is_named else None
