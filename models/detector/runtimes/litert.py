"""LiteRT: a TFLite file, 20 MB of packages, an answer within a third of a second."""

import os
import threading

import numpy as np
import numpy.typing as npt
from ai_edge_litert.interpreter import Interpreter

from models.detector.runtimes import Outputs


class LiteRt:
    """One interpreter, used by one thread at a time: it keeps its tensors between the calls."""

    def __init__(self, model: bytes) -> None:
        self._interpreter = Interpreter(model_content=model, num_threads=usable_cpus())
        self._lock = threading.Lock()
        self._signature = next(iter(self._interpreter.get_signature_list()), None)
        if self._signature is None:
            self._interpreter.allocate_tensors()
        else:
            self._runner = self._interpreter.get_signature_runner(self._signature)
            (self._input,) = self._runner.get_input_details()

    def run(self, image: npt.NDArray[np.generic]) -> Outputs:
        """Return outputs by the signature's names, or by the tensors' names if there is none."""
        with self._lock:
            if self._signature is None:
                return self._invoke(image)
            return dict(self._runner(**{self._input: image}))

    def _invoke(self, image: npt.NDArray[np.generic]) -> Outputs:
        (entry,) = self._interpreter.get_input_details()
        self._interpreter.set_tensor(entry["index"], image)
        self._interpreter.invoke()
        outputs = self._interpreter.get_output_details()
        return {output["name"]: self._interpreter.get_tensor(output["index"]) for output in outputs}


def usable_cpus() -> int:
    """Return how many processors this process may use: one thread each, none idle, none waiting."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
