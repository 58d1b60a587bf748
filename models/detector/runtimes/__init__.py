"""What runs a detector's graph: one small file per runtime, each an optional package."""

from typing import Protocol

import numpy as np
import numpy.typing as npt

from headrace.store.version import Version
from models.detector.spec import DetectorSpec

Outputs = dict[str, npt.NDArray[np.generic]]


class Runtime(Protocol):
    """A loaded graph."""

    def run(self, image: npt.NDArray[np.generic]) -> Outputs:
        """Answer one image [1, H, W, 3] with the graph's outputs by name. Safe in many threads."""


def open_runtime(spec: DetectorSpec, version: Version) -> Runtime:
    """Load a version's graph from its verified bytes.

    Raises:
        ModuleNotFoundError: The runtime is not installed; `version.check_libraries` says so better.
    """
    match spec.runtime:
        case "litert":
            from models.detector.runtimes.litert import LiteRt  # noqa: PLC0415 - optional, and slow

            return LiteRt(version.read(spec.artifact))
        case "onnxruntime":
            from models.detector.runtimes.onnx import OnnxRuntime  # noqa: PLC0415

            return OnnxRuntime(version.read(spec.artifact))
        case "tensorflow":
            from models.detector.runtimes.tensorflow import TensorFlow  # noqa: PLC0415

            return TensorFlow.from_version(version, spec.artifact)
