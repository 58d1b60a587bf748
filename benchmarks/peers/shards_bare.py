"""What a user would write on boto3: one shard, at least once, no faster than the service allows.

Argument: kinesis or dynamodb.
"""

import os
import sys
import time
from pathlib import Path
from typing import Any

import boto3
from boto3.dynamodb.types import TypeDeserializer

from benchmarks.peers.stream import TOPIC, ItemJob, StartedJob


def kinesis() -> None:
    """Read a stream until the last record."""
    client, job, finished = boto3.client("kinesis"), StartedJob(), False
    shard = client.list_shards(StreamName=TOPIC)["Shards"][0]["ShardId"]
    iterator = client.get_shard_iterator(
        StreamName=TOPIC, ShardId=shard, ShardIteratorType="TRIM_HORIZON"
    )["ShardIterator"]
    while not finished:
        answer: Any = client.get_records(ShardIterator=iterator, Limit=10_000)
        for record in answer["Records"]:
            finished = job.handle(record["Data"])
        if answer["Records"]:
            _keep(answer["Records"][-1]["SequenceNumber"])
        iterator = answer["NextShardIterator"]
        if not finished:
            time.sleep(0.2)


def dynamodb() -> None:
    """Read a table's changes until the last."""
    tables: Any = boto3.client("dynamodb")
    client: Any = boto3.client("dynamodbstreams")
    job, finished, read = ItemJob(), False, TypeDeserializer().deserialize
    arn = tables.describe_table(TableName=TOPIC)["Table"]["LatestStreamArn"]
    shard = client.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"][0]["ShardId"]
    iterator = client.get_shard_iterator(
        StreamArn=arn, ShardId=shard, ShardIteratorType="TRIM_HORIZON"
    )["ShardIterator"]
    while not finished:
        answer = client.get_records(ShardIterator=iterator, Limit=1_000)
        for record in answer["Records"]:
            image = record["dynamodb"]["NewImage"]
            finished = job.handle_item({name: read(value) for name, value in image.items()})
        if answer["Records"]:
            _keep(answer["Records"][-1]["dynamodb"]["SequenceNumber"])
        iterator = answer["NextShardIterator"]


def _keep(number: str) -> None:
    """Make the position durable, as who reads at least once must."""
    with Path(os.environ["STREAM_GROUP"]).open("w") as file:
        file.write(number)
        file.flush()
        os.fsync(file.fileno())


if __name__ == "__main__":
    {"kinesis": kinesis, "dynamodb": dynamodb}[sys.argv[1]]()
