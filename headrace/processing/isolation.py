"""A batch: failures isolated, order kept per key, an early end when time runs short.

What becomes of a record is in `headrace.processing.settling`; a worker that is `async def` is run
by `headrace.processing.tasks`.
"""

import math
import time
from collections.abc import Callable, Iterable, Sequence
from contextvars import copy_context

from headrace.definition import check_result
from headrace.errors import failure_of
from headrace.processing.outcomes import Outcomes
from headrace.processing.settling import (
    DeadLetter,
    answers_of,
    held_back,
    key_groups,
    out_of_time,
    settle,
    settle_all,
)
from headrace.record import Record

Process = Callable[[Record], object]
ProcessBatch = Callable[[Sequence[Record]], Sequence[object]]


def run(
    process: Process,
    records: Sequence[Record],
    dead_letter: DeadLetter,
    *,
    deadline: float = math.inf,
    concurrency: int = 1,
) -> Outcomes:
    """Process the records one by one, or `concurrency` keys at a time.

    Args:
        process: takes one record; what it returns is the result.
        records: the batch in the order of delivery.
        dead_letter: writes a rejected record away; whatever it raises makes the record not done.
        deadline: `time.monotonic()` after which no further record is begun.
        concurrency: how many keys may be in work at once; each key stays in order.
    """
    outcomes = Outcomes(records)
    if concurrency == 1 or len(records) < 2:
        begin = 0 if deadline < math.inf else _run_until_failure(process, outcomes, dead_letter)
        if begin < len(records):
            rest, failed = range(begin, len(records)), [records[i].key for i in outcomes.failures]
            _run_in_order(process, rest, outcomes, dead_letter, deadline, failed)
        return outcomes
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 - slow, and needed by few

    groups = key_groups(records)
    with ThreadPoolExecutor(min(concurrency, len(groups))) as pool:
        begun = [
            pool.submit(
                copy_context().run, _run_in_order, process, group, outcomes, dead_letter, deadline
            )
            for group in groups
        ]
    for group in begun:
        group.result()
    return outcomes


def run_whole(
    process_batch: ProcessBatch,
    records: Sequence[Record],
    dead_letter: DeadLetter,
    *,
    deadline: float = math.inf,
) -> Outcomes:
    """Process the records in one call that returns a result or an exception for each.

    It gets a tuple, which it cannot sort: results belong to records by their place.
    If the call itself raises, the records are tried one by one, so that one that breaks the whole
    does not take the others with it. No call is begun after the deadline.
    """
    return settle_all(_results(process_batch, records, deadline), records, dead_letter)


def _run_until_failure(process: Process, outcomes: Outcomes, dead_letter: DeadLetter) -> int:
    """Process records until one is not done. Returns the index after that one.

    With no deadline and no failure to look out for, it is as quick as a loop can be.
    """
    keep, left = outcomes.keep, enumerate(outcomes.records)
    while True:
        try:
            for index, record in left:
                result = process(record)
                if result is not None:
                    check_result(result)
                    keep(index, result)
        except BaseException as error:  # noqa: BLE001 - any failure is this record's own
            if not settle(index, failure_of(error), outcomes, dead_letter):
                return index + 1
        else:
            return len(outcomes.records)


def _run_in_order(
    process: Process,
    indices: Iterable[int],
    outcomes: Outcomes,
    dead_letter: DeadLetter,
    deadline: float,
    failed: Iterable[bytes | None] = (),
) -> None:
    records, keep = outcomes.records, outcomes.keep
    limited, now = deadline < math.inf, time.monotonic
    failed_keys = {key for key in failed if key is not None}
    for index in indices:
        record = records[index]
        if limited and now() >= deadline:
            outcomes.fail(index, out_of_time())
        elif failed_keys and record.key in failed_keys:
            outcomes.fail(index, held_back())
        else:
            try:
                result = process(record)
                if result is not None:
                    check_result(result)
            except BaseException as error:  # noqa: BLE001 - any failure is this record's own
                if settle(index, failure_of(error), outcomes, dead_letter):
                    continue
            else:
                if result is not None:
                    keep(index, result)
                continue
        if record.key is not None:
            failed_keys.add(record.key)


def _results(
    process_batch: ProcessBatch, records: Sequence[Record], deadline: float
) -> Sequence[object]:
    if time.monotonic() >= deadline:
        return [out_of_time() for _ in records]
    try:
        return answers_of(process_batch(tuple(records)), records)
    except BaseException as error:  # noqa: BLE001 - isolated below
        failure = failure_of(error)
        if len(records) == 1:
            return [failure]
        return [_results(process_batch, [record], deadline)[0] for record in records]
