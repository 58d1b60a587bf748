"""What becomes of a record: the rules that every way of running a batch shares.

A record that fails holds back the later records of its own key, and no others. Records without a
key hold back nothing. A rejected record is done once its dead letter is acknowledged, so its key
goes on.
"""

from collections.abc import Callable, Sequence
from typing import Any

from headrace.definition import check_waited
from headrace.errors import NotDone, OutOfTime, Reject, message_of, reject_of, summary_of
from headrace.processing.outcomes import Outcomes
from headrace.record import Record

# They have a length, but are no list of results: a mapping by id, text.
_NOT_IN_ORDER = (dict, set, frozenset, str, bytes)

DeadLetter = Callable[[Record, Reject], None]


def refuse(record: Record, error: Reject) -> None:
    """Hand a Reject back to the caller who waits for what becomes of the record."""
    del record
    raise error


def settle(index: int, error: Exception, outcomes: Outcomes, dead_letter: DeadLetter) -> bool:
    """Note what becomes of a record that raised. Returns whether it is done all the same."""
    reject = reject_of(error)
    if reject is not None:
        try:
            dead_letter(outcomes.records[index], reject)
        except Exception as unacknowledged:  # noqa: BLE001 - then the record is simply not done
            error = unacknowledged
        else:
            outcomes.reject(index, message_of(reject))
            return True
    outcomes.fail(index, error)
    return False


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


def answers_of(results: Any, records: Sequence[Record]) -> Sequence[object]:
    """Return what `process_batch` returned, or what is wrong with it for each record.

    A result that nobody has waited for is an exception of its own. One that would end the process
    (a task that was cancelled, of `gather(…, return_exceptions=True)`) is one that ends nothing.

    Raises:
        TypeError: all that was returned is work that nobody has waited for.
    """
    check_waited(results, "process_batch")
    try:
        count = -1 if isinstance(results, _NOT_IN_ORDER) else len(results)
    except TypeError:
        count = -1
    if count != len(records):
        found = f"{count} results" if count >= 0 else f"a {type(results).__name__}"
        message = f"process_batch returned {found} for {len(records)} records"
        return [ValueError(message) for _ in records]
    return [_checked(result) for result in results]


def _checked(result: object) -> object:
    if isinstance(result, type) and issubclass(result, BaseException):
        return TypeError(f"process_batch returned the class {result.__name__}: return an error")
    if isinstance(result, BaseException) and not isinstance(result, Exception):
        return RuntimeError(summary_of(result))
    try:
        check_waited(result, "process_batch")
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


def cancelled() -> NotDone:
    """Why a task ended that was not the first of its batch when the time was over."""
    return NotDone("cancelled: the remaining time is too short")


def took_too_long() -> OutOfTime:
    """Why a task failed that had all of the time."""
    return OutOfTime("cancelled: it took longer than an invocation may")
