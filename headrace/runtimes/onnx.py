"""ONNX Runtime: whole graphs, suppression and strings included, and what skl2onnx makes."""

import re
from collections.abc import Mapping
from functools import cached_property
from typing import Any

import onnxruntime
from onnxruntime.capi.onnxruntime_pybind11_state import Fail, InvalidArgument

from headrace.runtimes.base import Inputs, Outputs, Tensor
from headrace.store.errors import VersionCorruptError
from headrace.store.version import Version

_TYPES = {
    "float": "float32",
    "double": "float64",
    "string": "str",
    **{name: name for name in ("float16", "bool", "int8", "int16", "int32", "int64")},
    **{name: name for name in ("uint8", "uint16", "uint32", "uint64")},
}
_TENSOR = re.compile(r"tensor\((\w+)\)")

# Where weights outside of the file are looked for: a folder that cannot be. Else it would be the
# working directory, whose files nobody has published or hashed.
_NOWHERE = "/dev/null"
_WEIGHTS_ELSEWHERE = (
    "it keeps its weights in another file; save it as one: onnx.save_model(onnx.load(path), path)"
)


def load(version: Version, artifact: str) -> "OnnxRuntime":
    """Load an ONNX file of a version.

    Raises:
        VersionCorruptError: It is not one, or keeps its weights in other files.
    """
    content = version.read(artifact)
    try:
        return OnnxRuntime(content)
    except Exception as error:  # its exceptions have no base of their own
        raise VersionCorruptError(f"{artifact} of {version.name}: {_reason(error)}") from error


class OnnxRuntime:
    """One session; any number of threads may use it."""

    def __init__(self, model: bytes) -> None:
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 4  # what goes wrong is raised; nothing else is for a log
        options.add_session_config_entry(
            "session.model_external_initializers_file_folder_path", _NOWHERE
        )
        self._session = onnxruntime.InferenceSession(
            model, options, providers=["CPUExecutionProvider"]
        )
        self._outputs = [output.name for output in self._session.get_outputs()]

    @cached_property
    def inputs(self) -> Mapping[str, Tensor]:
        """What the graph takes, by name."""
        return {entry.name: _tensor(entry) for entry in self._session.get_inputs()}

    @cached_property
    def outputs(self) -> Mapping[str, Tensor]:
        """What the graph answers, by name."""
        return {entry.name: _tensor(entry) for entry in self._session.get_outputs()}

    def run(self, inputs: Inputs) -> Outputs:
        """Answer the inputs; one that is no tensor is answered as a list.

        Raises:
            ValueError: The graph cannot be run on these, such as an index that is out of range.
        """
        try:
            values = self._session.run(self._outputs, dict(inputs))
        except (Fail, InvalidArgument) as error:
            raise ValueError(_reason(error)) from error
        return dict(zip(self._outputs, values, strict=True))


def _reason(error: Exception) -> str:
    if "external data" in str(error).lower():
        return _WEIGHTS_ELSEWHERE
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:300]


def _tensor(entry: Any) -> Tensor:
    found = _TENSOR.fullmatch(entry.type)
    if found is None or found[1] not in _TYPES:
        return Tensor("", None)
    # ONNX Runtime gives no size for an unknown rank, as for a single value.
    sizes = tuple(size if isinstance(size, int) else None for size in entry.shape)
    return Tensor(_TYPES[found[1]], sizes or None)
