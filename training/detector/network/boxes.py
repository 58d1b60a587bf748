"""Box arithmetic: overlap, and the offsets by which the network moves its default boxes.

Corners are (ymin, xmin, ymax, xmax), centres (y, x, height, width), both relative to the image.
"""

from collections.abc import Callable
from typing import Any

import keras  # type: ignore[import-untyped]
import tensorflow as tf

from training.detector.network.anchors import default_boxes
from training.detector.presets import NetworkSpec

# The paper's variances: they bring the offsets of well-matched boxes to unit scale.
CENTRE_VARIANCE = 0.1
SIZE_VARIANCE = 0.2
# Keeps the logarithm of degenerate boxes finite.
MIN_SIDE = 1e-6


def to_corners(centres: Any) -> Any:
    """Turn centres [..., 4] into corners [..., 4]."""
    middle, half = centres[..., :2], centres[..., 2:] / 2
    return tf.concat([middle - half, middle + half], axis=-1)


def to_centres(corners: Any) -> Any:
    """Turn corners [..., 4] into centres [..., 4]."""
    low, high = corners[..., :2], corners[..., 2:]
    return tf.concat([(low + high) / 2, high - low], axis=-1)


def overlaps(first: Any, second: Any) -> Any:
    """Return the intersection over union of every pair.

    Args:
        first: Corners [A, 4].
        second: Corners [..., N, 4].

    Returns:
        [..., A, N]; 0 if both boxes are empty.
    """
    one, other = first[:, None, :], second[..., None, :, :]
    low = tf.maximum(one[..., :2], other[..., :2])
    high = tf.minimum(one[..., 2:], other[..., 2:])
    shared = tf.reduce_prod(tf.maximum(high - low, 0.0), axis=-1)
    return tf.math.divide_no_nan(shared, _area(one) + _area(other) - shared)


def _area(corners: Any) -> Any:
    return tf.reduce_prod(corners[..., 2:] - corners[..., :2], axis=-1)


def encode(corners: Any, anchors: Any) -> Any:
    """Return the offsets [..., A, 4] from `anchors` (centres [A, 4]) to `corners` [..., A, 4]."""
    target = to_centres(corners)
    shift = (target[..., :2] - anchors[:, :2]) / anchors[:, 2:] / CENTRE_VARIANCE
    sides = tf.maximum(target[..., 2:], MIN_SIDE)
    return tf.concat([shift, tf.math.log(sides / anchors[:, 2:]) / SIZE_VARIANCE], axis=-1)


def decode(offsets: Any, anchors: Any) -> Any:
    """Undo `encode`, and clip to the image: corners [..., A, 4] in 0..1."""
    middle = offsets[..., :2] * CENTRE_VARIANCE * anchors[:, 2:] + anchors[:, :2]
    sides = tf.exp(offsets[..., 2:] * SIZE_VARIANCE) * anchors[:, 2:]
    corners = tf.concat([middle - sides / 2, middle + sides / 2], axis=-1)
    return tf.clip_by_value(corners, 0.0, 1.0)


def decoder(model: keras.Model, spec: NetworkSpec) -> Callable[[Any], tuple[Any, Any]]:
    """Make the graph from images [B, S, S, 3] in 0..1 to boxes [B, A, 4] and scores [B, A, C]."""
    anchors = tf.constant(default_boxes(spec))

    def run(images: Any) -> tuple[Any, Any]:
        logits, offsets = model(images, training=False)
        return decode(offsets, anchors), tf.sigmoid(logits)

    return run
