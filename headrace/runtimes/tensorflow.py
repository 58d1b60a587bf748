"""TensorFlow: a SavedModel as published, for what nothing faster can run; only if asked for."""

import tempfile
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import tensorflow as tf
from tensorflow.python.saved_model import loader_impl

from headrace.runtimes.base import Inputs, Outputs, Tensor
from headrace.runtimes.tensorflow_operations import refused_operations
from headrace.store.errors import VersionCorruptError
from headrace.store.version import Version

SIGNATURE = "serving_default"


def load(version: Version, artifact: str, signature: str = SIGNATURE) -> "TensorFlow":
    """Load a version's folder with a SavedModel, by way of a private copy of it.

    TensorFlow takes only a path. What it needs is in memory once it has loaded, so the copy goes
    away at once.

    Raises:
        VersionCorruptError: It is no SavedModel, has no such signature, or may not be run.
    """
    with tempfile.TemporaryDirectory(prefix="savedmodel-") as private:
        version.unpack(Path(private), artifact)
        try:
            return TensorFlow(Path(private), signature)
        except (ValueError, OSError) as error:
            raise VersionCorruptError(f"{artifact} of {version.name}: {error}") from error


class TensorFlow:
    """One signature of a SavedModel; any number of threads may use it.

    Args:
        folder: Where the SavedModel lies; not needed afterwards.
        name: The signature's name.

    Raises:
        ValueError: It is none, lacks the signature, or has operations that are not allowed.
    """

    def __init__(self, folder: Path, name: str = SIGNATURE) -> None:
        self.loaded = tf.saved_model.load(str(folder), tags=_serving_tags(folder, name))
        self.signature: Any = self.loaded.signatures[name]

    @cached_property
    def inputs(self) -> Mapping[str, Tensor]:
        """What the signature takes, by name."""
        _, inputs = self.signature.structured_input_signature
        return {name: _tensor(spec) for name, spec in inputs.items()}

    @cached_property
    def outputs(self) -> Mapping[str, Tensor]:
        """What the signature answers, by name."""
        return {n: _tensor(spec) for n, spec in self.signature.structured_outputs.items()}

    def run(self, inputs: Inputs) -> Outputs:
        """Answer the inputs."""
        outputs = self.signature(**{name: tf.constant(value) for name, value in inputs.items()})
        return {name: tensor.numpy() for name, tensor in outputs.items()}


def _tensor(spec: Any) -> Tensor:
    dtype = "str" if spec.dtype == tf.string else spec.dtype.name
    return Tensor(dtype, None if spec.shape.rank is None else tuple(spec.shape.as_list()))


def _serving_tags(folder: Path, signature: str) -> list[str]:
    """Return the tags of the graph that serves, after a look at what all of them are made of.

    Modules of the first TF Hub format hold one graph for training and one without tags.
    """
    try:
        saved_model = loader_impl.parse_saved_model(str(folder))
    except OSError as error:
        raise ValueError(f"not a SavedModel: {error}") from error
    if refused := refused_operations(saved_model):
        raise ValueError(f"operations that are not allowed: {', '.join(refused)}")
    graphs = saved_model.meta_graphs
    tag_sets = [sorted(g.meta_info_def.tags) for g in graphs if signature in g.signature_def]
    if not tag_sets:
        found = sorted({name for graph in graphs for name in graph.signature_def})
        raise ValueError(f"no signature {signature!r}; there are: {', '.join(found) or 'none'}")
    return min(tag_sets, key=lambda tags: (tags != ["serve"], len(tags)))
