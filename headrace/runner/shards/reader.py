"""A reader of one shard, on a thread of its own."""

import threading
import time
from collections.abc import Sequence

from headrace.record import Record
from headrace.runner.backoff import Backoff
from headrace.runner.demand import ChannelState
from headrace.runner.poller import Channel, Intake
from headrace.runner.shards.backlog import MOST_RECORDS, Backlog
from headrace.runner.shards.bytes_ahead import BytesAhead
from headrace.runner.shards.errors import is_passing
from headrace.runner.shards.stream import Reading

_ROOM_SECONDS = 0.05
# A shard that is read answers more often than this.
_SILENT_MS = 10_000


class ShardReader:
    """Feeds one shard to its channel, from a start to the shard's end.

    It reads no further while 10,000 records wait, or while all readers together hold as many bytes
    as they may.

    Args:
        shard: the shard's id.
        reading: how the shard is read.
        channel: takes the records.
        intake: the mapping that the channel belongs to.
        ahead: bounds the bytes of all readers.
        backoff: how long to wait after a read that failed.

    Attributes:
        answered: something was read, if only that there is nothing; or nothing will be.
        ended: the shard is closed, and all its records were fed.
        error: what ended the reader instead.
    """

    def __init__(
        self,
        shard: str,
        reading: Reading,
        channel: Channel,
        intake: Intake,
        ahead: BytesAhead,
        backoff: Backoff,
    ) -> None:
        self.channel = channel
        self.answered = False
        self.ended = False
        self.error: Exception | None = None
        self._shard = shard
        self._method, self._unpacking = reading
        self._intake = intake
        self._ahead = ahead
        self._backoff = backoff
        self._behind = 0
        self._answered_at = _now()
        self._backlog = Backlog()
        ahead.note(shard, 0)
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name=shard, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop reading; returns without waiting for a request that is under way."""
        self._closing.set()

    def caught_up(self) -> bool:
        """Return whether the last read came to the shard's present end."""
        return self.ended or (self.answered and not self._age_of_reading())

    def note(self, state: ChannelState) -> int:
        """Take in where the channel stands, and return the IteratorAge.

        Args:
            state: of its channel. While something is not done, the oldest such record counts.

        Returns:
            how many milliseconds this shard is behind.
        """
        self._settle(state)
        behind = self._age_of_reading()
        return behind if state.oldest is None else max(behind, _now() - state.oldest)

    def _age_of_reading(self) -> int:
        silent = _now() - self._answered_at
        return self._behind + (silent if silent > _SILENT_MS else 0)

    def _run(self) -> None:
        try:
            self.ended = self._read_all()
        except Exception as error:  # noqa: BLE001 - the poller raises it, on its own thread
            self.error = error
        finally:
            self.answered = True  # or it will not: the limit on all records cut it off
            self._method.close()

    def _read_all(self) -> bool:
        failures = 0
        while not self._closing.is_set():
            try:
                result = self._method.read()
            except Exception as error:
                if not is_passing(error):
                    raise
                failures += 1
                self._intake.log.warning("read failed", shard=self._shard, error=error)
                self._closing.wait(self._backoff.delay(failures))
                continue
            failures = 0
            if not all(map(self._feed, self._unpacking.chunks(result.entries))):
                return False
            self._behind, self._answered_at, self.answered = result.behind, _now(), True
            self._report(trimmed=result.trimmed)
            if result.ended:
                return True
            self._closing.wait(self._method.pause(result))
        return False

    def _feed(self, records: Sequence[Record]) -> bool:
        """Feed a chunk once there is room. Returns False if the reader was closed, or cut."""
        while self._is_full():
            if self._closing.wait(_ROOM_SECONDS):
                return False
        if self._closing.is_set():
            return False
        self._backlog.add(records)
        self._ahead.note(self._shard, self._backlog.size)
        return self._intake.feed(self.channel, records)

    def _is_full(self) -> bool:
        state = self._intake.state(self.channel)
        self._settle(state)
        is_much = state.waiting >= MOST_RECORDS or self._ahead.is_over(self._shard)
        return state.outstanding > 0 and is_much

    def _settle(self, state: ChannelState) -> None:
        self._backlog.settle(state)
        self._ahead.note(self._shard, self._backlog.size, parking=state.parking)

    def _report(self, *, trimmed: bool) -> None:
        if trimmed:
            self._intake.log.error(
                "records were gone from the stream before they were read", shard=self._shard
            )
        count, self._unpacking.left_out = self._unpacking.left_out, 0
        if count:
            self._intake.log.warning(
                "user records of another shard left out", shard=self._shard, count=count
            )


def _now() -> int:
    return time.time_ns() // 1_000_000
