"""What a worker gives to be asked by the Open Inference Protocol."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

import msgspec

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Arrays = Mapping[str, "NDArray[np.generic]"]

DTYPES: Mapping[str, str] = {
    "BOOL": "bool",
    "UINT8": "uint8",
    "UINT16": "uint16",
    "UINT32": "uint32",
    "UINT64": "uint64",
    "INT8": "int8",
    "INT16": "int16",
    "INT32": "int32",
    "INT64": "int64",
    "FP16": "float16",
    "FP32": "float32",
    "FP64": "float64",
    "BYTES": "object",
}
"""NumPy's names for the protocol's data types; BYTES are Python's bytes."""


class TensorMetadata(msgspec.Struct, frozen=True):
    """An input or an output.

    Attributes:
        name: What it is called.
        datatype: One of `DTYPES`.
        shape: Its sizes; -1 for one that may vary.
    """

    name: str
    datatype: str
    shape: tuple[int, ...]


class TensorModel(Protocol):
    """One version of a model, loaded."""

    @property
    def version(self) -> str:
        """The version's name."""

    @property
    def platform(self) -> str:
        """What runs it, such as `xgboost_ubj`."""

    @property
    def inputs(self) -> tuple[TensorMetadata, ...]:
        """What it takes."""

    @property
    def outputs(self) -> tuple[TensorMetadata, ...]:
        """What it answers."""

    def infer(self, inputs: Arrays) -> Arrays:
        """Answer inputs of the names, types and shapes that `inputs` says.

        Raises:
            Reject: It cannot take these.
        """


def metadata(name: str, model: TensorModel) -> dict[str, Any]:
    """Return what the protocol tells of a model."""
    return {
        "name": name,
        "versions": [model.version],
        "platform": model.platform,
        "inputs": [msgspec.to_builtins(one) for one in model.inputs],
        "outputs": [msgspec.to_builtins(one) for one in model.outputs],
    }
