"""A record whose fields are not read before somebody asks for them.

Most handlers ask for the value alone, some not even for its bytes, and to read the rest costs more
than to hand a record over. Such a record behaves as any other: it compares, hashes, prints, pickles
and matches alike. Whatever needs all of it reads the rest, turns it into a plain `Record`, and lets
go of its message.

What looks into a struct by itself (`msgspec.structs`, encoders) would see what is not read yet: see
`headrace.record.whole`.
"""

from collections.abc import Callable
from typing import Any, ClassVar

import msgspec
from msgspec.structs import force_setattr

from headrace import json_text
from headrace.record import Record

UNREAD: Any = object()
"""What stands in the place of a field that is not read yet. No encoder takes it."""

SLOTS: dict[str, Any] = {name: vars(Record)[name] for name in Record.__struct_fields__}
"""The fields of a record below the properties that stand before them."""

# A stream's record has no request: there, an unread one keeps its message.
message_of, _keep_message = SLOTS["request"].__get__, SLOTS["request"].__set__


def late(name: str, read: Callable[[Any], Any]) -> Any:
    """Return a field that is read from the message when it is asked for.

    Args:
        name: the field's.
        read: returns its content, given the message.
    """
    look, keep = SLOTS[name].__get__, SLOTS[name].__set__

    def field(record: Record) -> Any:
        message = message_of(record)  # before the look: another thread may let go of it after
        content = look(record)
        if content is UNREAD:
            content = read(message)
            keep(record, content)
        return content

    return property(field, doc="As of any record.")


def let_go(record: Record, kind: type[Record] = Record) -> Record:
    """Turn a record into a plain one: all of it was read, by this thread or by another."""
    _keep_message(record, None)
    force_setattr(record, "__class__", kind)
    return record


class UnreadRecord(Record, frozen=True, gc=False):
    """A record that still has its message. Any thread may read it.

    Attributes:
        plain: what it becomes when it was read as a whole.
    """

    plain: ClassVar[type[Record]] = Record

    request = property(lambda _: None, doc="As of any record.")

    def _whole(self) -> Record:
        kind: type[Record] = type(self)
        if not issubclass(kind, UnreadRecord):  # another thread was quicker
            return self
        for name in SLOTS:
            getattr(self, name)
        return let_go(self, kind.plain)

    def __eq__(self, other: object) -> bool:
        return self._whole() == other

    def __ne__(self, other: object) -> bool:
        return self._whole() != other

    def __hash__(self) -> int:
        return hash(self._whole())

    def __repr__(self) -> str:
        return repr(self._whole())

    def __reduce__(self) -> Any:
        return self._whole().__reduce__()

    def __copy__(self) -> Any:
        return self._whole().__copy__()  # type: ignore[attr-defined]

    def __replace__(self, **changes: Any) -> Any:
        return self._whole().__replace__(**changes)

    def __rich_repr__(self) -> Any:
        return self._whole().__rich_repr__()


class UnreadJson(UnreadRecord, frozen=True, gc=False):
    """A record whose value is the message as JSON, which came as plain values."""

    value = late("value", json_text.encode)

    def json(self) -> Any:
        """As of any record."""
        message = message_of(self)
        return Record.json(self) if message is None else msgspec.to_builtins(message)
