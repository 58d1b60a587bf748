"""Small ONNX graphs for tests of how rows become tensors."""

import onnx
from onnx import TensorProto, helper

KINDS = {
    "float": TensorProto.FLOAT,
    "int64": TensorProto.INT64,
    "string": TensorProto.STRING,
    "bool": TensorProto.BOOL,
    "bfloat16": TensorProto.BFLOAT16,
}


def model(nodes, inputs, outputs, constants=()) -> bytes:
    """An ONNX file; inputs and outputs are name: (kind, shape)."""
    graph = helper.make_graph(nodes, "graph", _values(inputs), _values(outputs), list(constants))
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    return onnx.ModelProto.SerializeToString(made)


def _values(described):
    return [
        helper.make_tensor_value_info(name, KINDS[kind], shape)
        for name, (kind, shape) in described.items()
    ]


def mixes(width=3) -> bytes:
    """Adds the whole table to each of its numbers; answers `all`."""
    nodes = [
        helper.make_node("ReduceSum", ["X"], ["total"], keepdims=0),
        helper.make_node("Add", ["X", "total"], ["all"]),
    ]
    return model(nodes, {"X": ("float", [None, width])}, {"all": ("float", [None, width])})


def sums(width=3) -> bytes:
    """Adds up a table's rows; answers `sum`."""
    node = helper.make_node("ReduceSum", ["X", "axes"], ["sum"], keepdims=0)
    axes = helper.make_tensor("axes", TensorProto.INT64, [1], [1])
    return model([node], {"X": ("float", [None, width])}, {"sum": ("float", [None])}, [axes])


def echo(kind, shape) -> bytes:
    """Answers its input `x` as `y`."""
    node = helper.make_node("Identity", ["x"], ["y"])
    return model([node], {"x": (kind, shape)}, {"y": (kind, shape)})
