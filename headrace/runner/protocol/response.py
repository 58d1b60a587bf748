"""What a function's response says about a batch of one partition or shard, or of a queue.

The lowest identifier is where delivery resumes: it and all after it come again. Of a queue, the
messages come again that are named, and no others. An identifier
that is empty or was not in the batch makes the whole batch fail, as does a response of a shape
that the service does not know.
"""

from collections.abc import Sequence
from typing import Any

from headrace.errors import HeadraceError, NotDone
from headrace.record import (
    DynamoDbPosition,
    KafkaPosition,
    KinesisPosition,
    MessagePosition,
    Record,
)


class ReportedFailure(HeadraceError):
    """The function named this record as failed."""


class BadResponse(HeadraceError):
    """The response is not one that the service understands; the whole batch failed."""


def read_response(response: Any, records: Sequence[Record]) -> dict[int, Exception]:
    """The failures by index: named ones, and those that merely come after the lowest of them.

    Raises:
        BadResponse: the whole batch failed.
    """
    failed = _failed(response, records)
    if not failed:
        return {}
    is_queue = isinstance(records[0].position, MessagePosition)
    again = sorted(failed) if is_queue else range(min(failed), len(records))
    return {
        index: ReportedFailure("named in batchItemFailures") if index in failed else _resumed()
        for index in again
    }


def _resumed() -> NotDone:
    return NotDone("it comes after the resume point of a partial response")


def _failed(response: Any, records: Sequence[Record]) -> set[int]:
    if not response:  # "", null, {} and []: complete success
        return set()
    if not isinstance(response, dict):
        raise BadResponse(f"the response is a {type(response).__name__}, not an object")
    items = response.get("batchItemFailures") or ()
    if not isinstance(items, list | tuple):
        raise BadResponse("batchItemFailures is not a list")
    if not items:
        return set()
    known = {_identifier(record): index for index, record in enumerate(records)}
    return {_index(item, known) for item in items}


def _index(item: Any, known: dict[object, int]) -> int:
    identifier = item.get("itemIdentifier") if isinstance(item, dict) else None
    if isinstance(identifier, dict):
        identifier = (identifier.get("partition"), identifier.get("offset"))
    try:
        return known[identifier]
    except (KeyError, TypeError):
        raise BadResponse(f"the batch has no record {identifier!r}"[:200]) from None


def _identifier(record: Record) -> object:
    position = record.position
    if isinstance(position, KafkaPosition):
        return f"{position.topic}-{position.partition}", position.offset
    if isinstance(position, MessagePosition):
        return position.id
    if isinstance(position, KinesisPosition | DynamoDbPosition):
        return position.sequence_number
    return str(position)
