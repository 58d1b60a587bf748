"""A reader of one Kinesis shard, on a thread of its own."""

import threading
import time
from collections.abc import Sequence

from headrace.record import Record
from headrace.runner.backoff import Backoff
from headrace.runner.demand import ChannelState
from headrace.runner.kinesis.errors import is_passing
from headrace.runner.kinesis.shard.backlog import Backlog
from headrace.runner.kinesis.shard.read_method import ReadMethod
from headrace.runner.kinesis.shard.records import Unpacking
from headrace.runner.poller import Channel, Intake

_ROOM_SECONDS = 0.05
# A shard that is read answers more often than this.
_SILENT_MS = 10_000


class ShardReader:
    """Feeds one shard to its channel, from a start to the shard's end.

    It reads no further while 10,000 records wait, or 24 MiB are not done. With the answer of the
    service that is being fed (10 MB), a shard takes some 40 MiB at most, however slow the handler.

    Args:
        shard: the shard's id.
        method: what the shard is read by.
        unpacking: makes records of what was read.
        channel: takes the records.
        intake: the mapping that the channel belongs to.
        backoff: how long to wait after a read that failed.

    Attributes:
        answered: something was read, if only that there is nothing.
        ended: the shard is closed, and all its records were fed.
        error: what ended the reader instead.
    """

    def __init__(
        self,
        shard: str,
        method: ReadMethod,
        unpacking: Unpacking,
        channel: Channel,
        intake: Intake,
        backoff: Backoff,
    ) -> None:
        self.channel = channel
        self.answered = False
        self.ended = False
        self.error: Exception | None = None
        self._shard = shard
        self._method = method
        self._unpacking = unpacking
        self._intake = intake
        self._backoff = backoff
        self._behind = 0
        self._answered_at = _now()
        self._backlog = Backlog()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name=shard, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop reading; returns without waiting for a request that is under way."""
        self._closing.set()

    def caught_up(self) -> bool:
        """Return whether the last read came to the shard's present end."""
        return self.ended or (self.answered and not self._age_of_reading())

    def age(self, state: ChannelState) -> int:
        """Return the IteratorAge: how many milliseconds this shard is behind.

        Args:
            state: of its channel. While something is not done, the oldest such record counts.
        """
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
            self._report_left_out()
            if result.ended:
                return True
            self._closing.wait(self._method.pause(result))
        return False

    def _feed(self, records: Sequence[Record]) -> bool:
        """Feed a chunk once there is room. Returns False if the reader was closed, or cut."""
        while self._backlog.is_full(self._intake.state(self.channel)):
            if self._closing.wait(_ROOM_SECONDS):
                return False
        if self._closing.is_set():
            return False
        self._backlog.add(records)
        return self._intake.feed(self.channel, records)

    def _report_left_out(self) -> None:
        count, self._unpacking.left_out = self._unpacking.left_out, 0
        if count:
            self._intake.log.warning(
                "user records of another shard left out", shard=self._shard, count=count
            )


def _now() -> int:
    return time.time_ns() // 1_000_000
