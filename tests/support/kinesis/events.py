"""The event stream of SubscribeToShard, passed on to boto3 and broken off where a test says so.

kinesis-mock sends the events as the service does, but for two: the empty initial response, which
boto3 insists on, and the last one of a closed shard. They are put in here.
"""

import json
import struct
import zlib
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO, Literal

# How a subscription ends: in order (as after five minutes), in the middle of an event, with an
# event that names an error, or with the last event of a closed shard.
Ending = Literal["end", "break", "error", "closed"]


def encode(headers: dict[str, str], payload: bytes) -> bytes:
    """One message in the encoding `application/vnd.amazon.eventstream`."""
    head = b"".join(
        struct.pack("!B", len(name)) + name.encode() + struct.pack("!BH", 7, len(value)) + value
        for name, text in headers.items()
        for value in [text.encode()]
    )
    prelude = struct.pack("!II", len(head) + len(payload) + 16, len(head))
    message = prelude + struct.pack("!I", zlib.crc32(prelude)) + head + payload
    return message + struct.pack("!I", zlib.crc32(message))


def last_of_shard(message: bytes) -> bytes:
    """The same event as the service sends it at the end of a closed shard."""
    payload = message[12 + struct.unpack("!I", message[4:8])[0] : -4]
    child = {
        "ShardId": "shardId-000000000001",
        "ParentShards": ["shardId-000000000000"],
        "HashKeyRange": {"StartingHashKey": "0", "EndingHashKey": str(2**128 - 1)},
    }
    event = json.loads(payload) | {"ContinuationSequenceNumber": None, "ChildShards": [child]}
    return encode(EVENT, json.dumps(event).encode())


EVENT = {
    ":message-type": "event",
    ":event-type": "SubscribeToShardEvent",
    ":content-type": "application/json",
}
INITIAL = encode({":message-type": "event", ":event-type": "initial-response"}, b"{}")
ERROR = encode(
    {":message-type": "exception", ":exception-type": "InternalFailureException"},
    json.dumps({"message": "injected"}).encode(),
)


def messages(body: BinaryIO) -> Iterator[bytes]:
    """The messages of a stream as they come."""
    while prefix := body.read(4):
        yield prefix + body.read(struct.unpack("!I", prefix)[0] - 4)


def relay(body: Any, send: Callable[[bytes], object], after: int, ending: Ending) -> None:
    """Pass messages on; after so many, end in that way.

    Raises:
        ConnectionError: to have the connection broken off.
    """
    send(INITIAL)
    for number, message in enumerate(messages(body), start=1):
        if number == after and ending == "break":
            send(message[: len(message) // 2])
            raise ConnectionError("broken off, as the test wants it")
        send(last_of_shard(message) if number == after and ending == "closed" else message)
        if number == after:
            if ending == "error":
                send(ERROR)
            return
