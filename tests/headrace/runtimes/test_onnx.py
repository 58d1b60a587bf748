"""ONNX Runtime: what a version's verified bytes may bring with them, and what not."""

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from headrace.runtimes import onnx as runtime
from headrace.store.errors import VersionCorruptError
from headrace.store.manifest import Description
from headrace.store.publisher import Publisher
from tests.support.models.onnx_graphs import model


def test_weights_in_another_file_are_refused_wherever_it_lies(tmp_path, monkeypatch):
    weights = numpy_helper.from_array(np.ones((2, 2), np.float32), "W")
    node = onnx.helper.make_node("Gather", ["W", "x"], ["y"])
    tensors = {"x": ("int64", [None])}, {"y": ("float", [None, 2])}
    made = onnx.ModelProto.FromString(model([node], *tensors, [weights]))
    path = tmp_path / "m.onnx"
    outside = {"save_as_external_data": True, "location": "m.data", "size_threshold": 0}
    onnx.save_model(made, path, **outside)
    version = Publisher(tmp_path / "store").publish({"m.onnx": path}, Description(model="m"))
    monkeypatch.chdir(tmp_path)  # where m.data lies

    with pytest.raises(VersionCorruptError, match="keeps its weights in another file; save it"):
        runtime.load(version, "m.onnx")
