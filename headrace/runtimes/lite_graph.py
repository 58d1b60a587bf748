"""A TFLite file in one interpreter."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from ai_edge_litert.interpreter import Interpreter

from headrace.runtimes.base import Inputs, Outputs, Tensor


class LiteGraph:
    """Used by one thread at a time: the interpreter keeps its tensors between the calls.

    Names are those of the file's first signature, or of its tensors if it has none.

    Args:
        model: the content of the file.
        threads: how many share the work of a call.

    Raises:
        ValueError: The content is not that of a TFLite file.
    """

    def __init__(self, model: bytes, threads: int) -> None:
        self._interpreter = Interpreter(model_content=model, num_threads=threads)
        self._signature = next(iter(self._interpreter.get_signature_list()), None)
        if self._signature is None:
            self._interpreter.allocate_tensors()
            self._entries = {
                entry["name"]: entry for entry in self._interpreter.get_input_details()
            }
        else:
            self._runner = self._interpreter.get_signature_runner(self._signature)
            self._entries = self._runner.get_input_details()

    @cached_property
    def inputs(self) -> Mapping[str, Tensor]:
        """What the graph takes, by name."""
        return {name: _tensor(entry) for name, entry in self._entries.items()}

    @cached_property
    def outputs(self) -> Mapping[str, Tensor]:
        """What the graph answers, by name."""
        if self._signature is not None:
            details = self._runner.get_output_details()
        else:
            details = {entry["name"]: entry for entry in self._interpreter.get_output_details()}
        return {name: _tensor(entry) for name, entry in details.items()}

    def run(self, inputs: Inputs) -> Outputs:
        """Answer the inputs; a graph with a free first size takes any number of rows."""
        if self._signature is not None:
            return dict(self._runner(**inputs))
        for name, value in inputs.items():
            index = self._entries[name]["index"]
            if tuple(self._interpreter.get_tensor(index).shape) != value.shape:
                self._interpreter.resize_tensor_input(index, value.shape)
                self._interpreter.allocate_tensors()
            self._interpreter.set_tensor(index, value)
        self._interpreter.invoke()
        outputs = self._interpreter.get_output_details()
        return {output["name"]: self._interpreter.get_tensor(output["index"]) for output in outputs}


def _tensor(entry: Any) -> Tensor:
    shape = entry["shape_signature"] if len(entry["shape_signature"]) else entry["shape"]
    sizes = tuple(None if size < 0 else int(size) for size in shape)
    return Tensor(entry["dtype"].__name__, sizes)
