"""The runtimes by name, and which of them takes a file; without NumPy, for the command line."""

from pathlib import PurePosixPath
from typing import Literal, get_args

RuntimeName = Literal["litert", "onnxruntime", "tensorflow", "xgboost"]
RUNTIMES: tuple[RuntimeName, ...] = get_args(RuntimeName)

EXTRAS: dict[RuntimeName, str] = {
    "litert": "litert",
    "onnxruntime": "onnx",
    "tensorflow": "tensorflow",
    "xgboost": "xgboost",
}
# Distributions in either of which a runtime comes, and the versions that are known to do.
LIBRARIES: dict[RuntimeName, tuple[str, str]] = {
    "litert": ("ai-edge-litert", ">=2.0,<3"),
    "onnxruntime": ("onnxruntime|onnxruntime-gpu", ">=1.20,<2"),
    "tensorflow": ("tensorflow-cpu|tensorflow", ">=2.16,<3"),
    "xgboost": ("xgboost-cpu|xgboost", ">=2.1,<4"),
}
_SUFFIXES: dict[str, RuntimeName] = {
    ".tflite": "litert",
    ".onnx": "onnxruntime",
    ".ubj": "xgboost",
    ".json": "xgboost",
}


def libraries_of(name: RuntimeName) -> dict[str, str]:
    """Return what a manifest says about the libraries that may load a version of this runtime."""
    distributions, versions = LIBRARIES[name]
    return {distributions: versions}


def runtime_for(path: str) -> RuntimeName | None:
    """Say which runtime takes a file of this name; never TensorFlow, which is asked for by name."""
    return _SUFFIXES.get(PurePosixPath(path).suffix.lower())


def suffixes_of(name: RuntimeName) -> list[str]:
    """Return how the names of the files end that a runtime takes."""
    return [suffix for suffix, runtime in _SUFFIXES.items() if runtime == name]
