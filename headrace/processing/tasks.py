"""A batch of a worker whose `process` is `async def`: keys as tasks of one event loop.

The rules are those of every batch (`headrace.processing.settling`). At the deadline, tasks are
cancelled, and what they had in work is not done. It has failed if it had been in work from the
beginning: else a record that always takes too long would come again for ever.
"""

import asyncio
import math
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from time import monotonic
from typing import Any

from headrace.definition import check_result
from headrace.errors import Reject, failure_of, message_of, reject_of, summary_of
from headrace.processing.cancelling import uncancel, wait_for_all
from headrace.processing.outcomes import Outcomes
from headrace.processing.settling import (
    DeadLetter,
    answers_of,
    cancelled,
    held_back,
    key_groups,
    out_of_time,
    took_too_long,
)
from headrace.record import Record

Process = Callable[[Record], Awaitable[object]]
ProcessBatch = Callable[[Sequence[Record]], Awaitable[Any]]


async def run(
    process: Process,
    records: Sequence[Record],
    dead_letter: DeadLetter,
    *,
    deadline: float = math.inf,
    concurrency: int = 1,
) -> Outcomes:
    """Process the records one by one, or `concurrency` keys at once.

    Args:
        process: takes one record; what it returns is the result.
        records: the batch in the order of delivery.
        dead_letter: writes a rejected record away, on a thread of its own.
        deadline: `time.monotonic()` at which everything is cancelled.
        concurrency: how many keys may be in work at once; each key stays in order.
    """
    over = asyncio.Event()
    work = _Work(process, Outcomes(records), dead_letter, over)
    groups = key_groups(records) if concurrency > 1 else [range(len(records))]
    left = deque[Sequence[int]](groups)
    try:
        at_once = min(concurrency, len(groups))
        await wait_for_all([work.run(left) for _ in range(at_once)], deadline, over)
    finally:
        outcomes = work.end()
    return outcomes


async def run_whole(
    process_batch: ProcessBatch, records: Sequence[Record], deadline: float = math.inf
) -> Sequence[object]:
    """Return a result or an exception for each record, of one call if that does not raise.

    Raises:
        OutOfTime: all of the time has brought nothing, and there are several records.
    """
    if not records or monotonic() >= deadline:
        return [out_of_time() for _ in records]
    found = await _call(process_batch, records, deadline)
    if found and len(found) < len(records):  # the call raised: which of them is to blame?
        each = [await _call(process_batch, [record], deadline) for record in records]
        found = [one[0] if one else out_of_time() for one in each] if any(each) else []
    if not found and len(records) > 1:
        raise took_too_long()
    return found or [took_too_long()]


async def _call(
    process_batch: ProcessBatch, records: Sequence[Record], deadline: float
) -> list[object]:
    """Return an answer for each record, or what the call raised; nothing if it was cancelled."""
    found: list[object] = []
    over = asyncio.Event()

    async def call() -> None:
        try:
            found.extend(answers_of(await process_batch(tuple(records)), records))
        except BaseException as error:
            if isinstance(error, asyncio.CancelledError) and over.is_set():
                raise
            found.append(failure_of(error))

    if monotonic() < deadline:
        await wait_for_all([call()], deadline, over)
    return found.copy()  # whatever comes later is too late


class _Work:
    """What is still open of a batch.

    Args:
        process: takes one record.
        outcomes: of the batch.
        dead_letter: writes a rejected record away.
        over: set once the batch has ended: what is cancelled then is so for want of time.
    """

    def __init__(
        self, process: Process, outcomes: Outcomes, dead_letter: DeadLetter, over: asyncio.Event
    ) -> None:
        self._process = process
        self._over = over
        self._outcomes = outcomes
        self._dead_letter = dead_letter
        self._open = set(range(len(outcomes.records)))
        self._begun: set[int] = set()
        self._first: set[int] = set()  # with these, their tasks begin

    async def run(self, groups: deque[Sequence[int]]) -> None:
        """Take one group of records after the other, as long as there are any."""
        # All in one coroutine, since it runs for every record.
        process, outcomes, is_open, begun = self._process, self._outcomes, self._open, self._begun
        self._first.update(groups[0][:1] if groups else ())
        while groups:
            failed_keys: set[bytes] = set()
            for index in groups.popleft():
                if index not in is_open:
                    return  # the batch has ended
                record = outcomes.records[index]
                if failed_keys and record.key in failed_keys:
                    self._fail(index, held_back())
                    continue
                begun.add(index)
                try:
                    result = await process(record)
                    if result is not None:
                        check_result(result)
                except BaseException as error:  # noqa: BLE001 - sorted out below
                    if not await self._is_rejected(index, error) and record.key is not None:
                        failed_keys.add(record.key)
                    continue
                if index in is_open:
                    is_open.remove(index)
                    outcomes.keep(index, result)

    def end(self) -> Outcomes:
        """Note what is still open as not done; whatever comes later is too late."""
        for index in self._open:
            self._outcomes.fail(index, self._why_not_done(index))
        self._open.clear()
        return self._outcomes

    def _why_not_done(self, index: int) -> Exception:
        if index not in self._begun:
            return out_of_time()
        return took_too_long() if index in self._first else cancelled()

    async def _is_rejected(self, index: int, error: BaseException) -> bool:
        """Note what a record raised. Returns whether it is done all the same: as a dead letter."""
        if isinstance(error, asyncio.CancelledError):
            if self._over.is_set():
                raise error
            uncancel()  # the record's own doing: the records behind it go on
        reject = reject_of(error)
        if reject is not None:
            record = self._outcomes.records[index]
            refusal = await asyncio.to_thread(_refusal, self._dead_letter, record, reject)
            if refusal is None and index in self._open:
                self._open.remove(index)
                self._outcomes.reject(index, message_of(reject))
                return True
            error = refusal or reject
        if not isinstance(error, Exception):  # it would end the loop, and with it all others
            error = RuntimeError(summary_of(error)).with_traceback(error.__traceback__)
        self._fail(index, error)
        return False

    def _fail(self, index: int, error: Exception) -> None:
        if index in self._open:
            self._open.remove(index)
            self._outcomes.fail(index, error)


def _refusal(dead_letter: DeadLetter, record: Record, error: Reject) -> Exception | None:
    """Write a dead letter. Returns what stood in the way."""
    try:
        dead_letter(record, error)
    except Exception as unacknowledged:  # noqa: BLE001 - then the record is simply not done
        return unacknowledged
    return None
