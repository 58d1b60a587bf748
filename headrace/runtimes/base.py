"""The contract of a runtime, and how one is opened."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any, Protocol

import msgspec
import numpy as np
import numpy.typing as npt

from headrace.extras import needs
from headrace.runtimes.names import EXTRAS, RuntimeName
from headrace.store.version import Version

Array = npt.NDArray[np.generic]
Inputs = Mapping[str, Array]
Outputs = dict[str, Array]

_MODULES: dict[RuntimeName, str] = {
    "litert": "headrace.runtimes.litert",
    "onnxruntime": "headrace.runtimes.onnx",
    "tensorflow": "headrace.runtimes.tensorflow",
    "xgboost": "headrace.runtimes.xgboost",
}


class Tensor(msgspec.Struct, frozen=True):
    """An input or an output of a graph.

    Attributes:
        dtype: A NumPy type by name, such as "float32"; "str" for text; "" if it is no tensor.
        shape: The sizes, None for one that may vary; None if nothing is known. The first size is
            the batch.
        columns: What the columns of a table are called, if the graph says so.
    """

    dtype: str
    shape: tuple[int | None, ...] | None
    columns: tuple[str, ...] = ()


class Runtime(Protocol):
    """A loaded graph. Any number of threads may use it."""

    @property
    def inputs(self) -> Mapping[str, Tensor]:
        """What it takes, by name."""

    @property
    def outputs(self) -> Mapping[str, Tensor]:
        """What it answers, by name; a shape may be unknown."""

    def run(self, inputs: Inputs) -> Outputs:
        """Answer all inputs, named as `inputs` says, with all outputs.

        Raises:
            Exception: The inputs are not what the graph takes.
        """


def open_runtime(name: RuntimeName, version: Version, artifact: str, **options: Any) -> Runtime:
    """Load a version's graph from its verified bytes.

    Args:
        name: Which runtime.
        version: What holds the graph.
        artifact: The graph's file, or for a SavedModel its folder, in the version.
        **options: As the runtime's own `load` takes them.

    Raises:
        HeadraceError: The runtime is not installed; names the command that brings it.
        VersionCorruptError: The file is not one for this runtime.
    """
    try:
        module = import_module(_MODULES[name])
    except ModuleNotFoundError as error:
        raise needs(EXTRAS[name], error) from error
    runtime: Runtime = module.load(version, artifact, **options)
    return runtime
