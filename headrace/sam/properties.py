"""The properties of a stream event, in the names and the ranges of the service.

Those of a SAM event and those of an AWS::Lambda::EventSourceMapping differ in a few names only;
`as_event` gives the second the names of the first.
"""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from headrace.errors import SettingsError
from headrace.runner.filter.filter import Source

# What the runner passes over, and what there is in its place.
IGNORED = {
    "KmsKeyArn": "encrypts what the service keeps; the runner keeps nothing",
    "LoggingConfig": "logs are told by --log-level",
    "MetricsConfig": "metrics are served where --http-port says",
    "ProvisionedPollerConfig": "there are as many pollers as runners",
    "SourceAccessConfigurations": "sign-in is told by --sasl-mechanism and --credentials-file",
    "Tags": "there is nothing to tag",
}
_PROVISIONED_ONLY = (
    "MaximumRetryAttempts",
    "MaximumRecordAgeInSeconds",
    "BisectBatchOnFunctionError",
    "FunctionResponseTypes",
)


class Destination(msgspec.Struct, forbid_unknown_fields=True, rename="pascal"):
    """Where records go that are given up."""

    destination: str
    type: str | UnsetType = UNSET


class DestinationConfig(msgspec.Struct, forbid_unknown_fields=True, rename="pascal"):
    """The destinations of a mapping."""

    on_failure: Destination | UnsetType = UNSET


class Pattern(msgspec.Struct, forbid_unknown_fields=True, rename="pascal"):
    """One event pattern, as JSON text."""

    pattern: str


class FilterCriteria(msgspec.Struct, forbid_unknown_fields=True, rename="pascal"):
    """Event patterns, any of which lets a record pass."""

    filters: list[Pattern] | UnsetType = UNSET


class Properties(msgspec.Struct, forbid_unknown_fields=True, rename="pascal", kw_only=True):
    """What every stream event may say."""

    batch_size: Annotated[int, Meta(ge=1, le=10_000)] | UnsetType = UNSET
    bisect_batch_on_function_error: bool | UnsetType = UNSET
    destination_config: DestinationConfig | UnsetType = UNSET
    enabled: bool = True
    filter_criteria: FilterCriteria | UnsetType = UNSET
    function_response_types: list[Literal["ReportBatchItemFailures"]] | UnsetType = UNSET
    maximum_batching_window_in_seconds: Annotated[int, Meta(ge=0, le=300)] | UnsetType = UNSET
    maximum_record_age_in_seconds: Annotated[int, Meta(ge=-1, le=604_800)] | UnsetType = UNSET
    maximum_retry_attempts: Annotated[int, Meta(ge=-1, le=10_000)] | UnsetType = UNSET
    starting_position: Literal["TRIM_HORIZON", "LATEST", "AT_TIMESTAMP"] | UnsetType = UNSET
    starting_position_timestamp: Annotated[float, Meta(ge=0)] | UnsetType = UNSET
    stream: str | UnsetType = UNSET


class KafkaProperties(Properties, kw_only=True):
    """What an MSK or SelfManagedKafka event may say besides."""

    topics: Annotated[list[str], Meta(min_length=1, max_length=1)] | UnsetType = UNSET
    consumer_group_id: Annotated[str, Meta(min_length=1, max_length=200)] | UnsetType = UNSET
    kafka_bootstrap_servers: Annotated[list[str], Meta(min_length=1)] | UnsetType = UNSET


class KinesisProperties(Properties, kw_only=True):
    """What a Kinesis event may say besides."""

    parallelization_factor: Annotated[int, Meta(ge=1, le=10)] | UnsetType = UNSET
    tumbling_window_in_seconds: Annotated[int, Meta(ge=0, le=900)] | UnsetType = UNSET


KINDS: dict[Source, type[Properties]] = {"kafka": KafkaProperties, "kinesis": KinesisProperties}

# What an AWS::Lambda::EventSourceMapping calls these properties.
IN_MAPPING = {
    "Stream": "EventSourceArn",
    "ConsumerGroupId": "AmazonManagedKafkaEventSourceConfig.ConsumerGroupId",
    "KafkaBootstrapServers": "SelfManagedEventSource.Endpoints.KafkaBootstrapServers",
}


def as_event(mapping: dict[str, Any]) -> dict[str, Any]:
    """The properties of an AWS::Lambda::EventSourceMapping, in the names of a SAM event."""
    event = dict(mapping)
    event.pop("FunctionName", None)
    if "EventSourceArn" in event:
        event["Stream"] = event.pop("EventSourceArn")
    for name in ("AmazonManagedKafkaEventSourceConfig", "SelfManagedKafkaEventSourceConfig"):
        if isinstance(event.get(name), dict):
            event |= event.pop(name)  # ConsumerGroupId, SchemaRegistryConfig
    servers = event.pop("SelfManagedEventSource", None)
    if servers is not None:
        endpoints = servers.get("Endpoints") if isinstance(servers, dict) else servers
        inner = endpoints.get("KafkaBootstrapServers") if isinstance(endpoints, dict) else endpoints
        event["KafkaBootstrapServers"] = inner
    return event


def check_whole(event: dict[str, Any], kind: Source, place: str) -> None:
    """Refuse what the service would refuse, and what the runner cannot do. Raises SettingsError."""
    if "SchemaRegistryConfig" in event:
        raise SettingsError(
            f"{place}.SchemaRegistryConfig: the runner does not decode by a schema registry"
        )
    if kind == "kinesis" and "StartingPosition" not in event:
        raise SettingsError(f"{place}: a Kinesis event needs StartingPosition")
    if kind == "kafka" and "ProvisionedPollerConfig" not in event:
        for name in _PROVISIONED_ONLY:
            if name in event:
                raise SettingsError(
                    f"{place}.{name}: for Kafka the service has it in provisioned mode only:"
                    " add ProvisionedPollerConfig"
                )


def convert(
    known: dict[str, Any], kind: Source, place: str, names: Mapping[str, str]
) -> Properties:
    """The properties as a struct.

    Args:
        known: the properties whose values are known.
        kind: "kafka" or "kinesis".
        place: where they stand in the template.
        names: what the template calls them, where that is something else.

    Raises:
        SettingsError: one is wrong; the message names its place.
    """
    try:
        properties = msgspec.convert(known, KINDS[kind], strict=False)
    except msgspec.ValidationError as error:
        what, where = _explain(str(error), known)
        for name, written in names.items():
            where = re.sub(rf"^\.{name}\b", f".{written}", where)
        raise SettingsError(f"{place}{where}: {what}") from None
    if not properties.enabled:
        raise SettingsError(f"{place}.Enabled is false: the event does not run on AWS, either")
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
    return properties


def _explain(message: str, known: dict[str, Any]) -> tuple[str, str]:
    """`Expected … - at `$.A.B[0]`` as what is wrong, with the value, and `.A.B[0]`."""
    what, _, where = message.partition(" - at `$")
    where = where.rstrip("`")
    value: Any = known
    for step in where.replace("[", ".").replace("]", "").split(".")[1:]:
        if isinstance(value, dict):
            value = value.get(step)
        elif isinstance(value, list) and step.isdecimal() and int(step) < len(value):
            value = value[int(step)]
    if what.startswith("Expected"):
        what = re.sub(r", got `.*`$", "", what) + f", got {value!r}"
    return f"{what[0].lower()}{what[1:]}", where
