"""A served model by the Open Inference Protocol: the graph's own inputs and outputs."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headrace.errors import Reject
from headrace.inference.model import ServedModel
from headrace.runtimes.base import Tensor
from headrace.serve.v2.tensors import DTYPES, Arrays, TensorMetadata

_DATATYPES = {dtype: name for name, dtype in DTYPES.items()} | {"str": "BYTES"}


class ServedTensors:
    """A version of a model.

    Args:
        model: It.
    """

    def __init__(self, model: ServedModel) -> None:
        self.version = model.version
        self.platform = model.runtime_name
        self.inputs = tuple(_metadata(name, one) for name, one in model.inputs.items())
        self._model = model
        self._outputs = model.outputs
        self.outputs = tuple(_metadata(name, one) for name, one in self._outputs.items())

    def infer(self, inputs: Arrays) -> Arrays:
        """Run the graph.

        Raises:
            Reject: The graph does not take these sizes or values.
        """
        taken = {name: _texts(name, array) for name, array in inputs.items()}
        try:
            found: Mapping[str, NDArray[Any]] = self._model.run(taken)
        except ValueError as error:
            raise Reject(f"the model does not take these inputs: {error}") from None
        return {one.name: _typed(found[one.name], one.datatype) for one in self.outputs}


def _metadata(name: str, tensor: Tensor) -> TensorMetadata:
    shape = tuple(-1 if size is None else size for size in tensor.shape or (-1,))
    return TensorMetadata(name, _DATATYPES.get(tensor.dtype, "BYTES"), shape)


def _texts(name: str, array: NDArray[Any]) -> NDArray[Any]:
    if array.dtype != object:
        return array
    try:
        flat = [one.decode() for one in array.reshape(-1)]
    except UnicodeDecodeError:
        raise Reject(f"the input {name!r} holds bytes that are not text in UTF-8") from None
    return np.array(flat, object).reshape(array.shape)


def _typed(array: NDArray[Any], datatype: str) -> NDArray[Any]:
    if datatype != "BYTES":
        return np.asarray(array, DTYPES[datatype])
    flat = [one if isinstance(one, bytes) else str(one).encode() for one in array.reshape(-1)]
    return np.array(flat, object).reshape(array.shape)
