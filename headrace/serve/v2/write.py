"""Arrays as an answer of the Open Inference Protocol: in JSON, or as bytes behind the JSON."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headrace import json_text
from headrace.errors import Reject
from headrace.serve.v2.read import InferRequest
from headrace.serve.v2.tensors import TensorMetadata, TensorModel
from headrace.web.answer import Answer

Array = NDArray[Any]

_LENGTH = "inference-header-content-length"


def infer_answer(
    name: str, model: TensorModel, request: InferRequest, arrays: Mapping[str, Array]
) -> Answer:
    """Return the answer to a request.

    Args:
        name: The model's.
        model: What answered.
        request: What was asked.
        arrays: All outputs by name.

    Raises:
        Reject: There is no such output.
    """
    outputs, behind = [], []
    for metadata, is_binary in _wanted(model, request):
        array = arrays[metadata.name]
        said: dict[str, Any] = {
            "name": metadata.name,
            "datatype": metadata.datatype,
            "shape": list(array.shape),
        }
        if is_binary:
            data = _bytes(array, metadata.datatype)
            said["parameters"] = {"binary_data_size": len(data)}
            behind.append(data)
        else:
            said["data"] = _values(array, metadata.datatype)
        outputs.append(said)
    document: dict[str, Any] = {"model_name": name, "model_version": model.version}
    if request.id:
        document["id"] = request.id
    text = json_text.encode(document | {"outputs": outputs})
    if not behind:
        return Answer(200, (("content-type", "application/json"),), text)
    headers = (("content-type", "application/octet-stream"), (_LENGTH, str(len(text))))
    return Answer(200, headers, b"".join([text, *behind]))


def _wanted(model: TensorModel, request: InferRequest) -> list[tuple[TensorMetadata, bool]]:
    default = (request.parameters or {}).get("binary_data_output") is True
    known = {one.name: one for one in model.outputs}
    if not request.outputs:
        return [(one, default) for one in known.values()]
    for one in request.outputs:
        if one.name not in known:
            raise Reject(f"there is no output {one.name[:100]!r}")
    return [
        (known[one.name], (one.parameters or {}).get("binary_data", default) is True)
        for one in request.outputs
    ]


def _bytes(array: Array, datatype: str) -> bytes:
    if datatype == "BYTES":
        return b"".join(len(one).to_bytes(4, "little") + one for one in array.reshape(-1))
    return array.astype(array.dtype.newbyteorder("<"), copy=False).tobytes()


def _values(array: Array, datatype: str) -> list[Any]:
    flat = array.reshape(-1)
    if datatype == "BYTES":
        return [one.decode(errors="replace") for one in flat]
    return [_finite(one) for one in flat.tolist()] if array.dtype.kind == "f" else flat.tolist()


def _finite(number: float) -> float | None:
    return number if np.isfinite(number) else None  # JSON has no other
