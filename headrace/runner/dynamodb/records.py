"""From what the service sent of a shard to records, as the same worker gets them on AWS Lambda."""

from collections.abc import Iterator, Sequence
from typing import Any

from headrace.record import Record
from headrace.runner.dynamodb.stream import TableStream
from headrace.sources.dynamodb_stream import streamed_record

# A chunk is fed to the partition at once.
_CHUNK_RECORDS = 1_000
_CHUNK_BYTES = 1024 * 1024


class Changes:
    """Makes records of one shard.

    Args:
        stream: the stream.
        shard: the shard's id.

    Attributes:
        left_out: none ever is.
    """

    left_out = 0

    def __init__(self, stream: TableStream, shard: str) -> None:
        self._stream = stream
        self._shard = shard

    def chunks(self, entries: Sequence[Any]) -> Iterator[list[Record]]:
        """Return the records of an answer in their order, a part at a time."""
        chunk: list[Record] = []
        size = 0
        for entry in entries:
            record = streamed_record(entry, self._stream.table, self._shard, self._stream.arn)
            chunk.append(record)
            size += len(record.value or b"")
            if len(chunk) >= _CHUNK_RECORDS or size >= _CHUNK_BYTES:
                yield chunk
                chunk, size = [], 0
        if chunk:
            yield chunk
