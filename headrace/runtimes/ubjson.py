"""UBJSON as XGBoost writes it: sizes of 64 bits, and arrays of one type, which become NumPy's.

A booster of a few hundred trees has thousands of small arrays, and a cold start waits for them: so
arrays that nobody asks for are passed over.
"""

from collections.abc import Collection
from struct import Struct
from typing import Any

import numpy as np

# By the tag of a number, or of an array's type.
_TYPES = {
    tag: np.dtype(kind)
    for tag, kind in zip(b"iUIlLdD", ("i1", "u1", ">i2", ">i4", ">i8", ">f4", ">f8"), strict=True)
}
_BYTES = {tag: kind.itemsize for tag, kind in _TYPES.items()}
_WORDS = {ord("T"): True, ord("F"): False, ord("Z"): None}
_OBJECT, _OBJECT_ENDS, _ARRAY, _OF_ONE_TYPE, _TEXT = b"{}[$S"

_size_at = Struct(">q").unpack_from
_SIZE = 9  # with its tag, which is L


def read(data: bytes, arrays: Collection[bytes]) -> Any:
    """Read what XGBoost itself has written: nothing is made sure of.

    Args:
        data: the document.
        arrays: the names of the arrays of one type that are asked for; an object has no others.

    Returns:
        Objects as dictionaries by names in bytes, texts as bytes.
    """
    return _value(data, 0, arrays)[0]


def _value(data: bytes, at: int, arrays: Collection[bytes]) -> tuple[Any, int]:
    """Return the value at a place, and the place after it."""
    tag = data[at]
    if tag == _OBJECT:
        return _object(data, at + 1, arrays)
    if tag == _ARRAY:
        return _array(data, at + 1, arrays)
    if tag == _TEXT:
        begin = at + 1 + _SIZE
        end = begin + _size_at(data, at + 2)[0]
        return data[begin:end], end
    if tag in _WORDS:
        return _WORDS[tag], at + 1
    return np.frombuffer(data, _TYPES[tag], 1, at + 1)[0], at + 1 + _BYTES[tag]


def _object(data: bytes, at: int, arrays: Collection[bytes]) -> tuple[dict[bytes, Any], int]:
    found = {}
    while data[at] != _OBJECT_ENDS:
        begin = at + _SIZE
        at = begin + _size_at(data, at + 1)[0]
        name = data[begin:at]
        if name not in arrays and data[at] == _ARRAY and data[at + 1] == _OF_ONE_TYPE:
            # Passed over: [$ and the type, #, the count, the numbers.
            at += 4 + _SIZE + _size_at(data, at + 5)[0] * _BYTES[data[at + 2]]
        else:
            found[name], at = _value(data, at, arrays)
    return found, at + 1


def _array(data: bytes, at: int, arrays: Collection[bytes]) -> tuple[Any, int]:
    if data[at] == _OF_ONE_TYPE:
        kind, count = _TYPES[data[at + 1]], _size_at(data, at + 4)[0]
        begin = at + 3 + _SIZE
        return np.frombuffer(data, kind, count, begin), begin + count * kind.itemsize
    values, count = [], _size_at(data, at + 2)[0]  # after a # and the size's tag
    at += 1 + _SIZE
    for _ in range(count):
        value, at = _value(data, at, arrays)
        values.append(value)
    return values, at
