"""A TFLite file of two boxes that ends in its postprocessing, for tests of imports."""

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema
from flatbuffers import flexbuffers

POSTPROCESS = "TFLite_Detection_PostProcess"
_OPTIONS = {
    "max_detections": 10,
    "max_classes_per_detection": 1,
    "nms_score_threshold": 0.1,
    "nms_iou_threshold": 0.5,
    "y_scale": 10.0,
    "x_scale": 10.0,
    "h_scale": 5.0,
    "w_scale": 5.0,
}


def tflite(classes: int, seen: tuple[int, int]) -> bytes:
    """Make one that sees an object of each of two classes on every picture, whatever it shows."""
    scores = np.zeros((1, 2, classes + 1), np.float32)
    scores[0, 0, 1 + seen[0]], scores[0, 1, 1 + seen[1]] = 0.9, 0.8
    anchors = np.array([[0.25, 0.25, 0.4, 0.4], [0.75, 0.75, 0.4, 0.4]], np.float32)
    constants = [np.zeros((1, 2, 4), np.float32), scores, anchors]
    names = ["image", "boxes", "scores", "anchors"]
    names += [POSTPROCESS, *(f"{POSTPROCESS}:{index}" for index in (1, 2, 3))]
    shapes = [[1, 8, 8, 3], [1, 2, 4], [1, 2, classes + 1], [2, 4]]
    shapes += [[1, 10, 4], [1, 10], [1, 10], [1]]
    model = schema.ModelT()
    model.version = 3
    model.buffers = [_buffer(None), *map(_buffer, constants)]
    code = schema.OperatorCodeT()
    code.builtinCode = code.deprecatedBuiltinCode = schema.BuiltinOperator.CUSTOM
    code.customCode, code.version = POSTPROCESS, 1
    model.operatorCodes = [code]
    model.subgraphs = [_graph(names, shapes, {**_OPTIONS, "num_classes": classes})]
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def _graph(names, shapes, options):
    graph = schema.SubGraphT()
    graph.tensors = [
        _tensor(name, shape, place if 1 <= place <= 3 else 0)
        for place, (name, shape) in enumerate(zip(names, shapes, strict=True))
    ]
    graph.inputs, graph.outputs = [0], [4, 5, 6, 7]
    operator = schema.OperatorT()
    operator.opcodeIndex, operator.inputs, operator.outputs = 0, [1, 2, 3], [4, 5, 6, 7]
    operator.customOptions = list(flexbuffers.Dumps(options))
    graph.operators = [operator]
    return graph


def _tensor(name, shape, buffer):
    tensor = schema.TensorT()
    tensor.name, tensor.shape, tensor.buffer = name, shape, buffer
    tensor.type = schema.TensorType.FLOAT32
    return tensor


def _buffer(values):
    buffer = schema.BufferT()
    if values is not None:
        buffer.data = list(values.tobytes())
    return buffer
