"""The properties of a stream event, in the names and the ranges of the service.

Those of a SAM event and those of an AWS::Lambda::EventSourceMapping differ in a few names only.
"""

from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from headrace.runner.settings import SourceKind

# Properties that the runner does not use, and why, or what to use instead.
IGNORED = {
    "KmsKeyArn": "encrypts what the service keeps; the runner keeps nothing",
    "LoggingConfig": "logs are told by --log-level",
    "MetricsConfig": "metrics are served at --http-port",
    "ProvisionedPollerConfig": "there are as many pollers as runners",
    "SourceAccessConfigurations": "sign-in is told by --sasl-mechanism and --credentials-file",
    "Tags": "there is nothing to tag",
}


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


class ScalingConfig(msgspec.Struct, forbid_unknown_fields=True, rename="pascal"):
    """How many invocations a queue may have at once."""

    maximum_concurrency: Annotated[int, Meta(ge=2, le=1_000)] | UnsetType = UNSET


class AnyProperties(msgspec.Struct, forbid_unknown_fields=True, rename="pascal", kw_only=True):
    """What the event of every source may say."""

    batch_size: Annotated[int, Meta(ge=1, le=10_000)] | UnsetType = UNSET
    enabled: bool = True
    filter_criteria: FilterCriteria | UnsetType = UNSET
    function_response_types: list[Literal["ReportBatchItemFailures"]] | UnsetType = UNSET
    maximum_batching_window_in_seconds: Annotated[int, Meta(ge=0, le=300)] | UnsetType = UNSET


class QueueProperties(AnyProperties, kw_only=True):
    """What an SQS event may also say."""

    queue: str | UnsetType = UNSET
    scaling_config: ScalingConfig | UnsetType = UNSET


class Properties(AnyProperties, kw_only=True):
    """What every stream event may also say."""

    bisect_batch_on_function_error: bool | UnsetType = UNSET
    destination_config: DestinationConfig | UnsetType = UNSET
    maximum_record_age_in_seconds: Annotated[int, Meta(ge=-1, le=604_800)] | UnsetType = UNSET
    maximum_retry_attempts: Annotated[int, Meta(ge=-1, le=10_000)] | UnsetType = UNSET
    starting_position: Literal["TRIM_HORIZON", "LATEST", "AT_TIMESTAMP"] | UnsetType = UNSET
    starting_position_timestamp: Annotated[float, Meta(ge=0)] | UnsetType = UNSET
    stream: str | UnsetType = UNSET


class KafkaProperties(Properties, kw_only=True):
    """What an MSK or SelfManagedKafka event may also say."""

    topics: Annotated[list[str], Meta(min_length=1, max_length=1)] | UnsetType = UNSET
    consumer_group_id: Annotated[str, Meta(min_length=1, max_length=200)] | UnsetType = UNSET
    kafka_bootstrap_servers: Annotated[list[str], Meta(min_length=1)] | UnsetType = UNSET


class KinesisProperties(Properties, kw_only=True):
    """What a Kinesis event may also say."""

    parallelization_factor: Annotated[int, Meta(ge=1, le=10)] | UnsetType = UNSET
    tumbling_window_in_seconds: Annotated[int, Meta(ge=0, le=900)] | UnsetType = UNSET


class DynamoDbProperties(KinesisProperties, kw_only=True):
    """What a DynamoDB event may say. Its stream knows no start at a time."""

    starting_position: Literal["TRIM_HORIZON", "LATEST"] | UnsetType = UNSET


KINDS: dict[SourceKind, type[AnyProperties]] = {
    "kafka": KafkaProperties,
    "kinesis": KinesisProperties,
    "dynamodb": DynamoDbProperties,
    "sqs": QueueProperties,
}

# What an AWS::Lambda::EventSourceMapping calls these properties.
IN_MAPPING = {
    "Stream": "EventSourceArn",
    "Queue": "EventSourceArn",
    "ConsumerGroupId": "AmazonManagedKafkaEventSourceConfig.ConsumerGroupId",
    "SchemaRegistryConfig": "AmazonManagedKafkaEventSourceConfig.SchemaRegistryConfig",
    "KafkaBootstrapServers": "SelfManagedEventSource.Endpoints.KafkaBootstrapServers",
}
