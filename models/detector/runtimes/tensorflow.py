"""TensorFlow: a SavedModel as published, for what nothing faster can run."""

import tempfile
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import tensorflow as tf
from tensorflow.python.saved_model import loader_impl

from headrace.store.version import Version
from models.detector.runtimes import Outputs

SIGNATURE = "default"


class TensorFlow:
    """The signature `default` of a SavedModel; any number of threads may use it."""

    def __init__(self, folder: Path) -> None:
        self.loaded = tf.saved_model.load(str(folder), tags=serving_tags(folder))
        self.signature: Any = self.loaded.signatures[SIGNATURE]
        _, inputs = self.signature.structured_input_signature
        (self._input,) = inputs

    @classmethod
    def from_version(cls, version: Version, folder: str) -> Self:
        """Load from a version's verified bytes, by way of a private folder.

        TensorFlow takes only a path. What it needs is in memory once it has loaded, so the folder
        goes away at once.
        """
        with tempfile.TemporaryDirectory(prefix="savedmodel-") as private:
            version.unpack(Path(private), folder)
            return cls(Path(private))

    def run(self, image: npt.NDArray[np.generic]) -> Outputs:
        """Return outputs by the signature's names."""
        outputs = self.signature(**{self._input: tf.constant(image)})
        return {name: tensor.numpy() for name, tensor in outputs.items()}


def serving_tags(folder: Path) -> list[str]:
    """Return the tags of the graph that serves.

    Modules of the first TF Hub format hold one graph for training and one without tags.

    Raises:
        ValueError: No graph in the folder has the signature `default`.
    """
    graphs = loader_impl.parse_saved_model(str(folder)).meta_graphs
    tag_sets = [sorted(g.meta_info_def.tags) for g in graphs if SIGNATURE in g.signature_def]
    if not tag_sets:
        found = sorted({name for graph in graphs for name in graph.signature_def})
        raise ValueError(f"no signature {SIGNATURE!r}; there are: {', '.join(found) or 'none'}")
    return min(tag_sets, key=lambda tags: (tags != ["serve"], len(tags)))
