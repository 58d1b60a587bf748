"""Changes of a table, read again as long as its stream keeps them."""

from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from headrace.aws_endpoint import checked
from headrace.dead_letters.ranges import check_count
from headrace.errors import SettingsError
from headrace.record import DynamoDbPosition, Record
from headrace.sources.dynamodb_stream import streamed_record

_GONE = ("ResourceNotFoundException", "TrimmedDataAccessException")


def fetch(first: DynamoDbPosition, last: DynamoDbPosition) -> list[Record]:
    """Read the changes from one position of a shard to another.

    Raises:
        SettingsError: the service does not answer, or does not keep them any more, or they are
            more than a batch has.
    """
    client: Any = None
    try:
        client = checked(boto3.client("dynamodbstreams"))
        return _fetch(client, first, last)
    except ClientError as error:
        if error.response["Error"].get("Code") in _GONE:
            raise _gone(first) from None
        raise SettingsError(f"{first}: {error}") from None
    except (BotoCoreError, ValueError) as error:
        raise SettingsError(f"{first}: {error}") from None
    finally:
        if client is not None:
            client.close()


def _fetch(client: Any, first: DynamoDbPosition, last: DynamoDbPosition) -> list[Record]:
    # A table whose stream was switched off and on has had several: one of them has the shard.
    for stream in client.list_streams(TableName=first.table)["Streams"]:
        arn = stream["StreamArn"]
        if first.shard in _shards(client, arn):
            entries = _read(client, arn, first, int(last.sequence_number))
            return [streamed_record(e, first.table, first.shard, arn) for e in entries]
    raise _gone(first)


def _shards(client: Any, arn: str) -> set[str]:
    found: set[str] = set()
    last: str | None = None
    while True:
        where = {} if last is None else {"ExclusiveStartShardId": last}
        told = client.describe_stream(StreamArn=arn, **where)["StreamDescription"]
        found |= {shard["ShardId"] for shard in told.get("Shards", [])}
        last = told.get("LastEvaluatedShardId")
        if last is None:
            return found


def _read(client: Any, arn: str, first: DynamoDbPosition, last: int) -> list[Any]:
    iterator: str | None = client.get_shard_iterator(
        StreamArn=arn,
        ShardId=first.shard,
        ShardIteratorType="AT_SEQUENCE_NUMBER",
        SequenceNumber=first.sequence_number,
    )["ShardIterator"]
    found: list[Any] = []
    while iterator and not (found and _number(found[-1]) >= last):
        answer = client.get_records(ShardIterator=iterator)
        found += answer["Records"]
        check_count(first, len(found))
        iterator = answer.get("NextShardIterator") if answer["Records"] else None
    if not found or _number(found[0]) != int(first.sequence_number):
        raise _gone(first)
    return [entry for entry in found if _number(entry) <= last]


def _number(entry: Any) -> int:
    return int(entry["dynamodb"]["SequenceNumber"])


def _gone(first: DynamoDbPosition) -> SettingsError:
    return SettingsError(f"{first}: gone, the table's stream does not keep it any more")
