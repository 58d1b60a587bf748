"""Tensors become one answer for each row, and how near two answers are."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from headrace.runtimes.base import Outputs, Tensor

Answer = dict[str, Any]
"""One row's outputs by name, as JSON values."""


def answers_of(outputs: Outputs, count: int) -> list[Answer]:
    """Cut outputs into answers, one for each row.

    A value for which the graph has a size of one is that value, not a list of it.

    Raises:
        ValueError: An output has not as many values as there are rows.
    """
    parts = {name: _parts(name, value, count) for name, value in outputs.items()}
    return [{name: values[index] for name, values in parts.items()} for index in range(count)]


def output_schema(outputs: Mapping[str, Tensor]) -> dict[str, Any]:
    """Return the schema of an answer, as far as the graph says it."""
    return {
        "type": "object",
        "properties": {name: _schema(tensor) for name, tensor in outputs.items()},
        "required": list(outputs),
    }


def difference(expected: object, actual: object, tolerance: float, place: str = "") -> str | None:
    """Say where an answer differs from what was expected; None if it is near enough.

    Args:
        expected: A JSON value.
        actual: Another one.
        tolerance: How far numbers may lie apart, absolutely or by that part of the expected one.
        place: What the values are, for the message.
    """
    match expected, actual:
        case dict(), dict() if expected.keys() == actual.keys():
            pairs = [(expected[key], actual[key], f"{place}.{key}") for key in expected]
        case list(), list() if len(expected) == len(actual):
            zipped = enumerate(zip(expected, actual, strict=True))
            pairs = [(one, other, f"{place}[{index}]") for index, (one, other) in zipped]
        case (bool(), _) | (_, bool()):
            pairs = []
        case int() | float(), int() | float() if math.isclose(
            expected, actual, rel_tol=tolerance, abs_tol=tolerance
        ):
            return None
        case _:
            pairs = []
    if pairs:
        found = (difference(one, other, tolerance, at) for one, other, at in pairs)
        return next((text for text in found if text), None)
    if type(expected) is type(actual) and expected == actual:
        return None
    return f"{place.lstrip('.') or 'it'} is {_shown(actual)}, not {_shown(expected)}"


def _parts(name: str, value: Any, count: int) -> list[Any]:
    if isinstance(value, list):  # of maps, as a classifier that skl2onnx converts may answer
        parts = value
    else:
        array = np.asarray(value)
        parts = (array.reshape(count) if array.size == count else array).tolist()
        parts = parts if isinstance(parts, list) else [parts]
    if len(parts) != count:
        raise ValueError(f"output {name!r} has {len(parts)} values for {count} rows")
    return [_plain(part) for part in parts]


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.decode(errors="backslashreplace")
    if isinstance(value, dict):
        return {str(key): _plain(part) for key, part in value.items()}
    if isinstance(value, np.ndarray):  # of a sequence
        return _plain(value.tolist())
    if isinstance(value, list):
        return [_plain(part) for part in value]
    return value.item() if isinstance(value, np.generic) else value


def _schema(tensor: Tensor) -> dict[str, Any]:
    if not tensor.dtype or tensor.shape is None:
        return {}
    kinds = {"f": "number", "s": "string", "b": "boolean"}
    part: dict[str, Any] = {"type": kinds.get(tensor.dtype[0], "integer")}
    sizes = tensor.shape[1:]
    for _ in () if sizes in ((), (1,)) else sizes:
        part = {"type": "array", "items": part}
    return part


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:79]}…"
