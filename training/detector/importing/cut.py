"""Cutting an SSD out of a SavedModel: after its resizing, before its suppression, for LiteRT.

Resizing and suppression are then done outside, in numpy, with the settings found in the graph.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf
from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

from headrace.runtimes.tensorflow import TensorFlow
from models.detector.spec import DetectorSpec
from training.detector.importing.convert import (
    Converted,
    NotConvertibleError,
    forget_collections,
    reasons,
)


class _Suppression(NamedTuple):
    """A graph's suppression: boxes [1, A, 1, 4], scores [1, A, C], settings, and two outputs."""

    boxes: Any
    scores: Any
    iou_threshold: float
    score_threshold: float
    max_detections: int
    classes: Any
    count: Any


def to_litert(model: TensorFlow) -> Converted:
    """Cut a graph and convert what lies between.

    Args:
        model: The loaded SavedModel.

    Raises:
        NotConvertibleError: The graph is built otherwise, or holds operations that LiteRT lacks.
    """
    forget_collections(model)
    with reasons():
        frozen = convert_variables_to_constants_v2(model.signature)
        suppression = _suppression(_only(frozen.graph, "CombinedNonMaxSuppression"))
        image = _resized_image(_only(frozen.graph, "ResizeBilinear"), frozen.inputs)
        heads = {"boxes": suppression.boxes, "scores": suppression.scores}
        network = _litert(frozen.prune([image], heads), image.shape)
        labels = _labels(frozen, model.signature, suppression)
    _, height, width, _ = image.shape.as_list()
    spec = DetectorSpec(
        runtime="litert",
        artifact="detector.tflite",
        head="decoded",
        input_size=(height, width),
        labels=labels,
        score_threshold=suppression.score_threshold,
        iou_threshold=suppression.iou_threshold,
        max_detections=suppression.max_detections,
    )
    return Converted(network, spec)


def _only(graph: Any, kind: str) -> Any:
    found = [operation for operation in graph.get_operations() if operation.type == kind]
    if len(found) != 1:
        raise NotConvertibleError(f"{len(found)} operations of type {kind}, one is needed")
    return found[0]


def _suppression(operation: Any) -> _Suppression:
    boxes, scores, per_class, total, iou, score = operation.inputs
    settings = [tf.get_static_value(tensor) for tensor in (per_class, total, iou, score)]
    if any(value is None for value in settings):
        raise NotConvertibleError("the settings of the suppression are not constant")
    if boxes.shape.rank != 4 or boxes.shape[2] != 1 or None in scores.shape.as_list():
        raise NotConvertibleError(f"boxes {boxes.shape} and scores {scores.shape} of suppression")
    if settings[0] < settings[1]:
        raise NotConvertibleError("the suppression has a limit for each class")
    _, _, classes, count = operation.outputs
    return _Suppression(
        boxes=boxes,
        scores=scores,
        iou_threshold=_shortest(settings[2]),
        score_threshold=_shortest(settings[3]),
        max_detections=int(settings[1]),
        classes=classes,
        count=count,
    )


def _shortest(value: Any) -> float:
    """Return the number that was meant by a float32: 0.6, not 0.6000000238418579."""
    return float(str(np.float32(value)))


def _resized_image(operation: Any, inputs: Any) -> Any:
    source = operation.inputs[0]
    while source.op.type == "Identity":
        source = source.op.inputs[0]
    if all(source is not tensor for tensor in inputs):
        raise NotConvertibleError("the image is changed before it is resized")
    if not operation.get_attr("half_pixel_centers") or operation.get_attr("align_corners"):
        raise NotConvertibleError("the image is not resized with half-pixel centres")
    image = operation.outputs[0]
    if image.shape.as_list()[0] != 1 or None in image.shape.as_list():
        raise NotConvertibleError(f"the image is resized to {image.shape}")
    return image


def _litert(network: Any, shape: Any) -> bytes:
    def serve(image: Any) -> Any:  # gives the file's signature its names
        return network(image)

    spec = tf.TensorSpec(shape, tf.float32, "image")
    concrete = tf.function(serve).get_concrete_function(spec)
    converter = tf.lite.TFLiteConverter.from_concrete_functions([concrete], tf.Module())
    return bytes(converter.convert())


def _labels(frozen: Any, signature: Any, suppression: _Suppression) -> tuple[str, ...]:
    """Ask the graph for the name of every class, a full answer at a time."""
    outputs = dict(zip(sorted(signature.structured_outputs), frozen.outputs, strict=True))
    names = frozen.prune(
        [suppression.classes, suppression.count], outputs["detection_class_entities"]
    )
    count = suppression.scores.shape[2]
    labels = np.concatenate([names(*feed).numpy() for feed in _feeds(count, suppression)])
    return tuple(label.decode() for label in labels[:count])


def _feeds(count: int, suppression: _Suppression) -> Iterator[tuple[Any, Any]]:
    size = suppression.max_detections
    for start in range(0, count, size):
        classes = np.minimum(np.arange(start, start + size), count - 1)
        yield tf.constant(classes[np.newaxis], tf.float32), tf.constant([size])
