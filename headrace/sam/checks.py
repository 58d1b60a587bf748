"""The properties of a stream event, checked as the service would check them."""

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, TypeVar, get_args, get_origin

import msgspec
from msgspec import UNSET

from headrace.errors import SettingsError
from headrace.explain import Mistake, explain
from headrace.prepared import prepared
from headrace.runner.settings import SHARDED, SourceKind
from headrace.runner.source_settings import TITLES
from headrace.sam.properties import KINDS, AnyProperties, Properties
from headrace.settings import bare, choices

S = TypeVar("S", bound=msgspec.Struct)

_PROVISIONED_ONLY = (
    "MaximumRetryAttempts",
    "MaximumRecordAgeInSeconds",
    "BisectBatchOnFunctionError",
    "FunctionResponseTypes",
    "SchemaRegistryConfig",
)


def as_event(mapping: dict[str, Any], kind: SourceKind) -> dict[str, Any]:
    """Return the properties of an AWS::Lambda::EventSourceMapping in the names of a SAM event."""
    event = dict(mapping)
    event.pop("FunctionName", None)
    if "EventSourceArn" in event:
        event["Queue" if kind == "sqs" else "Stream"] = event.pop("EventSourceArn")
    for name in ("AmazonManagedKafkaEventSourceConfig", "SelfManagedKafkaEventSourceConfig"):
        if isinstance(event.get(name), dict):
            event |= event.pop(name)  # ConsumerGroupId, SchemaRegistryConfig
    servers = event.pop("SelfManagedEventSource", None)
    if servers is not None:
        endpoints = servers.get("Endpoints") if isinstance(servers, dict) else servers
        inner = endpoints.get("KafkaBootstrapServers") if isinstance(endpoints, dict) else endpoints
        event["KafkaBootstrapServers"] = inner
    return event


def check_whole(event: dict[str, Any], kind: SourceKind, place: str) -> None:
    """Refuse what the service would refuse, and what the runner cannot do. Raises SettingsError."""
    if kind == "sqs" and "Queue" not in event:
        raise SettingsError(f"{place}: an SQS event needs Queue")
    if kind in SHARDED and "StartingPosition" not in event:
        raise SettingsError(f"{place}: a {TITLES[kind]} event needs StartingPosition")
    if kind == "kafka" and "ProvisionedPollerConfig" not in event:
        for name in _PROVISIONED_ONLY:
            if name in event:
                raise SettingsError(
                    f"{place}.{name}: for Kafka the service has it in provisioned mode only:"
                    " add ProvisionedPollerConfig"
                )


def convert(
    known: dict[str, Any], kind: SourceKind, place: str, names: Mapping[str, str]
) -> AnyProperties:
    """Return the properties as a struct.

    Args:
        known: the properties whose values are known.
        kind: which source it is.
        place: where they stand in the template.
        names: what the template calls them, if it is something else.

    Raises:
        SettingsError: one is wrong; the message names its place.
    """
    properties = as_struct(known, KINDS[kind], place, names)
    if not properties.enabled:
        raise SettingsError(f"{place}.Enabled is false: the event does not run on AWS, either")
    if isinstance(properties, Properties):
        _check_stream(properties, place)
    return properties


def as_struct(
    known: dict[str, Any],
    kind: type[S],
    place: str,
    names: Mapping[str, str] = MappingProxyType({}),
) -> S:
    """Return properties of any struct. Arguments and errors are those of `convert`."""
    try:
        return msgspec.convert(known, prepared(kind), strict=False)
    except msgspec.ValidationError as error:
        what, where = _explain(error, kind, known)
        for name, written in names.items():
            where = re.sub(rf"^\.{name}\b", f".{written}", where)
        raise SettingsError(f"{place}{where}: {what}") from None


def _check_stream(properties: Properties, place: str) -> None:
    age = properties.maximum_record_age_in_seconds
    if isinstance(age, int) and 0 <= age < 60:
        raise SettingsError(
            f"{place}.MaximumRecordAgeInSeconds: expected -1 or int >= 60, got {age}"
        )
    at_timestamp = properties.starting_position == "AT_TIMESTAMP"
    if at_timestamp != (properties.starting_position_timestamp is not UNSET):
        raise SettingsError(
            f"{place}: StartingPosition AT_TIMESTAMP and StartingPositionTimestamp go together"
        )


def _explain(
    error: msgspec.ValidationError, kind: type[msgspec.Struct], known: dict[str, Any]
) -> Mistake:
    """Return what is wrong, with the value or the choices, and where: `.A.B[0]`."""
    what, where = explain(error)
    steps = where.replace("[", ".").replace("]", "").split(".")[1:]
    if what.startswith("expected"):
        return Mistake(f"{what}, got {_value_at(known, steps)!r}", where)
    if what.startswith("invalid enum value"):
        fields = {field.encode_name: field.type for field in msgspec.structs.fields(kind)}
        names = _literals(fields[steps[0]])
        return Mistake(f"choose {choices(names)}, not {_value_at(known, steps)!r}", where)
    return Mistake(what, where)


def _literals(kind: Any) -> list[str]:
    """Return the choices that a type leaves, in a list or not."""
    kind = bare(kind)
    return list(get_args(bare(get_args(kind)[0]) if get_origin(kind) is list else kind))


def _value_at(value: Any, steps: Sequence[str]) -> Any:
    for step in steps:
        if isinstance(value, dict):
            value = value.get(step)
        elif isinstance(value, list) and step.isdecimal() and int(step) < len(value):
            value = value[int(step)]
    return value
