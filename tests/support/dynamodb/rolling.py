"""A proxy in front of moto that has the shards of a table's stream close, as the service does.

Moto keeps all changes in one shard that stays open. Here they come in two lines of shards, by the
item's key; a shard closes after so many changes and has one child. Everything else is moto's.
"""

import http.client
import json
import threading
import zlib
from collections import Counter
from collections.abc import Callable
from urllib.parse import urlsplit

from tests.support.http_server import LoopbackServer, QuietHandler

LINES = 2
_PAGE = 3  # shards of one answer, so that a listing has pages
_STREAMS = "DynamoDBStreams_20120810."

# Takes the operation and its arguments; returns the code of an error, or None to let it pass.
Fault = Callable[[str, dict], str | None]


class RollingStreams(LoopbackServer):
    """Passes requests for tables on, and answers those for streams.

    Args:
        endpoint: moto's address.
        every: changes after which a shard closes.

    Attributes:
        url: where it listens.
        fault: decides on each request.
        trimmed: how many changes of each line are gone; of a whole shard, the shard is gone, too.
        status: of the stream, if it is not moto's.
        refused: how many requests of each operation failed by `fault`.
    """

    def __init__(self, endpoint: str, every: int) -> None:
        self.every = every
        self.fault: Fault = lambda operation, arguments: None
        self.trimmed = [0] * LINES
        self.status: str | None = None
        self.refused: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._read: dict[str, tuple[list[list[dict]], str]] = {}  # what moto has told so far
        self._target = urlsplit(endpoint).netloc
        super().__init__(_Handler)
        self.url = f"http://{self.address}"

    def answer(self, target: str, body: bytes, headers) -> tuple[int, bytes]:
        """The answer to a request."""
        if not target.startswith(_STREAMS):
            return self._forward(target, body, headers)
        operation, arguments = target.removeprefix(_STREAMS), json.loads(body)
        code = self.fault(operation, arguments)
        if code is not None:
            self.refused[operation] += 1
            return _error(code)
        own = {
            "DescribeStream": self._describe,
            "GetShardIterator": self._iterator,
            "GetRecords": self._records,
        }
        if operation not in own:
            return self._forward(target, body, headers)
        return own[operation](arguments, headers)

    def _forward(self, target: str, body: bytes, headers) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection(self._target, timeout=60)
        try:
            dropped = {"host", "x-amz-target", "content-length"}
            kept = {name: value for name, value in headers.items() if name.lower() not in dropped}
            connection.request("POST", "/", body, kept | {"X-Amz-Target": target})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def _ask(self, operation: str, headers, **arguments) -> dict:
        _, body = self._forward(_STREAMS + operation, json.dumps(arguments).encode(), headers)
        return json.loads(body)

    def _lines(self, arn: str, headers) -> list[list[dict]]:
        with self._lock:
            if arn not in self._read:
                self._read[arn] = [[] for _ in range(LINES)], self._first(arn, headers)
            lines, iterator = self._read[arn]
            answer = self._ask("GetRecords", headers, ShardIterator=iterator, Limit=100_000)
            self._read[arn] = lines, answer["NextShardIterator"]
            for record in answer["Records"]:
                key = json.dumps(record["dynamodb"]["Keys"], sort_keys=True).encode()
                lines[zlib.crc32(key) % LINES].append(record)
            return [list(line) for line in lines]

    def _first(self, arn: str, headers) -> str:
        told = self._ask("DescribeStream", headers, StreamArn=arn)["StreamDescription"]
        return self._ask(
            "GetShardIterator",
            headers,
            StreamArn=arn,
            ShardId=told["Shards"][0]["ShardId"],
            ShardIteratorType="TRIM_HORIZON",
        )["ShardIterator"]

    def _describe(self, arguments: dict, headers) -> tuple[int, bytes]:
        answer = self._ask("DescribeStream", headers, StreamArn=arguments["StreamArn"])
        told = answer["StreamDescription"]
        told["StreamStatus"] = self.status or told["StreamStatus"]
        shards = [
            self._shard(line, number, records)
            for line, records in enumerate(self._lines(arguments["StreamArn"], headers))
            for number in range(self.trimmed[line] // self.every, len(records) // self.every + 1)
        ]
        names = [shard["ShardId"] for shard in shards]
        after = arguments.get("ExclusiveStartShardId")
        begin = 0 if after is None else names.index(after) + 1
        told["Shards"] = shards[begin : begin + _PAGE]
        if begin + _PAGE < len(shards):
            told["LastEvaluatedShardId"] = told["Shards"][-1]["ShardId"]
        return 200, json.dumps(answer).encode()

    def _shard(self, line: int, number: int, records: list[dict]) -> dict:
        inside = records[number * self.every : (number + 1) * self.every]
        shard = {"ShardId": shard_name(line, number), "SequenceNumberRange": {}}
        if number:
            shard["ParentShardId"] = shard_name(line, number - 1)
        if inside:
            shard["SequenceNumberRange"]["StartingSequenceNumber"] = _number(inside[0])
        if len(inside) == self.every or self.status == "DISABLED":
            end = _number(inside[-1]) if inside else "0"
            shard["SequenceNumberRange"]["EndingSequenceNumber"] = end
        return shard

    def _iterator(self, arguments: dict, headers) -> tuple[int, bytes]:
        line, number = map(int, arguments["ShardId"].split("-")[1:])
        arn, begin, end = arguments["StreamArn"], number * self.every, (number + 1) * self.every
        records = self._lines(arn, headers)[line]
        if self.trimmed[line] >= end:
            return _error("ResourceNotFoundException")
        place, kind = max(begin, self.trimmed[line]), arguments["ShardIteratorType"]
        if kind == "LATEST":
            place = min(end, len(records))
        elif kind.endswith("SEQUENCE_NUMBER"):
            wanted = [_number(record) for record in records].index(arguments["SequenceNumber"])
            if wanted < self.trimmed[line]:
                return _error("TrimmedDataAccessException")
            place = wanted + kind.startswith("AFTER")
        return 200, json.dumps({"ShardIterator": f"{arn}|{line}|{number}|{place}"}).encode()

    def _records(self, arguments: dict, headers) -> tuple[int, bytes]:
        arn, line, number, place = arguments["ShardIterator"].rsplit("|", 3)
        records, end = self._lines(arn, headers)[int(line)], (int(number) + 1) * self.every
        if int(place) < self.trimmed[int(line)]:
            return _error("TrimmedDataAccessException")
        found = records[int(place) : min(end, int(place) + arguments.get("Limit", 1000))]
        following = int(place) + len(found)
        answer: dict = {"Records": found}
        is_over = self.status == "DISABLED" and following >= len(records)
        if following < end and not is_over:
            answer["NextShardIterator"] = f"{arn}|{line}|{number}|{following}"
        return 200, json.dumps(answer).encode()


def shard_name(line: int, number: int) -> str:
    """A name as long as the service's."""
    return f"shardId-{line:020}-{number:08}"


def _number(record: dict) -> str:
    return record["dynamodb"]["SequenceNumber"]


def _error(code: str) -> tuple[int, bytes]:
    return 400, json.dumps({"__type": code, "message": "injected"}).encode()


class _Handler(QuietHandler):
    def do_POST(self) -> None:
        target, body = self.headers["X-Amz-Target"], self.body()
        status, answer = self.server.owner.answer(target, body, self.headers)
        self.reply(status, answer, {"Content-Type": "application/x-amz-json-1.0"})
