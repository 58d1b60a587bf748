"""A change of a DynamoDB table's item, with plain Python values that stay exact."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

import msgspec
from msgspec import UNSET

from headrace.errors import Reject
from headrace.record import Record
from headrace.sources.attribute_values import Value, plain
from headrace.sources.dynamodb_record import unread_message

_EVENTS = ("INSERT", "MODIFY", "REMOVE")
_SERVICE = "dynamodb.amazonaws.com"


class _Message(msgspec.Struct, rename="camel"):
    event_name: Literal["INSERT", "MODIFY", "REMOVE"]
    dynamodb: dict[str, msgspec.Raw]  # what nobody asks for is only skipped
    user_identity: Any = None


_decode = msgspec.json.Decoder(_Message).decode


class Change(msgspec.Struct, gc=False, eq=False):
    """What happened to an item. Its key and its images are read when they are asked for.

    Attributes:
        event: INSERT, MODIFY or REMOVE.
        expired: whether DynamoDB removed the item because its time to live was over.
    """

    event: str
    expired: bool
    _told: Mapping[str, Any]
    _keys: Any = UNSET
    _new: Any = UNSET
    _old: Any = UNSET

    @property
    def keys(self) -> dict[str, Value]:
        """The item's key. Raises Reject if its values are none of DynamoDB's."""
        if self._keys is UNSET:
            self._keys = _read(self._told.get("Keys"))
        if self._keys is None:
            raise _no_change("it has no Keys")
        keys: dict[str, Value] = self._keys
        return keys

    @property
    def new(self) -> dict[str, Value] | None:
        """The item after the change; None if it is gone, or not in the stream. Raises as `keys`."""
        if self._new is UNSET:
            self._new = _read(self._told.get("NewImage"))
        new: dict[str, Value] | None = self._new
        return new

    @property
    def old(self) -> dict[str, Value] | None:
        """The item before the change; None if it is new, or not in the stream. Raises as `keys`."""
        if self._old is UNSET:
            self._old = _read(self._told.get("OldImage"))
        old: dict[str, Value] | None = self._old
        return old

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Change) and self._parts() == other._parts()

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        names = ("event", "keys", "new", "old", "expired")
        told = (f"{n}={part!r}" for n, part in zip(names, self._parts(), strict=True))
        return f"Change({', '.join(told)})"

    def _parts(self) -> tuple[object, ...]:
        return self.event, self.keys, self.new, self.old, self.expired


def change(record: Record) -> Change:
    """Read what happened to an item. Raises Reject if the record is no change of a table."""
    message = unread_message(record)
    if message is not None:  # so its value need not be written as JSON first
        event = message.get("eventName")
        if event in _EVENTS:
            return Change(event, _is_expired(message.get("userIdentity")), message["dynamodb"])
    try:
        found = _decode(record.value or b"")
    except (msgspec.DecodeError, ValueError) as error:
        raise _no_change(error) from None
    return Change(found.event_name, _is_expired(found.user_identity), found.dynamodb)


def _is_expired(identity: Any) -> bool:
    return isinstance(identity, dict) and identity.get("principalId") == _SERVICE


def _read(image: Any) -> dict[str, Value] | None:
    try:
        if type(image) is msgspec.Raw:
            image = msgspec.json.decode(image)
        return None if image is None else _item(image)
    except (msgspec.DecodeError, ValueError) as error:
        raise _no_change(error) from None
    except (AttributeError, InvalidOperation):
        raise _no_change(_mistake(image)) from None


def _no_change(error: object) -> Reject:
    return Reject(f"not a change of a DynamoDB table: {error}")


def _item(image: dict[str, Any]) -> dict[str, Value]:
    """Return plain values. Raises as `plain`, and what Python raises for what has no such parts."""
    found: dict[str, Value] = {}
    for name, value in image.items():
        # Most are texts and numbers, and a call for each would cost more than they do.
        content = value.get("S")
        if content is None:
            content = value.get("N")
            is_number = type(content) is str and len(value) == 1
            content = Decimal(content) if is_number else plain(value)
        elif type(content) is not str or len(value) != 1:
            content = plain(value)
        found[name] = content
    return found


def _mistake(image: Any) -> object:
    """Return what is wrong with an image that cannot be read."""
    try:
        values = image.values() if isinstance(image, dict) else [image]
        return [plain(value) for value in values]
    except ValueError as error:
        return error
