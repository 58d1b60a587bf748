"""UBJSON as XGBoost writes it: sizes of 64 bits, and arrays of one type, which become NumPy's."""

from typing import Any

import numpy as np

_TYPES = {
    b"i": "i1",
    b"U": "u1",
    b"I": ">i2",
    b"l": ">i4",
    b"L": ">i8",
    b"d": ">f4",
    b"D": ">f8",
}
_WORDS = {b"T": True, b"F": False, b"Z": None}


def read(data: bytes) -> Any:
    """Read what XGBoost itself has written: nothing is made sure of."""
    return _Reader(data).value()


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def value(self) -> Any:
        tag = self._take(1)
        if tag == b"{":
            return self._object()
        if tag == b"[":
            return self._array()
        if tag == b"S":
            return self._text()
        return _WORDS[tag] if tag in _WORDS else self._numbers(tag, 1)[0]

    def _object(self) -> dict[str, Any]:
        found = {}
        while self._data[self._at] != ord("}"):
            name = self._text()
            found[name] = self.value()
        self._at += 1
        return found

    def _array(self) -> Any:
        if self._data[self._at] == ord("$"):
            kind = self._take(3)[1:2]  # and a #
            return self._numbers(kind, self._size())
        self._at += 1  # a #
        return [self.value() for _ in range(self._size())]

    def _text(self) -> str:
        return self._take(self._size()).decode(errors="replace")

    def _size(self) -> int:
        return int(self._numbers(self._take(1), 1)[0])

    def _numbers(self, tag: bytes, count: int) -> Any:
        kind = np.dtype(_TYPES[tag])
        return np.frombuffer(self._take(count * kind.itemsize), kind)

    def _take(self, size: int) -> bytes:
        self._at += size
        return self._data[self._at - size : self._at]
