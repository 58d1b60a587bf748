"""ONNX Runtime: whole graphs, suppression and strings included."""

import numpy as np
import numpy.typing as npt
import onnxruntime

from models.detector.runtimes import Outputs


class OnnxRuntime:
    """One session; any number of threads may use it."""

    def __init__(self, model: bytes) -> None:
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3  # errors: warnings about graph surgery help nobody here
        self._session = onnxruntime.InferenceSession(
            model, options, providers=["CPUExecutionProvider"]
        )
        (entry,) = self._session.get_inputs()
        self._input = entry.name
        self._outputs = [output.name for output in self._session.get_outputs()]

    def run(self, image: npt.NDArray[np.generic]) -> Outputs:
        """Return outputs by the graph's names."""
        values = self._session.run(self._outputs, {self._input: image})
        return dict(zip(self._outputs, values, strict=True))
