"""Records with the data that their worker declared, and a worker's methods fed with them."""

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from headrace.errors import HeadraceError
from headrace.position import Position
from headrace.processing.settling import answers_of
from headrace.record import Headers, PayloadSchema, Record
from headrace.request import Request


class TypedRecord(Record, frozen=True, gc=False):
    """A record whose value has been read.

    Attributes:
        data: the value, as the worker's class declares it.
    """

    data: Any = None


def carried(
    record: Record,
) -> tuple[
    str,
    Position,
    bytes | None,
    bytes | None,
    Headers,
    int | None,
    Request | None,
    PayloadSchema | None,
    PayloadSchema | None,
]:
    """Return what a typed record takes over from the record as it came, in order."""
    return (
        record.source,
        record.position,
        record.value,
        record.key,
        record.headers,
        record.timestamp,
        record.request,
        record.value_schema,
        record.key_schema,
    )


class Typing(Protocol):
    """What reads the data of records.

    Attributes:
        waits: whether `typed` may have to wait for somebody.
    """

    waits: bool

    def typed(self, record: Record) -> TypedRecord:
        """Return a record with its data. Raises Reject if its value does not fit."""
        ...

    def value(self, record: Record) -> Any:
        """Return what a value holds, before it is read as anything. Raises Reject."""
        ...

    async def prepare(self, records: Sequence[Record]) -> None:
        """Wait for what `typed` would have to wait for, so that it holds up no event loop."""
        ...


def fed(
    method: Callable[[Any], Any], typing: Typing, *, batches: bool, is_async: bool
) -> Callable[[Any], Any]:
    """Return a worker's method as a function of records without data.

    Args:
        method: `process` or `process_batch`.
        typing: reads the data.
        batches: whether it is `process_batch`: it gets the records that fit.
        is_async: whether it is `async def`.
    """
    if batches:
        return _batches_async(method, typing) if is_async else _batches(method, typing)
    typed = typing.typed
    if not (is_async and typing.waits):
        return lambda record: method(typed(record))

    async def process(record: Record) -> object:
        await typing.prepare((record,))
        return await method(typed(record))

    return process


def _batches(method: Callable[[Any], Any], typing: Typing) -> Callable[[Any], Any]:
    def process(records: Sequence[Record]) -> Sequence[object]:
        answers, fitting = _read(records, typing)
        found = answers_of(method(fitting), fitting) if fitting else ()
        return _merged(answers, found)

    return process


def _batches_async(method: Callable[[Any], Any], typing: Typing) -> Callable[[Any], Any]:
    async def process(records: Sequence[Record]) -> Sequence[object]:
        await typing.prepare(records)
        answers, fitting = _read(records, typing)
        found = answers_of(await method(fitting), fitting) if fitting else ()
        return _merged(answers, found)

    return process


def _read(
    records: Sequence[Record], typing: Typing
) -> tuple[list[Exception | None], list[TypedRecord]]:
    """Return why each record is not processed, None if it is; and those that are."""
    answers: list[Exception | None] = []
    fitting = []
    for record in records:
        try:
            fitting.append(typing.typed(record))
            answers.append(None)
        except HeadraceError as error:
            answers.append(error)
    return answers, fitting


def _merged(answers: Sequence[Exception | None], found: Sequence[object]) -> list[object]:
    rest = iter(found)
    return [next(rest) if answer is None else answer for answer in answers]
