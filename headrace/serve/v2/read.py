"""A request of the Open Inference Protocol as arrays: from JSON, or from bytes behind the JSON."""

import math
from collections import Counter
from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from headrace import json_text
from headrace.errors import Reject
from headrace.prepared import prepared
from headrace.serve.v2.tensors import DTYPES, TensorModel

Array = NDArray[Any]

Size = Annotated[int, Meta(ge=0, le=2**31)]
Parameters = dict[str, Any]


class Input(msgspec.Struct):
    """An input as it is sent."""

    name: str
    shape: Annotated[list[Size], Meta(max_length=16)]
    datatype: str
    data: list[Any] | None = None
    parameters: Parameters | None = None


class Output(msgspec.Struct):
    """An output that is asked for."""

    name: str
    parameters: Parameters | None = None


class InferRequest(msgspec.Struct):
    """A request, without the bytes behind it. What clients leave out, some send as null."""

    inputs: Annotated[list[Input], Meta(max_length=64)]
    id: str | None = None
    outputs: list[Output] | None = None
    parameters: Parameters | None = None


def read_request(body: bytes, json_length: str | None) -> tuple[InferRequest, dict[str, Array]]:
    """Read a request.

    Args:
        body: what was sent.
        json_length: the header `Inference-Header-Content-Length`; None: all of it is JSON.

    Raises:
        Reject: It is no such request.
    """
    length = len(body) if json_length is None else _length(json_length, len(body))
    try:
        request = msgspec.convert(json_text.decode(body[:length]), prepared(InferRequest))
    except json_text.JsonError as error:
        raise Reject(f"the request is not JSON: {error}") from None
    except msgspec.ValidationError as error:
        raise Reject(f"the request is not one of the protocol: {error}") from None
    _refuse_twice([one.name for one in request.outputs or ()])
    rest, arrays = memoryview(body)[length:], {}
    for one in request.inputs:
        if one.name in arrays:
            raise Reject(f"the input {one.name[:100]!r} comes twice")
        arrays[one.name], rest = _array(one, rest)
    if rest:
        raise Reject(f"{len(rest)} bytes follow that belong to no input")
    return request, arrays


def check_inputs(arrays: Mapping[str, Array], sent: list[Input], model: TensorModel) -> None:
    """See to it that inputs are those of a model.

    Raises:
        Reject: Names what is missing, unknown, or of another type or shape.
    """
    types = {one.name: one.datatype for one in sent}
    for wanted in model.inputs:
        if wanted.name not in arrays:
            raise Reject(f"the input {wanted.name!r} is missing")
        if types[wanted.name] != wanted.datatype:
            raise Reject(f"the input {wanted.name!r} has to be {wanted.datatype}")
        shape = arrays[wanted.name].shape
        fits = len(shape) == len(wanted.shape) and all(
            size in {-1, found} for size, found in zip(wanted.shape, shape, strict=True)
        )
        if not fits:
            raise Reject(f"the input {wanted.name!r} has to have the shape {list(wanted.shape)}")
    if unknown := set(arrays) - {one.name for one in model.inputs}:
        raise Reject(f"there is no input {min(unknown)[:100]!r}")


def _refuse_twice(outputs: list[str]) -> None:
    """Refuse an output that is asked for again and again: the answer would have no end."""
    (twice, times), *_ = Counter(outputs).most_common(1) or [("", 0)]
    if times > 1:
        raise Reject(f"the output {twice[:100]!r} is asked for twice")


def _length(text: str, most: int) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 12 or int(text) > most:
        raise Reject("Inference-Header-Content-Length is not the length of the JSON")
    return int(text)


def _array(one: Input, rest: memoryview) -> tuple[Array, memoryview]:
    if one.datatype not in DTYPES:
        raise Reject(f"there is no data type {one.datatype[:20]!r}")
    size = (one.parameters or {}).get("binary_data_size")
    if size is None:
        return _of_json(one), rest
    if one.data is not None:
        raise Reject(f"{one.name[:100]!r} has its data twice: in the JSON and behind it")
    if isinstance(size, bool) or not isinstance(size, int) or not 0 <= size <= len(rest):
        raise Reject(f"binary_data_size of {one.name[:100]!r} is not the number of its bytes")
    return _of_bytes(one, rest[:size]), rest[size:]


def _of_bytes(one: Input, data: memoryview) -> Array:
    count = math.prod(one.shape)
    if one.datatype == "BYTES":
        flat = _texts(data)
    else:
        dtype = np.dtype(DTYPES[one.datatype]).newbyteorder("<")
        if len(data) != count * dtype.itemsize:
            raise _misfit(one)
        flat = np.frombuffer(data, dtype)
        if one.datatype == "BOOL" and (np.frombuffer(data, np.uint8) > 1).any():
            raise _misfit(one)
    try:
        return flat.reshape(one.shape)
    except ValueError:  # more or fewer, or sizes that NumPy cannot hold even if one of them is 0
        raise _misfit(one) from None


def _texts(data: memoryview) -> Array:
    """Split bytes, each part with its length before it (4 bytes, little-endian)."""
    found = []
    while data:
        end = 4 + int.from_bytes(data[:4], "little")
        if len(data) < end:
            raise Reject("a text of a BYTES input is cut off")
        found.append(bytes(data[4:end]))
        data = data[end:]
    return np.array(found, object)


def _of_json(one: Input) -> Array:
    try:
        flat = np.array(one.data, object).reshape(-1)
        if one.datatype == "BYTES":
            found = np.array([_bytes(item) for item in flat], object)
        else:
            found = _numbers(flat, np.dtype(DTYPES[one.datatype]))
        return found.reshape(one.shape)
    except (TypeError, ValueError, OverflowError):
        raise _misfit(one) from None


def _numbers(flat: Array, dtype: np.dtype[Any]) -> Array:
    allowed = {"b": (bool,), "f": (int, float)}.get(dtype.kind, (int,))
    if not all(type(item) in allowed for item in flat):  # True is no number here
        raise TypeError
    if dtype.kind in "iu":
        bounds = np.iinfo(dtype)
        if not all(bounds.min <= item <= bounds.max for item in flat):
            raise OverflowError
    with np.errstate(over="ignore"):
        found = flat.astype(dtype)
    if dtype.kind == "f" and not np.isfinite(found).all():  # JSON has no infinity of its own
        raise OverflowError
    return found


def _bytes(item: object) -> bytes:
    if not isinstance(item, str):
        raise TypeError
    return item.encode()


def _misfit(one: Input) -> Reject:
    return Reject(f"the data of {one.name[:100]!r} are not {one.datatype} of its shape")
