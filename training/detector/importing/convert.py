"""From a SavedModel to a runtime that starts fast: what converters give, and one to ONNX."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import tensorflow as tf

from headrace.errors import HeadraceError
from headrace.runtimes.tensorflow import TensorFlow
from models.detector.spec import SIGNATURE, DetectorSpec, RuntimeName

_OPSET = "17"
_CONVERSION_SECONDS = 900
# A SavedModel needs none, and TensorFlow loads it with all that it can find, for seconds: here it
# looks for Keras 2, which is not installed.
_WITHOUT_KERAS = {"TF_USE_LEGACY_KERAS": "1"}


class NotConvertibleError(HeadraceError):
    """This graph does not convert to this runtime; the message says why."""


class Converted(NamedTuple):
    """A graph for another runtime, and how to load, feed and read it."""

    model: bytes
    spec: DetectorSpec


def to_onnx(model: TensorFlow) -> Converted:
    """Convert the whole graph, suppression, tables and strings included.

    It is saved anew, so that a module of the first TF Hub format becomes one like any other, and
    converted in a process of its own: the converter changes global state of TensorFlow.

    Args:
        model: The loaded SavedModel.

    Raises:
        NotConvertibleError: The converter failed.
    """
    forget_collections(model)
    with tempfile.TemporaryDirectory(prefix="onnx-") as private, reasons():
        folder, output = Path(private, "model"), Path(private, "detector.onnx")
        tf.saved_model.save(model.loaded, str(folder), {SIGNATURE: model.signature})
        command = [sys.executable, "-m", "tf2onnx.convert", "--saved-model", str(folder)]
        command += ["--signature_def", SIGNATURE, "--tag", "serve", "--opset", _OPSET]
        run = subprocess.run(  # noqa: S603 - no shell, and nothing of a stranger's
            [*command, "--output", str(output)],
            capture_output=True,
            text=True,
            check=False,
            env=os.environ | _WITHOUT_KERAS,
            timeout=_CONVERSION_SECONDS,
        )
        if run.returncode or not output.is_file():
            lines = run.stderr.strip().splitlines() or ["tf2onnx failed without a word"]
            raise NotConvertibleError(lines[-1])
        return Converted(output.read_bytes(), contract_spec("onnxruntime", output.name))


def contract_spec(runtime: RuntimeName, artifact: str) -> DetectorSpec:
    """Return the description of a graph that takes any image and answers by the contract."""
    return DetectorSpec(
        runtime=runtime,
        artifact=artifact,
        head="contract",
        input_size=None,
        max_detections=1000,  # as many as the graph itself gives
    )


def forget_collections(model: TensorFlow) -> None:
    """Drop what a graph of TensorFlow 1 remembers of its session: it confuses every converter."""
    graph = model.signature.graph
    for name in graph.get_all_collection_keys():
        graph.clear_collection(name)


@contextmanager
def reasons() -> Iterator[None]:
    """Turn whatever a converter fails with into the reason why a graph does not convert."""
    try:
        yield
    except NotConvertibleError:
        raise
    except Exception as error:  # converters fail in every way there is
        first_line = (str(error).strip().splitlines() or [""])[0][:300]
        raise NotConvertibleError(f"{type(error).__name__}: {first_line}") from error
