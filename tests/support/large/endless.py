"""Sources of large records that are made as they are asked for: no stand-in could hold them.

One server answers what the runner asks of SQS, of Kinesis and of DynamoDB, and counts what is left.
"""

import base64
import itertools
import json
import multiprocessing
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import ThreadingHTTPServer
from typing import Any

from tests.support.http_server import QuietHandler

_REGION = "us-east-1:1"
_TABLE = f"arn:aws:dynamodb:{_REGION}:table/large/stream/2026-01-01T00:00:00.000"
_SHARD = {
    "ShardId": "shardId-00000000000000000000-00000000",
    "SequenceNumberRange": {"StartingSequenceNumber": "0"},
    "HashKeyRange": {"StartingHashKey": "0", "EndingHashKey": str(2**128 - 1)},
}


class _Answers(QuietHandler):
    size = 0
    left = 0
    numbers = itertools.count()
    lock = threading.Lock()

    def do_POST(self) -> None:
        asked = json.loads(self.body())
        service, _, name = self.headers["X-Amz-Target"].partition(".")
        of_tables = service.startswith("DynamoDBStreams") and name == "GetRecords"
        answer = getattr(self, "get_changes" if of_tables else name)(asked)
        self.reply(200, json.dumps(answer).encode(), {"Content-Type": "application/x-amz-json-1.1"})

    def take(self, count: int) -> list[str]:
        with self.lock:
            count = min(count, _Answers.left)
            _Answers.left -= count
            return [str(next(self.numbers)) for _ in range(count)]

    def GetQueueUrl(self, asked: Any) -> Any:  # noqa: N802 - the services' names
        return {"QueueUrl": f"http://{self.headers['Host']}/1/{asked['QueueName']}"}

    def GetQueueAttributes(self, _: Any) -> Any:  # noqa: N802
        arn = f"arn:aws:sqs:{_REGION}:large"
        return {"Attributes": {"QueueArn": arn, "VisibilityTimeout": "60"}}

    def ReceiveMessage(self, asked: Any) -> Any:  # noqa: N802
        body, names = "x" * self.size, self.take(asked["MaxNumberOfMessages"])
        return {
            "Messages": [{"MessageId": name, "ReceiptHandle": name, "Body": body} for name in names]
        }

    def DeleteMessageBatch(self, asked: Any) -> Any:  # noqa: N802
        return {"Successful": [{"Id": entry["Id"]} for entry in asked["Entries"]], "Failed": []}

    ChangeMessageVisibilityBatch = DeleteMessageBatch

    def DescribeStreamSummary(self, _: Any) -> Any:  # noqa: N802
        told = {"StreamARN": f"arn:aws:kinesis:{_REGION}:stream/large", "StreamName": "large"}
        told |= {"StreamStatus": "ACTIVE", "RetentionPeriodHours": 24, "OpenShardCount": 1}
        more = {"StreamCreationTimestamp": 1.7e9, "EnhancedMonitoring": []}
        return {"StreamDescriptionSummary": told | more}

    def ListShards(self, _: Any) -> Any:  # noqa: N802
        return {"Shards": [_SHARD]}

    def DescribeTable(self, _: Any) -> Any:  # noqa: N802
        told = {"StreamSpecification": {"StreamEnabled": True}, "LatestStreamArn": _TABLE}
        return {"Table": told}

    def DescribeStream(self, _: Any) -> Any:  # noqa: N802
        told = {"StreamArn": _TABLE, "StreamStatus": "ENABLED", "Shards": [_SHARD]}
        return {"StreamDescription": told}

    def GetShardIterator(self, _: Any) -> Any:  # noqa: N802
        return {"ShardIterator": "it is here"}

    def GetRecords(self, asked: Any) -> Any:  # noqa: N802
        most = 10 * 1024 * 1024 // self.size  # what the service puts into an answer
        data = base64.b64encode(b"x" * self.size).decode()
        records = [
            {
                "SequenceNumber": name,
                "ApproximateArrivalTimestamp": time.time(),
                "Data": data,
                "PartitionKey": name,
            }
            for name in self.take(min(asked["Limit"], most))
        ]
        return {"Records": records, "NextShardIterator": "here", "MillisBehindLatest": 0}

    def get_changes(self, asked: Any) -> Any:
        image = {"text": {"S": "x" * (self.size // 2)}}  # of an old and of a new one
        changes = [
            {
                "eventID": name,
                "eventName": "MODIFY",
                "dynamodb": {
                    "ApproximateCreationDateTime": time.time(),
                    "Keys": {"id": {"S": name}},
                    "NewImage": image,
                    "OldImage": image,
                    "SequenceNumber": name,
                    "SizeBytes": self.size,
                },
            }
            for name in self.take(min(asked["Limit"], max(1, 1024 * 1024 // self.size)))
        ]
        return {"Records": changes, "NextShardIterator": "here"}


def _serve(pipe: Any, count: int, size: int) -> None:
    _Answers.left, _Answers.size = count, size
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Answers)
    pipe.send(server.server_port)
    server.serve_forever()


@contextmanager
def endless(count: int, size: int) -> Iterator[str]:
    """Serve so many records of so many bytes each, in a process of its own. Yields its address."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs, count, size), daemon=True)
    process.start()
    try:
        yield f"http://127.0.0.1:{ours.recv()}"
    finally:
        process.kill()
        process.join()
