"""CloudWatch Logs: a subscription of a log group, unpacked.

The service calls asynchronously and reads no answer: if a record fails, the call fails, and the
service calls again.
"""

import zlib
from typing import Any

import msgspec

from headrace.errors import MalformedEvent
from headrace.prepared import prepared
from headrace.processing.outcomes import Outcomes
from headrace.record import MessagePosition, Record
from headrace.sources.base import Redelivery, parse, utf8

# The service packs at most 1 MB; what unpacks to more than this is no log.
_MOST_BYTES = 64 * 1024 * 1024
_GZIP = 16 + zlib.MAX_WBITS


class _Data(msgspec.Struct):
    data: bytes


class _Event(msgspec.Struct):
    awslogs: _Data


class _Line(msgspec.Struct):
    id: str
    message: str
    timestamp: int | None = None


class _Batch(msgspec.Struct, rename="camel", tag_field="messageType", tag="DATA_MESSAGE"):
    log_events: list[_Line]
    log_group: str = ""
    log_stream: str = ""
    owner: str = ""


class _Test(msgspec.Struct, tag_field="messageType", tag="CONTROL_MESSAGE"):
    """What tries a new subscription."""


class CloudWatchLogs:
    """Each event of the log is a record; its key is the log stream."""

    name = "cloudwatch-logs"
    redelivery: Redelivery = "whole"

    def records(self, event: Any) -> list[Record]:
        """The log's events in their order; none for the message that tries a new subscription."""
        batch = _unpack(parse(event, _Event, "CloudWatch Logs").awslogs.data)
        if isinstance(batch, _Test):
            return []
        return [
            Record(
                self.name,
                MessagePosition(batch.log_group, line.id),
                utf8(line.message),
                utf8(batch.log_stream),
                (("aws.log-group", utf8(batch.log_group)), ("aws.owner", utf8(batch.owner))),
                line.timestamp,
            )
            for line in batch.log_events
        ]

    def respond(self, outcomes: Outcomes) -> None:
        """Nothing: the service reads no answer."""
        del outcomes


def _unpack(packed: bytes) -> _Batch | _Test:
    unpacker = zlib.decompressobj(_GZIP)
    try:
        unpacked = unpacker.decompress(packed, _MOST_BYTES)
        if unpacker.unconsumed_tail:
            raise MalformedEvent(
                f"malformed CloudWatch Logs event: unpacks to over {_MOST_BYTES} bytes"
            )
        batch: _Batch | _Test = msgspec.json.decode(unpacked, type=prepared(_Batch | _Test))
    except (zlib.error, msgspec.DecodeError, UnicodeError) as error:
        raise MalformedEvent(f"malformed CloudWatch Logs event: {error}") from None
    return batch
