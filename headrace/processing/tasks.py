"""A batch of a worker whose `process` is `async def`: keys as tasks of one event loop.

The rules are those of every batch (`headrace.processing.settling`). At the deadline, tasks are
cancelled, and what they had in work is not done.
"""

import asyncio
import math
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Sequence
from time import monotonic
from typing import Any

from headrace.definition import check_result
from headrace.errors import NotDone, Reject, failure_of, message_of, summary_of
from headrace.processing.outcomes import Outcomes
from headrace.processing.settling import (
    DeadLetter,
    answers_of,
    held_back,
    key_groups,
    out_of_time,
)
from headrace.record import Record

Process = Callable[[Record], Awaitable[object]]
ProcessBatch = Callable[[Sequence[Record]], Awaitable[Any]]

# How long a cancelled task may take to end; after that it is left to itself.
_GRACE_SECONDS = 0.5


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
    work = _Work(process, Outcomes(records), dead_letter)
    groups = key_groups(records) if concurrency > 1 else [range(len(records))]
    left = deque[Iterable[int]](groups)
    try:
        await _wait([work.run(left) for _ in range(min(concurrency, len(groups)))], deadline)
    finally:
        outcomes = work.end()
    return outcomes


async def run_whole(
    process_batch: ProcessBatch, records: Sequence[Record], deadline: float = math.inf
) -> Sequence[object]:
    """Return a result or an exception for each record, of one call if that does not raise."""
    found: list[object] = []

    async def call() -> None:
        try:
            found.extend(answers_of(await process_batch(tuple(records)), records))
        except BaseException as error:
            if isinstance(error, asyncio.CancelledError) and _is_cancelled():
                raise
            found.append(failure_of(error))

    if monotonic() >= deadline:
        return [out_of_time() for _ in records]
    await _wait([call()], deadline)
    if not found:
        return [_cancelled() for _ in records]
    if len(found) == len(records):
        return found.copy()
    return [(await run_whole(process_batch, [record], deadline))[0] for record in records]


class _Work:
    """What is still open of a batch.

    Args:
        process: takes one record.
        outcomes: of the batch.
        dead_letter: writes a rejected record away.
    """

    def __init__(self, process: Process, outcomes: Outcomes, dead_letter: DeadLetter) -> None:
        self._process = process
        self._outcomes = outcomes
        self._dead_letter = dead_letter
        self._open = set(range(len(outcomes.records)))
        self._begun: set[int] = set()

    async def run(self, groups: deque[Iterable[int]]) -> None:
        """Take one group of records after the other, as long as there are any."""
        # All in one coroutine, since it runs for every record.
        process, outcomes, is_open, begun = self._process, self._outcomes, self._open, self._begun
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
            self._outcomes.fail(index, _cancelled() if index in self._begun else out_of_time())
        self._open.clear()
        return self._outcomes

    async def _is_rejected(self, index: int, error: BaseException) -> bool:
        """Note what a record raised. Returns whether it is done all the same: as a dead letter."""
        if isinstance(error, asyncio.CancelledError) and _is_cancelled():
            raise error
        if isinstance(error, Reject):
            record = self._outcomes.records[index]
            refusal = await asyncio.to_thread(_refusal, self._dead_letter, record, error)
            if refusal is None and index in self._open:
                self._open.remove(index)
                self._outcomes.reject(index, message_of(error))
                return True
            error = refusal or error
        if not isinstance(error, Exception):  # it would end the loop, and with it all others
            error = RuntimeError(summary_of(error)).with_traceback(error.__traceback__)
        self._fail(index, error)
        return False

    def _fail(self, index: int, error: Exception) -> None:
        if index in self._open:
            self._open.remove(index)
            self._outcomes.fail(index, error)


async def _wait(coroutines: Sequence[Coroutine[Any, Any, None]], deadline: float) -> None:
    """Run all at once; cancel what has not ended at the deadline, or when this is cancelled."""
    tasks = [asyncio.create_task(coroutine) for coroutine in coroutines]
    if not tasks:
        return
    seconds = None if deadline == math.inf else max(0.0, deadline - monotonic())
    pending = set(tasks)
    try:
        _, pending = await asyncio.wait(tasks, timeout=seconds)
    finally:
        for task in pending:
            task.cancel()
    if pending:
        _, pending = await asyncio.wait(pending, timeout=_GRACE_SECONDS)
    for task in tasks:
        if task not in pending and not task.cancelled():
            task.result()  # raises what no record is to blame for


def _refusal(dead_letter: DeadLetter, record: Record, error: Reject) -> Exception | None:
    """Write a dead letter. Returns what stood in the way."""
    try:
        dead_letter(record, error)
    except Exception as unacknowledged:  # noqa: BLE001 - then the record is simply not done
        return unacknowledged
    return None


def _is_cancelled() -> bool:
    """Return whether somebody asked this very task to end."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def _cancelled() -> NotDone:
    return NotDone("cancelled: the remaining time is too short")
