"""Tumbling windows: what a function aggregates over stretches of time, shard by shard.

A record belongs to the window of its arrival; windows begin at multiples of their length since
the epoch. The `state` that the function returns goes to the window's next invocation. With the
first record of a later window, or when the window is over and its shard has no more, the function
is invoked once more without records and with `isFinalInvokeForWindow`; then the state is dropped.
Nothing is delivered from the shard until that has succeeded. A record that comes later than its
window was closed opens it once more, with a fresh state.

The state is only in memory, so the position of an open window's records is not committed
(`headrace.runner.windows.poller`): a restart delivers the window from its first record again.
"""

import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

from headrace import json_text
from headrace import log as telemetry
from headrace.errors import NotDone, summary_of
from headrace.processing.outcomes import Outcomes
from headrace.record import Record, ShardPosition, shard_position
from headrace.runner.function.context import close
from headrace.runner.function.types import BuildEvent, Call
from headrace.runner.protocol.failures import Failures
from headrace.runner.protocol.response import BadResponse
from headrace.runner.windows.window import Window
from headrace.seldom import Seldom

STATE_LIMIT = 1024 * 1024
"""Bytes of JSON that a state may have; a larger one ends its window early."""

# A record is there for readers within a second of its arrival.
_GRACE_MS = 2000
_RETRY_SECONDS = 1.0
_TOLD_SECONDS = 10.0


class NotClosed(NotDone):
    """The final invocation of the window before has not succeeded yet."""


class Windows:
    """Invokes a function with the events of its windows.

    Args:
        seconds: the length of a window.
        call: takes an event to the function.
        build: makes the event of a batch.
        partial: whether the mapping reads partial responses.
    """

    def __init__(self, seconds: int, call: Call, build: BuildEvent, *, partial: bool) -> None:
        self._length = seconds * 1000
        self._call = call
        self._build = build
        self._failures = Failures(partial=partial)
        self._log = telemetry.logger("window", "INFO")
        self._seldom = Seldom(_TOLD_SECONDS)
        self._windows: dict[str, Window] = {}

    def __call__(self, records: Sequence[Record]) -> Outcomes:
        """Invoke once with records of one window (`starts` says where the next one begins).

        Raises:
            NotClosed: the function was not invoked with these records.
            Exception: whatever made the whole batch fail; the state is the one before.
        """
        window = self._of(records[0])
        with window.lock:
            start = self._start(records[0])
            if window.start is not None and (window.is_full or start > window.start):
                self._finish(window, early=start <= window.start)
            if window.start is None:
                window.start = start
            return self._aggregate(window, records)

    def starts(self, records: Sequence[Record]) -> list[int]:
        """Return the indices of the records that begin a later window than the one before."""
        found, latest = [], self._start(records[0])
        for index, record in enumerate(records):
            if (start := self._start(record)) > latest:
                found.append(index)
                latest = start
        return found

    def is_open(self, shard: str) -> bool:
        """Return whether the shard has a window whose final invocation is still to come."""
        return shard in self._windows and self._windows[shard].start is not None

    def safe(self, position: ShardPosition) -> ShardPosition | None:
        """Return the last position up to this one, done as it is, that no open window needs."""
        window = self._windows.get(position.shard)
        return position if window is None or window.start is None else window.safe

    def close_due(self, caught_up: Callable[[str], bool]) -> None:
        """Begin the final invocations of windows that are over; each on a thread of its own.

        Args:
            caught_up: whether all that is in a shard was delivered.
        """
        over = time.time_ns() // 1_000_000 - self._length - _GRACE_MS
        for shard, window in list(self._windows.items()):
            is_over = window.start is not None and window.start <= over
            is_free = not window.closing and time.monotonic() >= window.retry_at
            if is_over and is_free and caught_up(shard):
                window.closing = True
                threading.Thread(target=self._close, args=(window,), daemon=True).start()

    def close(self) -> None:
        """Let go of the function, if it is not in this process."""
        close(self._call)

    def _aggregate(self, window: Window, records: Sequence[Record]) -> Outcomes:
        event = self._build(records)
        window.about = {
            "shardId": _shard(records[0]),
            "eventSourceARN": event["Records"][0]["eventSourceARN"],
        }
        response = self._call(event | self._fields(window))
        state = response.get("state") if isinstance(response, dict) else None
        if not isinstance(state, dict):
            raise BadResponse("with tumbling windows a response must have a `state`, an object")
        size = len(json_text.encode(state))
        outcomes = Outcomes(records, self._failures.of(response, records))
        done = min(outcomes.failures, default=len(records))
        window.state = state
        window.last = shard_position(records[done - 1]) if done else window.last
        window.is_full = size > STATE_LIMIT
        return outcomes

    def _finish(self, window: Window, *, early: bool = False) -> None:
        """The final invocation. Raises NotClosed if it fails."""
        fields = self._fields(window, final=True, early=early)
        try:
            self._call({"Records": [], **fields})
        except Exception as error:
            start = fields["window"]["start"]
            raise NotClosed(f"window {start}: {summary_of(error)}") from error
        window.state, window.is_full, window.safe = {}, False, window.last
        if not early:
            window.start = None

    def _close(self, window: Window) -> None:
        try:
            with window.lock:
                if window.start is not None:
                    self._finish(window)
        except NotClosed as error:
            window.retry_at = time.monotonic() + _RETRY_SECONDS
            untold = self._seldom.due(window.about.get("shardId", ""))
            if untold is not None:
                self._log.warning(
                    "window not closed: it is tried again",
                    error=error,
                    failed_before=untold or None,
                    exc_info=error.__cause__,
                )
        finally:
            window.closing = False

    def _fields(
        self, window: Window, *, final: bool = False, early: bool = False
    ) -> dict[str, Any]:
        start = window.start or 0
        return {
            "window": {"start": _iso(start), "end": _iso(start + self._length)},
            "state": window.state,
            **window.about,
            "isFinalInvokeForWindow": final,
            "isWindowTerminatedEarly": early,
        }

    def _of(self, record: Record) -> Window:
        return self._windows.setdefault(_shard(record), Window())

    def _start(self, record: Record) -> int:
        return (record.timestamp or 0) // self._length * self._length


def _shard(record: Record) -> str:
    return shard_position(record).shard


def _iso(milliseconds: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(milliseconds // 1000))
