"""What JSON is, decided once: for records, filters, results, answers and commands.

Reading is msgspec's, which keeps integers of any size; what it refuses is left to the standard
library, which also reads half a surrogate pair. NaN and Infinity are no JSON. Writing is orjson's;
what it refuses and JSON can express is left to the standard library, too: integers of any size,
numbers as keys, half a surrogate pair.
"""

import json
import math
import re
from typing import Any, NoReturn

import msgspec
import orjson

from headrace.errors import HeadraceError, summary_of

_MOST_DIGITS = 4_300  # the interpreter's own limit for integers
# Three times as quick as `in`, for texts of a few hundred bytes.
_NULL = re.compile(rb"null").search


class JsonError(HeadraceError, ValueError):
    """A text is not JSON, or a value has no form in JSON. The message says where or which."""


class TooDeepError(JsonError):
    """A text or a value may be JSON, but is nested too deeply for the interpreter's stack."""

    def __init__(self) -> None:
        super().__init__("nested too deeply")


def decode(data: bytes | str) -> Any:
    """Read a JSON text in UTF-8, with or without a byte order mark.

    Raises:
        JsonError: it is not JSON.
        TooDeepError: nobody can say whether it is.
    """
    try:
        return msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return _decode_slowly(data)


def encode(value: object, *, indent: bool = False) -> bytes:
    """Write a value as JSON.

    Args:
        value: of Python's plain types; dates, UUIDs, enumerations, dataclasses and structs become
            what they hold.
        indent: break it into lines, for people.

    Raises:
        JsonError: it has no form in JSON, such as a set, bytes or NaN; the message names its type.
    """
    try:
        text = orjson.dumps(value, _plain, orjson.OPT_INDENT_2 if indent else None)
    except TypeError:  # orjson's own error is one
        return _encode_slowly(value, indent=indent)
    if _NULL(text) and _has_no_number(value):  # orjson writes NaN as null
        _refuse_not_a_number()
    return text


def _decode_slowly(data: bytes | str) -> Any:
    try:
        text = data if isinstance(data, str) else data.decode("utf-8-sig")
        return json.loads(text, parse_constant=_refuse_constant)
    except JsonError:
        raise
    except UnicodeDecodeError as error:
        raise JsonError(f"not UTF-8: {error.reason} at byte {error.start}") from None
    except RecursionError:
        raise TooDeepError from None
    except json.JSONDecodeError as error:
        raise JsonError(str(error)) from None
    except ValueError:  # the interpreter's limit, against texts that take it minutes
        raise JsonError("an integer has more than 4,300 digits") from None


def _encode_slowly(value: object, *, indent: bool) -> bytes:
    try:
        text = json.dumps(
            value,
            default=_plain,
            allow_nan=False,
            indent=2 if indent else None,
            separators=None if indent else (",", ":"),
        )
        json.loads(text, object_pairs_hook=_refuse_twice)
    except JsonError as error:
        raise error.with_traceback(None) from None
    except RecursionError:
        raise TooDeepError from None
    except ValueError as error:
        _refuse(str(error))
    except TypeError as error:
        raise JsonError(str(error)) from None
    return text.encode()


def _refuse_twice(pairs: list[tuple[str, Any]]) -> None:
    """Refuse an object two keys of which are the same in JSON, as 1 and "1" are."""
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = next(name for name in found if sum(name == one for one, _ in pairs) > 1)
        raise JsonError(f"two keys of an object become {twice[:100]!r}")


def _plain(value: object) -> object:
    """Return what a value of another type holds, for an encoder that does not know the type."""
    match type(value).__name__:
        case "Decimal":
            return _number(value)
        case "datetime" | "date" | "time" | "UUID":
            return msgspec.to_builtins(value)
    held = _held(value)
    if held is value:
        raise JsonError(_formless(value))
    return held


def _held(value: object) -> object:
    """Return what a value holds that JSON may express, or the value itself if it is no such one."""
    try:
        return _content(value)
    except Exception as error:  # noqa: BLE001 - a property or a method of the value's own
        raise JsonError(f"{_formless(value)}: {summary_of(error)}") from None


def _content(value: Any) -> object:
    if isinstance(value, type):
        return value
    if isinstance(value, msgspec.Struct):
        return {name: getattr(value, name) for name in value.__struct_fields__}
    if hasattr(value, "__dataclass_fields__"):
        from dataclasses import fields  # noqa: PLC0415 - slow to import, and there if needed

        names = (field.name for field in fields(value))
        return {name: getattr(value, name) for name in names if not name.startswith("_")}
    if hasattr(type(value), "__members__"):
        return value.value  # an enumeration's
    if hasattr(value, "tolist"):  # an array, or a number out of one
        return value.tolist()
    return value


def _formless(value: object) -> str:
    return f"a value of type {type(value).__name__} has no form in JSON"


def _number(value: Any) -> int | float:
    """Return a Decimal as a number of the same value. Raises JsonError if there is none."""
    if not value.is_finite():
        _refuse_not_a_number()
    if value and max(value.adjusted() + 1, len(value.as_tuple().digits)) > _MOST_DIGITS:
        # To make an integer of 1e999999999 would take all memory, and more than a lifetime.
        raise JsonError(f"a Decimal has more than {_MOST_DIGITS:,} digits")
    number: int | float = int(value) if value == value.to_integral_value() else float(value)
    if type(value)(repr(number)) != value:
        raise JsonError(f"the Decimal {value} has more digits than a number in JSON keeps")
    return number


def _has_no_number(value: object) -> bool:
    """Return whether a value holds NaN or an infinity."""
    if isinstance(value, float):
        return not math.isfinite(value)
    if isinstance(value, dict):
        return any(map(_has_no_number, value.values()))
    if isinstance(value, list | tuple):
        return any(map(_has_no_number, value))
    held = _held(value)
    return held is not value and _has_no_number(held)


def _refuse_constant(name: str) -> NoReturn:
    raise JsonError(f"{name} is no number in JSON")


def _refuse(complaint: str) -> NoReturn:
    """Say what the standard library found wrong with a value."""
    if "ircular" in complaint:
        raise JsonError("it contains itself") from None
    if "digits" in complaint:
        raise JsonError("an integer has more than 4,300 digits") from None
    _refuse_not_a_number()


def _refuse_not_a_number() -> NoReturn:
    raise JsonError("NaN and Infinity are no numbers in JSON")
