"""A served model by the Open Inference Protocol: what its graph cannot take is the caller's."""

import numpy as np
import pytest
from onnx import helper

from headrace.errors import Reject
from headrace.inference.model import ServedModel
from headrace.inference.schema import RowSchema
from headrace.inference.tensors import ServedTensors
from headrace.runtimes.onnx import OnnxRuntime
from tests.support.models.onnx_graphs import echo, model


def tensors(content, properties):
    fields = {"type": "object", "properties": properties, "required": list(properties)}
    return ServedTensors(ServedModel(OnnxRuntime(content), RowSchema(fields), "v"))


def test_bytes_that_are_no_text_are_refused():
    served = tensors(echo("string", [None, 1]), {"x": {"type": "string"}})
    assert served.infer({"x": np.array([[b"a"]], object)})["y"].tolist() == [[b"a"]]
    with pytest.raises(Reject, match="the input 'x' holds bytes that are not text in UTF-8"):
        served.infer({"x": np.array([[b"\xff"]], object)})


def test_an_index_that_is_out_of_range_is_refused_and_leaves_no_line_among_those_of_the_log(capfd):
    graph = model(
        [helper.make_node("GatherElements", ["x", "i"], ["y"], axis=1)],
        {"x": ("float", [None, 2]), "i": ("int64", [None, 2])},
        {"y": ("float", [None, 2])},
    )
    numbers = {"type": "array", "items": {"type": "number"}}
    whole = {"type": "array", "items": {"type": "integer"}}
    served = tensors(graph, {"x": numbers, "i": whole})
    x = np.array([[1, 2]], np.float32)
    assert served.infer({"x": x, "i": np.array([[1, 0]])})["y"].tolist() == [[2, 1]]
    with pytest.raises(Reject, match="the model does not take these inputs: "):
        served.infer({"x": x, "i": np.array([[7, 0]])})
    assert capfd.readouterr().err == ""
