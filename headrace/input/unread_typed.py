"""A typed record of one that is not read yet: it asks that one when it is asked itself."""

from operator import attrgetter
from typing import Any, ClassVar

from headrace.input.typed_record import TypedRecord
from headrace.record import Record
from headrace.unread_record import UNREAD, UnreadRecord, late, message_of


class UnreadTyped(UnreadRecord, TypedRecord, frozen=True, gc=False):
    """Most handlers ask for `data` alone: the rest is left to the record that it came of."""

    plain: ClassVar[type[Record]] = TypedRecord

    position = late("position", attrgetter("position"))
    value = late("value", attrgetter("value"))
    key = late("key", attrgetter("key"))
    headers = late("headers", attrgetter("headers"))
    timestamp = late("timestamp", attrgetter("timestamp"))

    def json(self) -> Any:
        """As of any record."""
        record = message_of(self)
        return Record.json(self) if record is None else record.json()


def unread_typed(record: UnreadRecord, data: Any) -> TypedRecord:
    """Return a record with its data."""
    kept: Any = record
    return UnreadTyped(
        record.source, UNREAD, UNREAD, UNREAD, UNREAD, UNREAD, kept, None, None, data
    )
