"""Reading a shard by SubscribeToShard (enhanced fan-out): the service sends what arrives.

A subscription lasts five minutes at most and is then renewed, as after any error. boto3 speaks
HTTP/1.1 here, where the SDKs with HTTP/2 share one connection: each shard has its own.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from headrace.runner.kinesis.stream import Stream
from headrace.runner.shards.read_method import ReadResult
from headrace.runner.shards.start import ShardStart

if TYPE_CHECKING:
    from botocore.eventstream import EventStream
    from mypy_boto3_kinesis.type_defs import (
        SubscribeToShardEventStreamTypeDef,
        SubscribeToShardEventTypeDef,
    )


class Subscription:
    """Takes what the service sends of a shard, and renews the subscription.

    The service refuses a second subscription within five seconds (ResourceInUseException), and
    more than one a second (LimitExceededException): both pass, and the reader backs off.
    """

    def __init__(self, stream: Stream, consumer_arn: str, shard: str, start: ShardStart) -> None:
        self._stream = stream
        self._consumer = consumer_arn
        self._shard = shard
        self._start = start
        self._behind = 0
        self._stream_of_events: EventStream[SubscribeToShardEventStreamTypeDef] | None = None
        self._events: Iterator[SubscribeToShardEventStreamTypeDef] = iter(())

    def read(self) -> ReadResult:
        """Wait for the next event, a few seconds at most."""
        try:
            if self._stream_of_events is None:
                self._subscribe()
            event = next(self._events, None)
        except BaseException:
            self.close()
            raise
        if event is None:  # the five minutes are over
            self.close()
            return ReadResult([], self._behind, ended=False)
        return self._result(event["SubscribeToShardEvent"])

    def pause(self, result: ReadResult) -> float:
        """Return 0 always: the service pushes, and a reader that stands still holds it up."""
        del result
        return 0.0

    def close(self) -> None:
        """End the subscription: while it lasts, the service refuses another one."""
        if self._stream_of_events is not None:
            self._stream_of_events.close()
            self._stream_of_events = None

    def _subscribe(self) -> None:
        answer = self._stream.client.subscribe_to_shard(
            ConsumerARN=self._consumer, ShardId=self._shard, StartingPosition=self._start.position()
        )
        self._stream_of_events = answer["EventStream"]
        self._events = iter(answer["EventStream"])

    def _result(self, event: "SubscribeToShardEventTypeDef") -> ReadResult:
        # This moves on if nothing was written, too; it is missing at the end of a shard.
        number = event.get("ContinuationSequenceNumber")
        if number is not None:
            self._start = ShardStart.after(number)
        ended = number is None or bool(event.get("ChildShards"))
        self._behind = event["MillisBehindLatest"]
        return ReadResult(event["Records"], self._behind, ended=ended)
