"""A change of a DynamoDB table's item, with plain Python values that stay exact."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

import msgspec
from msgspec import UNSET, UnsetType

from headrace.errors import Reject
from headrace.record import Record
from headrace.sources.attribute_values import Value, plain
from headrace.sources.dynamodb_record import unread_message

_EVENTS = ("INSERT", "MODIFY", "REMOVE")
_SERVICE = "dynamodb.amazonaws.com"

_Image = dict[str, Value] | None | UnsetType


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
    _keys: _Image = UNSET
    _new: _Image = UNSET
    _old: _Image = UNSET

    @property
    def keys(self) -> dict[str, Value]:
        """The item's key. Raises Reject if its values are none of DynamoDB's."""
        keys = self._keys
        if keys is UNSET:
            keys = self._keys = _item(self._told.get("Keys"))
        if keys is None:
            raise _no_change("it has no Keys")
        return keys

    @property
    def new(self) -> dict[str, Value] | None:
        """The item after the change; None if it is gone, or not in the stream. Raises as `keys`."""
        new = self._new
        if new is UNSET:
            new = self._new = _item(self._told.get("NewImage"))
        return new

    @property
    def old(self) -> dict[str, Value] | None:
        """The item before the change; None if it is new, or not in the stream. Raises as `keys`."""
        old = self._old
        if old is UNSET:
            old = self._old = _item(self._told.get("OldImage"))
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
        event, identity = message.get("eventName"), message.get("userIdentity")
        if event in _EVENTS:
            expired = identity is not None and _is_expired(identity)
            return Change(event, expired, message["dynamodb"])
    try:
        found = _decode(record.value or b"")
    except (msgspec.DecodeError, ValueError) as error:
        raise _no_change(error) from None
    return Change(found.event_name, _is_expired(found.user_identity), found.dynamodb)


def _is_expired(identity: Any) -> bool:
    return isinstance(identity, dict) and identity.get("principalId") == _SERVICE


def _no_change(error: object) -> Reject:
    return Reject(f"not a change of a DynamoDB table: {error}")


def _item(image: Any) -> dict[str, Value] | None:
    """Return plain values, or None for None. Raises Reject."""
    if type(image) is not dict:
        return _read(image)
    found: dict[str, Value] = {}
    try:
        for name, value in image.items():
            # Most are texts and numbers, and a call for each would cost more than they do.
            if len(value) != 1:
                found[name] = plain(value)
            elif type(content := value.get("S")) is str:
                found[name] = content
            elif type(content := value.get("N")) is str:
                found[name] = Decimal(content)
            else:
                found[name] = plain(value)
    except (TypeError, AttributeError, InvalidOperation, ValueError):
        raise _no_change(_mistake(image)) from None
    return found


def _read(image: Any) -> dict[str, Value] | None:
    """Return the plain values of an image that is JSON, or of none."""
    if image is None:
        return None
    if type(image) is not msgspec.Raw:
        raise _no_change(_mistake(image))
    try:
        return _item(msgspec.json.decode(image))
    except (msgspec.DecodeError, ValueError) as error:
        raise _no_change(error) from None


def _mistake(image: Any) -> object:
    """Return what is wrong with an image that cannot be read."""
    try:
        values = image.values() if isinstance(image, dict) else [image]
        return [plain(value) for value in values]
    except ValueError as error:
        return error
