"""A batch: failures isolated, order kept per key, an early end when time runs short.

A record that fails holds back the later records of its own key, and no others. Records without a
key hold back nothing. A rejected record is done once its dead letter is acknowledged, so its key
goes on.
"""

import math
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from headrace.definition import check_result
from headrace.errors import NotDone, Reject
from headrace.processing.outcomes import Outcomes
from headrace.record import Record

Process = Callable[[Record], object]
ProcessBatch = Callable[[Sequence[Record]], Sequence[object]]
DeadLetter = Callable[[Record, Reject], None]


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
        _run_in_order(process, range(len(records)), outcomes, dead_letter, deadline)
        return outcomes
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 - slow, and needed by few

    groups = key_groups(records)
    with ThreadPoolExecutor(min(concurrency, len(groups))) as pool:
        begun = [
            pool.submit(_run_in_order, process, group, outcomes, dead_letter, deadline)
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

    If the call itself raises, the records are tried one by one, so that one that breaks the whole
    does not take the others with it. No call is begun after the deadline.
    """
    return settle_all(_results(process_batch, records, deadline), records, dead_letter)


def settle_all(
    results: Sequence[object], records: Sequence[Record], dead_letter: DeadLetter
) -> Outcomes:
    """Note a result or an exception for each record, and write dead letters for what is rejected.

    What follows a failed record of the same key is not done, and gets no dead letter yet.
    """
    outcomes = Outcomes(records)
    failed_keys: set[bytes] = set()
    for index, result in enumerate(results):
        key = records[index].key
        if failed_keys and key in failed_keys:
            outcomes.fail(index, held_back())
        elif not isinstance(result, Exception):
            outcomes.keep(index, result)
        elif not settle(index, result, outcomes, dead_letter) and key is not None:
            failed_keys.add(key)
    return outcomes


def answers_of(results: Any, records: Sequence[Record]) -> Sequence[object]:
    """Return what `process_batch` returned, or what is wrong with it for each record.

    A result that nobody has waited for is an exception of its own.

    Raises:
        TypeError: all that was returned is work that nobody has waited for.
    """
    check_result(results)
    try:
        count = len(results)
    except TypeError:
        count = -1
    if count != len(records):
        found = f"{count} results" if count >= 0 else f"a {type(results).__name__}"
        message = f"process_batch returned {found} for {len(records)} records"
        return [ValueError(message) for _ in records]
    return [_checked(result) for result in results]


def hold_back(outcomes: Outcomes) -> None:
    """Mark what follows a failed record of the same key as not done, though it was processed."""
    if not outcomes.failures:
        return
    failed_keys: set[bytes] = set()
    for index, record in enumerate(outcomes.records):
        if index not in outcomes.failures and record.key in failed_keys:
            outcomes.fail(index, held_back())
        if index in outcomes.failures and record.key is not None:
            failed_keys.add(record.key)


def _run_in_order(
    process: Process,
    indices: Iterable[int],
    outcomes: Outcomes,
    dead_letter: DeadLetter,
    deadline: float,
) -> None:
    records, keep = outcomes.records, outcomes.keep
    limited, now = deadline < math.inf, time.monotonic
    failed_keys: set[bytes] = set()
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
            except Exception as error:  # noqa: BLE001 - any failure is this record's own
                if settle(index, error, outcomes, dead_letter):
                    continue
            else:
                if result is not None:
                    keep(index, result)
                continue
        if record.key is not None:
            failed_keys.add(record.key)


def settle(index: int, error: Exception, outcomes: Outcomes, dead_letter: DeadLetter) -> bool:
    """Note what becomes of a record that raised. Returns whether it is done all the same."""
    if isinstance(error, Reject):
        try:
            dead_letter(outcomes.records[index], error)
        except Exception as unacknowledged:  # noqa: BLE001 - then the record is simply not done
            error = unacknowledged
        else:
            outcomes.reject(index)
            return True
    outcomes.fail(index, error)
    return False


def _results(
    process_batch: ProcessBatch, records: Sequence[Record], deadline: float
) -> Sequence[object]:
    if time.monotonic() >= deadline:
        return [out_of_time() for _ in records]
    try:
        return answers_of(process_batch(records), records)
    except Exception as error:  # noqa: BLE001 - isolated below
        if len(records) == 1:
            return [error]
        return [_results(process_batch, [record], deadline)[0] for record in records]


def _checked(result: object) -> object:
    try:
        check_result(result)
    except TypeError as error:
        return error
    return result


def key_groups(records: Sequence[Record]) -> list[list[int]]:
    """Return the indices of the records of each key, in order; a record without one is a group."""
    groups: dict[object, list[int]] = {}
    for index, record in enumerate(records):
        groups.setdefault(index if record.key is None else record.key, []).append(index)
    return list(groups.values())


def held_back() -> NotDone:
    """Why a record was not attempted that follows a failed one of its key."""
    return NotDone("an earlier record of the same key is not done")


def out_of_time() -> NotDone:
    """Why a record was not attempted for which the time was too short."""
    return NotDone("not attempted: the remaining time is too short")
