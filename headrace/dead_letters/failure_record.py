"""The service's own form of a failure record: what AWS Lambda writes to an on-failure destination.

Only if the destination is S3 or a Kafka topic, the service adds the `payload`: the event with the
records themselves, as escaped JSON text (S3) or as an object (Kafka). Without it, a record says
where it is to be found as long as its stream keeps it.
"""

from typing import Any

import msgspec
from msgspec import UNSET, UnsetType


class RequestContext(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What was invoked, how often, and why no more."""

    request_id: str
    function_arn: str
    condition: str
    approximate_invoke_count: int


class ResponseContext(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """How the last invocation ended; `function_error` is None if it gave a response."""

    status_code: int = 200
    executed_version: str = "$LATEST"
    function_error: str | None = None


class Response(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The function's error, as in the records of failed asynchronous invocations."""

    error_type: str = ""
    error_message: str = ""


class KafkaRange(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Records of one partition, from the first to the last; times are ISO 8601."""

    first_record_offset: str
    last_record_offset: str
    first_record_timestamp: str | None = None
    last_record_timestamp: str | None = None


class KafkaPlace(msgspec.Struct, frozen=True, kw_only=True):
    """A single record of one partition."""

    offset: str
    timestamp: str | None = None


class KafkaBatchInfo(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """Where the records stand in Kafka, by `topic-partition`. Sizes are bytes of the event.

    The service writes `records_info` to SQS, SNS and S3, and `record_info` to Kafka topics.
    """

    batch_size: int
    event_source_arn: str | None = None
    bootstrap_servers: str = ""
    payload_size: int = 0
    records_info: dict[str, KafkaRange] = {}
    record_info: KafkaPlace | None = None


class ShardBatchInfo(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Where the records stand in a shard, of Kinesis or of a DynamoDB table's stream."""

    shard_id: str
    start_sequence_number: str
    end_sequence_number: str
    approximate_arrival_of_first_record: str | None = None
    approximate_arrival_of_last_record: str | None = None
    batch_size: int
    stream_arn: str


class FailureRecord(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What a failure destination is sent. `response_payload` is ours beside what AWS writes."""

    request_context: RequestContext
    response_context: ResponseContext | UnsetType | None = UNSET
    version: str = "1.0"
    timestamp: str
    kafka_batch_info: KafkaBatchInfo | UnsetType = msgspec.field(
        name="KafkaBatchInfo", default=UNSET
    )
    kinesis_batch_info: ShardBatchInfo | UnsetType = msgspec.field(
        name="KinesisBatchInfo", default=UNSET
    )
    ddb_stream_batch_info: ShardBatchInfo | UnsetType = msgspec.field(
        name="DDBStreamBatchInfo", default=UNSET
    )
    payload: dict[str, Any] | str | UnsetType = UNSET
    response_payload: Response | UnsetType = UNSET
