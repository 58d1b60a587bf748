"""DynamoDB's typed attribute values as plain Python values, and exact."""

import base64
import binascii
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any

# What an attribute may be; lists and maps hold such values again.
Value = Any


def plain(value: Any) -> Value:
    """Turn a typed value, such as `{"N": "1.5"}`, into a plain one.

    Returns:
        text, Decimal, bytes, bool, None, a list, a dict, or a set of text, Decimals or bytes.

    Raises:
        ValueError: it is no attribute value; the message names what it is.
    """
    if not isinstance(value, dict) or len(value) != 1:
        raise ValueError(f"{value!r:.80} is no attribute value")
    ((kind, content),) = value.items()
    read = _KINDS.get(kind)
    if read is None:
        raise ValueError(f"{kind!r} is no type of an attribute")
    try:
        return read(content)
    except (TypeError, AttributeError, InvalidOperation, binascii.Error) as error:
        raise ValueError(f"{content!r:.80} is no value of the type {kind}: {error!r}") from None


def _text(content: Any) -> str:
    if type(content) is not str:
        raise TypeError("not text")
    return content


def _number(content: Any) -> Decimal:
    if type(content) is not str:  # Decimal takes other types, too
        raise TypeError("not text")
    return Decimal(content)


def _binary(content: Any) -> bytes:
    return base64.b64decode(_text(content), validate=True)


def _boolean(content: Any) -> bool:
    if not isinstance(content, bool):
        raise TypeError("not a boolean")
    return content


def _null(content: Any) -> None:
    del content


def _list(content: Any) -> list[Value]:
    return [plain(value) for value in _many(content)]


def _map(content: Any) -> dict[str, Value]:
    return {name: plain(value) for name, value in content.items()}


def _set(read: Callable[[Any], Value]) -> Callable[[Any], Value]:
    return lambda content: {read(value) for value in _many(content)}


def _many(content: Any) -> list[Any]:
    if not isinstance(content, list):
        raise TypeError("not a list")
    return content


_KINDS: dict[str, Callable[[Any], Value]] = {
    "S": _text,
    "N": _number,
    "B": _binary,
    "BOOL": _boolean,
    "NULL": _null,
    "L": _list,
    "M": _map,
    "SS": _set(_text),
    "NS": _set(_number),
    "BS": _set(_binary),
}
