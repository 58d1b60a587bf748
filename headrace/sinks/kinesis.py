"""`kinesis://stream?region=…&endpoint=…&timeout=seconds&ordered=false` writes records to a stream.

PutRecords promises no order, so a request holds one record of each key at a time (see
`headrace.sinks.partial_writes`); a stream of few keys is faster with `ordered=false`, which gives
that order up. The data is the value alone: Kinesis knows no headers, and a tombstone is empty data.
The partition key is the key if Kinesis takes it, else its SHA-256; without a key it is random.
"""

import hashlib
import uuid
from typing import TYPE_CHECKING, Any

from headrace.names import is_stream
from headrace.sinks import aws
from headrace.sinks.base import TIMEOUT_SECONDS, Message
from headrace.sinks.partial_writer import PartialWriter
from headrace.sinks.partial_writes import Entry, ServiceLimits, Transient
from headrace.sinks.url import SinkUrl

if TYPE_CHECKING:
    from mypy_boto3_kinesis import KinesisClient

_MIB = 1 << 20


def open_url(url: SinkUrl) -> "KinesisSink":
    """Open `kinesis://stream`."""
    url.allow((*aws.PARAMETERS, "ordered"))
    if not is_stream(url.host) or url.path not in {"", "/"}:
        raise url.wrong("the form is kinesis://stream-name")
    return KinesisSink(
        aws.client("kinesis", url),
        url.host,
        timeout=url.seconds("timeout", TIMEOUT_SECONDS),
        ordered=url.flag("ordered", default=True),
    )


class KinesisSink(PartialWriter):
    """Records of a stream.

    Args:
        client: a boto3 client.
        stream: its name.
        timeout: seconds after which no further request is made.
        ordered: whether messages of a key are written one after the other.
    """

    # The service takes requests of 10 MiB, its older versions and stand-ins 5.
    limits = ServiceLimits(entries=500, request_bytes=5 * _MIB, entry_bytes=10 * _MIB)

    def __init__(
        self, client: "KinesisClient", stream: str, *, timeout: float, ordered: bool
    ) -> None:
        super().__init__(client, timeout)
        self._stream = stream
        self._ordered = ordered

    def entry(self, index: int, message: Message) -> Entry:
        """Make a record of PutRecords."""
        key = partition_key(message.key)
        data = message.value or b""
        queue = index if message.key is None or not self._ordered else key
        return Entry(queue, len(key.encode()) + len(data), {"PartitionKey": key, "Data": data})

    def absent(self) -> str | None:
        """As `headrace.sinks.open.absent`."""
        missing = aws.is_missing(self._client.describe_stream_summary, StreamName=self._stream)
        region = self._client.meta.region_name
        return f"there is no stream {self._stream!r} in {region}" if missing else None

    def put(self, requests: list[dict[str, Any]]) -> list[Exception | None]:
        """Call PutRecords."""
        answer = aws.call(self._client.put_records, StreamName=self._stream, Records=requests)
        return [
            Transient(f"{record['ErrorCode']}: {record.get('ErrorMessage', '')}")
            if record.get("ErrorCode")
            else None
            for record in answer["Records"]
        ]


def partition_key(key: bytes | None) -> str:
    """The partition key of a message key: 1 to 256 characters, equal for equal keys."""
    if key is None:
        return uuid.uuid4().hex
    try:
        text = key.decode()
    except UnicodeDecodeError:
        text = ""
    return text if 1 <= len(text) <= 256 else hashlib.sha256(key).hexdigest()
