"""Reading a shard by GetRecords: the service answers when it is asked."""

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

from botocore.exceptions import ClientError

from headrace.runner.shards.bytes_ahead import BytesAhead
from headrace.runner.shards.errors import code
from headrace.runner.shards.read_method import ReadResult
from headrace.runner.shards.start import ShardStart

# After minutes, or when the records that it stands before are gone: the next one begins behind the
# last record, or with the oldest.
_STALE = frozenset({"ExpiredIteratorException", "TrimmedDataAccessException"})
# What a record may have, for all that is known before the first.
_LARGE = 1024 * 1024


class Answer(NamedTuple):
    """What the service answered.

    Attributes:
        entries: the records.
        size: their bytes.
        last: the last sequence number that was read; None: none was.
        behind: milliseconds from there to the end of the shard.
        iterator: where to go on; None: the shard is closed, and this was its end.
        more: it may be asked for more at once.
        trimmed: others were gone before these.
    """

    entries: Sequence[Any]
    size: int
    last: str | None
    behind: int
    iterator: str | None
    more: bool = False
    trimmed: bool = False


class Shard(Protocol):
    """One shard, as a service has it.

    Attributes:
        pause: seconds between two reads, at least, unless there is more at once.
        most: records in one answer.
    """

    pause: float
    most: int

    def iterator(self, start: ShardStart) -> str | None:
        """Ask for an iterator; None: the shard is gone, with all its records."""
        ...

    def read(self, iterator: str, limit: int) -> Answer:
        """Ask for records, so many at most."""
        ...


class GetRecords:
    """Asks a shard for records, no faster than the service allows.

    Args:
        shard: the shard.
        start: where to begin.
        idle: the longest pause, in seconds, while nothing comes.
        ahead: says how large an answer may be.
    """

    def __init__(self, shard: Shard, start: ShardStart, idle: float, ahead: BytesAhead) -> None:
        self._shard = shard
        self._start = start
        self._idle = idle
        self._ahead = ahead
        self._iterator: str | None = None
        self._behind = 0
        self._more = False
        self._pause = shard.pause
        self._mean = float(_LARGE)

    def read(self) -> ReadResult:
        """Return what the service has now."""
        try:
            self._iterator = self._iterator or self._shard.iterator(self._start)
            if self._iterator is None:
                return ReadResult([], 0, ended=True, trimmed=True)
            limit = self._limit()
            answer = self._shard.read(self._iterator, limit)
        except ClientError as error:
            if code(error) not in _STALE:
                raise
            self._iterator = None
            return ReadResult([], self._behind, ended=False)
        # More may have come within the millisecond of the last one, which the service calls no lag.
        if not answer.behind and (answer.more or len(answer.entries) >= limit):
            answer = answer._replace(behind=1)
        self._note(answer)
        ended = answer.iterator is None
        return ReadResult(answer.entries, answer.behind, ended=ended, trimmed=answer.trimmed)

    def pause(self, result: ReadResult) -> float:
        """Return longer pauses with each read that finds nothing at the end of the shard."""
        is_quiet = not result.entries and result.behind == 0
        self._pause = min(self._idle, self._pause * 2) if is_quiet else self._shard.pause
        return 0.0 if self._more else self._pause

    def close(self) -> None:
        """There is nothing to let go of."""

    def _limit(self) -> int:
        return max(1, min(self._shard.most, int(self._ahead.answer() / max(1.0, self._mean))))

    def _note(self, answer: Answer) -> None:
        self._iterator, self._behind, self._more = answer.iterator, answer.behind, answer.more
        if answer.last is not None:
            self._start = ShardStart.after(answer.last)
        if answer.entries:
            # It follows at once if records get larger, and slowly if they get smaller.
            now = answer.size / len(answer.entries)
            known = self._mean != _LARGE
            self._mean = max(now, (self._mean + now) / 2) if known else now
            # The first answer was a small one, asked for to learn how large records are.
            self._more |= not known
