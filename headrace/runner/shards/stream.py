"""What a poller of shards needs of a service: a stream with its shards, and how one is read."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple, Protocol

from headrace.record import Record
from headrace.runner.shards.read_method import ReadMethod
from headrace.runner.shards.start import ShardStart

Shard = Mapping[str, Any]
"""A shard as the service lists it: `ShardId`, and its parents if it has any."""


def time_of(answer: Any) -> float:
    """Return the service's own time of an answer, in seconds since the epoch; else this machine's.

    Args:
        answer: as boto3 gives it.
    """
    sent = answer["ResponseMetadata"]["HTTPHeaders"].get("date")
    return parsedate_to_datetime(sent).timestamp() if sent else time.time()


class ShardedStream(Protocol):
    """A stream as it was found at the start.

    Attributes:
        what: how messages name it, such as `stream 'clicks'`.
        identity: a name that no later stream shares.
        closed: nothing more is written to it: once all its shards are done, there is no more.
    """

    what: str
    identity: str
    closed: bool

    def shards(self) -> Sequence[Shard]:
        """Return all its shards, closed ones too. Raises StreamError if it is gone."""
        ...


class Unpacking(Protocol):
    """Makes records of what was read of one shard.

    Attributes:
        left_out: how many were no records of this shard, since somebody looked last.
    """

    left_out: int

    def chunks(self, entries: Sequence[Any]) -> Iterator[list[Record]]:
        """Return the records of an answer in their order, a part at a time."""
        ...


class Reading(NamedTuple):
    """How one shard is read: what brings its entries, and what makes records of them."""

    method: ReadMethod
    unpacking: Unpacking


OpenReading = Callable[[Shard, ShardStart], Reading]


def readable(
    shards: Sequence[Shard], finished: Set[str], reading: Set[str] = frozenset()
) -> list[Shard]:
    """Return the shards that are not finished, but whose parents are, or are gone from the stream.

    Args:
        shards: all that are listed.
        finished: those that are read and done to their ends.
        reading: those that are being read: a listing may lack one for a moment.
    """
    waiting = ({shard["ShardId"] for shard in shards} | reading) - finished
    return [
        shard
        for shard in shards
        if shard["ShardId"] in waiting
        and shard.get("ParentShardId") not in waiting
        and shard.get("AdjacentParentShardId") not in waiting
    ]
