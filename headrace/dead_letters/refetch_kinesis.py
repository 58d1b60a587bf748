"""Records of a shard, read again as long as the stream keeps them."""

import time
from typing import TYPE_CHECKING

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from headrace.aws_endpoint import checked
from headrace.dead_letters.ranges import check_count
from headrace.errors import SettingsError
from headrace.record import KinesisPosition, Record, kinesis_record
from headrace.sources.kpl import user_records

if TYPE_CHECKING:
    from mypy_boto3_kinesis import KinesisClient
    from mypy_boto3_kinesis.type_defs import RecordTypeDef

# The service takes five reads a second of each shard.
_PAUSE_SECONDS = 0.21


def fetch(first: KinesisPosition, last: KinesisPosition) -> list[Record]:
    """Read the records from one position of a shard to another.

    If `first` is the place of a user record inside an aggregate, that one alone is meant.

    Raises:
        SettingsError: the service does not answer, or does not keep them any more, or they are
            more than a batch has.
    """
    try:
        client = checked(boto3.client("kinesis"))
        try:
            found = _read(client, first, int(last.sequence_number))
            return found if first.sub_sequence_number is None else _user_record(found[0], first)
        finally:
            client.close()
    except (BotoCoreError, ClientError, ValueError) as error:
        raise SettingsError(f"{first}: {error}") from None


def _read(client: "KinesisClient", first: KinesisPosition, last: int) -> list[Record]:
    iterator: str | None = client.get_shard_iterator(
        StreamName=first.stream,
        ShardId=first.shard,
        ShardIteratorType="AT_SEQUENCE_NUMBER",
        StartingSequenceNumber=first.sequence_number,
    )["ShardIterator"]
    found: list[RecordTypeDef] = []
    while iterator and not (found and int(found[-1]["SequenceNumber"]) >= last):
        answer = client.get_records(ShardIterator=iterator)
        found += answer["Records"]
        check_count(first, len(found))
        at_the_end = not answer["Records"] and not answer.get("MillisBehindLatest")
        iterator = None if at_the_end else answer.get("NextShardIterator")
        time.sleep(_PAUSE_SECONDS)
    if not found or found[0]["SequenceNumber"] != first.sequence_number:
        raise SettingsError(f"{first}: gone, the stream does not keep it any more")
    return [_record(first, entry) for entry in found if int(entry["SequenceNumber"]) <= last]


def _user_record(whole: Record, position: KinesisPosition) -> list[Record]:
    return [user for user in user_records(whole) if user.position == position]


def _record(first: KinesisPosition, entry: "RecordTypeDef") -> Record:
    position = KinesisPosition(first.stream, first.shard, entry["SequenceNumber"])
    arrival = entry["ApproximateArrivalTimestamp"].timestamp()
    return kinesis_record(position, entry["Data"], entry["PartitionKey"], arrival)
