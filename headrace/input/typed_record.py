"""Records with the data that their worker declared, and a worker's methods fed with them."""

from collections.abc import Callable, Sequence
from typing import Any

from headrace.errors import Reject
from headrace.input.types import InputType
from headrace.processing.settling import answers_of
from headrace.record import Record


class TypedRecord(Record, frozen=True, gc=False):
    """A record whose value has been read.

    Attributes:
        data: the value, as the worker's class declares it.
    """

    data: Any = None


def typed(record: Record, kind: InputType) -> TypedRecord:
    """Return a record with its data. Raises Reject if its value does not fit."""
    return TypedRecord(
        record.source,
        record.position,
        record.value,
        record.key,
        record.headers,
        record.timestamp,
        record.request,
        kind.read(record),
    )


def fed(
    method: Callable[[Any], Any], kind: InputType, *, batches: bool, is_async: bool
) -> Callable[[Any], Any]:
    """Return a worker's method as a function of records without data.

    Args:
        method: `process` or `process_batch`.
        kind: what reads the data.
        batches: whether it is `process_batch`: it gets the records that fit.
        is_async: whether it is `async def`.
    """
    if not batches:
        return lambda record: method(typed(record, kind))

    def process(records: Sequence[Record]) -> Sequence[object]:
        answers, fitting = _read(records, kind)
        found = answers_of(method(fitting), fitting) if fitting else ()
        return _merged(answers, found)

    async def process_async(records: Sequence[Record]) -> Sequence[object]:
        answers, fitting = _read(records, kind)
        found = answers_of(await method(fitting), fitting) if fitting else ()
        return _merged(answers, found)

    return process_async if is_async else process


def _read(
    records: Sequence[Record], kind: InputType
) -> tuple[list[Reject | None], list[TypedRecord]]:
    """Return why each record is rejected, None if it is not; and those that are not."""
    answers: list[Reject | None] = []
    fitting = []
    for record in records:
        try:
            fitting.append(typed(record, kind))
            answers.append(None)
        except Reject as error:
            answers.append(error)
    return answers, fitting


def _merged(answers: Sequence[Reject | None], found: Sequence[object]) -> list[object]:
    rest = iter(found)
    return [next(rest) if answer is None else answer for answer in answers]
