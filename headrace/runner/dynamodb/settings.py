"""Which table's changes to read, and how to reach them."""

from typing import Annotated, Any, NamedTuple

import msgspec
from msgspec import Meta

from headrace.errors import SettingsError
from headrace.names import is_table, read_arn, table_of
from headrace.runner import aws

# Each shard has a connection of its own; more than the pool holds would be opened again and again.
_MOST_CONNECTIONS = 1_000
_READ_SECONDS = 20


class DynamoDbSource(msgspec.Struct, frozen=True, kw_only=True):
    """Which table's changes to read, and how to reach them.

    Attributes:
        table: The DynamoDB table whose changes are read: its name, its ARN, or the ARN of its
            stream.
        checkpoints: The SQLite file that keeps how far the stream is done. Unless it is set, the
            file is var/checkpoints/dynamodb/TABLE.sqlite.
        endpoint_url: The address of a stand-in for Amazon DynamoDB, for development. Unless it is
            set, AWS's own variables decide.
        region: The AWS region of the table. Unless it is set, it is that of the ARN, or else AWS's
            own variables and files decide.
        megabytes_ahead: How many megabytes of changes may be fetched and not done, over all shards.
            It bounds the runner's memory. A shard in which a change is tried again and again may
            hold a quarter more.
    """

    table: str
    checkpoints: str
    endpoint_url: str | None = None
    region: str | None = None
    megabytes_ahead: Annotated[int, Meta(ge=4, le=8_192)] = 64


class Clients(NamedTuple):
    """The two services: one knows tables, the other their streams."""

    tables: Any
    streams: Any


def settled(source: DynamoDbSource) -> DynamoDbSource:
    """Return the source with the region that its ARN says.

    Raises:
        SettingsError: it names no table.
    """
    if is_table(source.table):
        return source
    arn = read_arn(source.table, "dynamodb")
    if arn is None or not is_table(table_of(source.table)):
        raise SettingsError(
            f"table {source.table!r}: expected its name, its ARN or the ARN of its stream"
        )
    return msgspec.structs.replace(source, region=source.region or arn.region)


def open_clients(settings: DynamoDbSource) -> Clients:
    """Clients for the table. Raises SettingsError if the region or credentials are missing."""

    def client(service: str) -> Any:
        return aws.open_client(
            service,
            "DynamoDB",
            endpoint_url=settings.endpoint_url,
            region=settings.region,
            connections=_MOST_CONNECTIONS,
            read_seconds=_READ_SECONDS,
        )

    return Clients(client("dynamodb"), client("dynamodbstreams"))
