"""Which Kinesis stream to read, and how to reach it."""

from typing import TYPE_CHECKING, Annotated, cast

import msgspec
from msgspec import Meta

from headrace.errors import SettingsError
from headrace.names import is_stream, read_arn, stream_name
from headrace.runner import aws
from headrace.settings import Deaggregation

if TYPE_CHECKING:
    from mypy_boto3_kinesis import KinesisClient

# Each shard has a connection of its own; more than the pool holds would be opened again and again.
_MOST_CONNECTIONS = 1_000
# A subscription sends an event at least every five seconds, so one that is silent is dead.
_READ_SECONDS = 20


class KinesisSource(msgspec.Struct, frozen=True, kw_only=True):
    """Which stream to read, and how to reach it.

    Attributes:
        stream: The stream to read: its name, its ARN, or the ARN of a consumer of it.
        checkpoints: The SQLite file that keeps how far the stream is done. Unless it is set, the
            file is var/checkpoints/STREAM.sqlite.
        endpoint_url: The address of a stand-in for Amazon Kinesis, for development. Unless it is
            set, AWS's own variables decide.
        region: The AWS region of the stream. Unless it is set, it is that of the ARN, or else AWS's
            own variables and files decide.
        consumer_name: Read by enhanced fan-out, as the consumer with this name. If it does not
            exist yet, it is registered. It stays registered and costs by the hour and the shard.
        consumer_arn: Read by enhanced fan-out, as the existing consumer with this ARN.
        kpl_deaggregation: What becomes of records that the Kinesis Producer Library (KPL) packed
            into one. With kcl they are taken apart as by the Kinesis Client Library: after a split
            or a merge of shards, user records with another shard's hash keys are left out, since
            the KPL sends them again. With all they are taken apart and none is left out, for
            producers that pack without the KPL. With off they are handed over as they came, as they
            also are if the function takes the service's event; there the worker takes them apart.
        megabytes_ahead: How many megabytes of records may be fetched and not done, over all shards.
            It bounds the runner's memory. A shard in which a record is tried again and again may
            hold a quarter more. By enhanced fan-out, each shard may hold one event (2 MB) more.
    """

    stream: str
    checkpoints: str
    endpoint_url: str | None = None
    region: str | None = None
    consumer_name: str | None = None
    consumer_arn: str | None = None
    kpl_deaggregation: Deaggregation = "kcl"
    megabytes_ahead: Annotated[int, Meta(ge=4, le=8_192)] = 64


def settled(source: KinesisSource) -> KinesisSource:
    """Return the source with what its ARN says: the region, and who reads by enhanced fan-out.

    Raises:
        SettingsError: it names no stream.
    """
    if is_stream(source.stream):
        return source
    arn, name = read_arn(source.stream, "kinesis"), stream_name(source.stream)
    stream, _, consumer = source.stream.partition("/consumer/")
    if arn is None or not is_stream(name) or not stream.endswith(f":stream/{name}"):
        raise SettingsError(
            f"stream {source.stream!r}: expected its name, its ARN, or the ARN of a consumer of it"
        )
    return msgspec.structs.replace(
        source,
        stream=stream,
        region=source.region or arn.region,
        consumer_arn=source.stream if consumer else source.consumer_arn,
    )


def open_client(settings: KinesisSource) -> "KinesisClient":
    """A client for the stream. Raises SettingsError if the region or credentials are missing."""
    return cast(
        "KinesisClient",
        aws.open_client(
            "kinesis",
            "Kinesis",
            endpoint_url=settings.endpoint_url,
            region=settings.region,
            connections=_MOST_CONNECTIONS,
            read_seconds=_READ_SECONDS,
        ),
    )
