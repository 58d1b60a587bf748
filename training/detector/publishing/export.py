"""The trained network as files: one SavedModel, and LiteRT files made of it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras  # type: ignore[import-untyped]
import tensorflow as tf

from training.detector.network.boxes import decoder
from training.detector.network.graph_suppression import suppress
from training.detector.presets import NetworkSpec
from training.detector.publishing.candidates import Precision

# Below it there is more noise than detection; whoever asks may set a higher one.
SCORE_THRESHOLD = 0.25
CONTRACT, DECODED = "default", "decoded"


def save_model(model: keras.Model, spec: NetworkSpec, labels: Sequence[str], folder: Path) -> None:
    """Write a SavedModel with two signatures, both for one image.

    `default` is the published contract: an image float32 [1, H, W, 3] in 0..1 of any size; boxes,
    scores and classes after suppression. `decoded` takes the network's own input size and answers
    with all boxes [A, 4] and scores [A, C] before suppression.
    """
    run = decoder(model, spec)
    size = spec.image_size
    names = tf.constant(list(labels))

    def contract(images: Any) -> dict[str, Any]:
        resized = tf.image.resize(images, (size, size), antialias=True)
        found = suppress(*run(resized), score_threshold=SCORE_THRESHOLD)
        count = found.count[0]
        classes = found.labels[0, :count]
        return {
            "detection_boxes": found.boxes[0, :count],
            "detection_scores": found.scores[0, :count],
            "detection_class_entities": tf.gather(names, classes),
            "detection_class_names": tf.gather(names, classes),
            "detection_class_labels": classes,
        }

    def decoded(images: Any) -> dict[str, Any]:
        boxes, scores = run(images)
        return {"boxes": boxes[0], "scores": scores[0]}

    module = tf.Module()
    # As plain variables: the converter does not find those inside a Keras model.
    module.weights = [weight.value for weight in model.weights]
    signatures = {
        CONTRACT: _graph(contract, (1, None, None, 3)),
        DECODED: _graph(decoded, (1, size, size, 3)),
    }
    tf.saved_model.save(module, str(folder), signatures=signatures)


def _graph(function: Any, shape: tuple[int | None, ...]) -> Any:
    signature = [tf.TensorSpec(shape, tf.float32, name="images")]
    return tf.function(function, input_signature=signature, autograph=False)


def lite_model(saved: Path, precision: Precision) -> bytes:
    """Convert the signature `decoded` of a SavedModel to a LiteRT file.

    Args:
        saved: What `save_model` wrote.
        precision: Of the weights. `int8` weights have a scale per channel and stay so in memory;
            the activations, and so the boxes, remain floats in every case.
    """
    converter = tf.lite.TFLiteConverter.from_saved_model(str(saved), signature_keys=[DECODED])
    if precision != "float32":
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
    if precision == "float16":
        converter.target_spec.supported_types = [tf.float16]
    return bytes(converter.convert())
