"""Values as the type that a worker declares."""

from collections.abc import Sequence
from typing import Any

from headrace.input.typed_record import TypedRecord, carried
from headrace.input.types import InputType
from headrace.input.unread_typed import unread_typed
from headrace.record import Record
from headrace.unread_record import UnreadRecord


class DeclaredTyping:
    """Reads values as the type that a worker declares.

    Args:
        kind: reads that type.
    """

    waits = False

    def __init__(self, kind: InputType) -> None:
        self._kind = kind

    def typed(self, record: Record) -> TypedRecord:
        """As any typing."""
        data = self._kind.read(record)
        if isinstance(record, UnreadRecord):
            return unread_typed(record, data)
        return TypedRecord(*carried(record), data)

    def value(self, record: Record) -> Any:
        """As any typing."""
        return record.json()

    async def prepare(self, records: Sequence[Record]) -> None:
        """Nothing need be waited for."""
