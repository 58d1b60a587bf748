"""A detector of three boxes that is made in a millisecond, for tests of what stands around one."""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from headrace.runtimes.onnx import OnnxRuntime
from models.detector import golden as detector_golden
from models.detector.model import Detector
from models.detector.spec import DetectorSpec
from training.detector.description import describe

MODEL = "detector"
SPEC = DetectorSpec(
    runtime="onnxruntime",
    artifact="detector.onnx",
    head="decoded",
    input_size=(8, 8),
    labels=("cat", "dog"),
    score_threshold=0.1,
    iou_threshold=0.5,
    max_detections=10,
)
BOXES = [[0.1, 0.1, 0.5, 0.5], [0.1, 0.1, 0.5, 0.52], [0.6, 0.6, 0.9, 0.9]]
SCORES = [[0.9, 0.0], [0.8, 0.0], [0.0, 0.6]]
WHITE = np.full((8, 8, 3), 255, np.uint8)


def graph(scale: float = 1.0) -> bytes:
    """An ONNX file: the scores above, times how bright the image is, times `scale`."""
    nodes = [
        helper.make_node("ReduceMean", ["image"], ["brightness"], keepdims=0),
        helper.make_node("Mul", ["brightness", "base"], ["scores"]),
        helper.make_node("Identity", ["corners"], ["boxes"]),
    ]
    constants = [
        numpy_helper.from_array(np.array(SCORES, np.float32) * np.float32(scale), "base"),
        numpy_helper.from_array(np.array(BOXES, np.float32), "corners"),
    ]
    image = helper.make_tensor_value_info("image", TensorProto.FLOAT, [1, 8, 8, 3])
    outputs = [
        helper.make_tensor_value_info("boxes", TensorProto.FLOAT, [3, 4]),
        helper.make_tensor_value_info("scores", TensorProto.FLOAT, [3, 2]),
    ]
    network = helper.make_graph(nodes, "tiny", [image], outputs, constants)
    model = helper.make_model(network, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    return onnx.ModelProto.SerializeToString(model)


def publish(store, *, scale=1.0, golden_scale=None, without=()):
    """Publish the detector; with `golden_scale`, one that contradicts its golden sample."""
    recorded = graph(scale if golden_scale is None else golden_scale)
    answer = Detector(OnnxRuntime(recorded), SPEC).detect(WHITE)
    files = {SPEC.artifact: graph(scale), **detector_golden.files(WHITE, answer)}
    description = describe(MODEL, SPEC, metrics={}, training_data="")
    kept = {path: content for path, content in files.items() if path not in without}
    return store.publish(kept, description)
