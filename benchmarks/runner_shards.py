"""`runner-kinesis`, `runner-dynamodb`: records a second of one shard, beside a bare boto3 loop.

Both read moto's server, at least once, each in a process of its own, and keep a position on disk.
Where the stand-in is what limits them, the processor time tells them apart.
"""

import os
import tempfile
import uuid
from pathlib import Path

import boto3
import orjson

from benchmarks.measurement import Measurement, more_is_better
from benchmarks.peers.stream import ItemJob, StartedJob
from benchmarks.process import OURS, figures
from benchmarks.streams import JobWorker, Runs, cost, median, message
from headrace import Record, lambda_handler
from headrace.sources.dynamodb import change
from headrace.testing.moto_server import aws_environment, create_stream, embedded_kinesis

RECORDS = {"kinesis": 20_000, "dynamodb": 3_000}
RUNS = 3
_BARE = "bare boto3 loop"


class RecordWorker(JobWorker):
    """The handler of records, as a worker."""

    def setup(self) -> None:
        """Make the clock."""
        self.job = StartedJob()


class ItemWorker(JobWorker):
    """The handler of changes, as a worker."""

    def setup(self) -> None:
        """Make the clock."""
        self.items = ItemJob()

    def process(self, record: Record) -> None:
        """Handle the new item."""
        self.items.handle_item(change(record).new or {})


kinesis, dynamodb = lambda_handler(RecordWorker), lambda_handler(ItemWorker)


def run() -> list[Measurement]:
    """Start the stand-in, fill a stream and a table, let both read each by turns."""
    with embedded_kinesis() as endpoint:
        os.environ.update(aws_environment(endpoint))
        _fill_stream(endpoint)
        _fill_table()
        return [_race("kinesis"), _race("dynamodb")]


def _race(kind: str) -> Measurement:
    taken: Runs = {"headrace": [], _BARE: []}
    count = RECORDS[kind]
    for _ in range(RUNS + 1):
        with tempfile.TemporaryDirectory() as folder:
            environ = {
                **os.environ,
                "STREAM_TOPIC": "orders",
                "STREAM_RECORDS": str(count),
                "STREAM_GROUP": str(Path(folder, "position")),
            }
            ours = [OURS, "-m", "headrace", "run", f"{__name__}:{kind}", f"--{kind}", "orders"]
            ours += ["--checkpoints", str(Path(folder, f"{uuid.uuid4().hex}.sqlite"))]
            ours += ["--max-records", str(count), "--log-level", "WARNING"]
            taken["headrace"].append(figures(ours, environ))
            bare = [OURS, "-m", "benchmarks.peers.shards_bare", kind]
            taken[_BARE].append(figures(bare, environ))
    mine, peer = taken["headrace"][1:], taken[_BARE][1:]  # the first turn warms the stand-in
    return more_is_better(
        f"runner-{kind}",
        "records/s",
        count / median(mine, "wall"),
        count / median(peer, "wall"),
        _BARE,
        RUNS,
        f"{count} records of 1 kB, one shard of moto's; processor time"
        f" {cost(mine, count):.0f} and {cost(peer, count):.0f} µs a record",
    )


def _fill_stream(endpoint: str) -> None:
    create_stream(endpoint, "orders", 1)
    client, data = boto3.client("kinesis"), orjson.dumps(message(0))
    for first in range(0, RECORDS["kinesis"], 500):
        entries = [{"Data": data, "PartitionKey": str(first + n)} for n in range(500)]
        client.put_records(StreamName="orders", Records=entries)  # type: ignore[arg-type]


def _fill_table() -> None:
    client = boto3.client("dynamodb")
    client.create_table(
        TableName="orders",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
    )
    for first in range(0, RECORDS["dynamodb"], 25):
        puts = [{"PutRequest": {"Item": _item(first + n)}} for n in range(25)]
        client.batch_write_item(RequestItems={"orders": puts})


def _item(number: int) -> dict[str, dict[str, str]]:
    return {
        "id": {"S": str(number)},
        "amount": {"N": "9.5"},
        "name": {"S": "x" * 420},
        "text": {"S": "y" * 420},
    }
