"""Class-wise non-maximum suppression, as part of a graph."""

from typing import Any, NamedTuple

import tensorflow as tf

IOU_THRESHOLD = 0.5
MAX_DETECTIONS = 100


class KeptBoxes(NamedTuple):
    """What is left of a batch, best first.

    Attributes:
        boxes: float32 [B, D, 4], corners; zeros beyond `count`.
        scores: float32 [B, D].
        labels: int64 [B, D].
        count: int32 [B].
    """

    boxes: Any
    scores: Any
    labels: Any
    count: Any


def suppress(boxes: Any, scores: Any, score_threshold: float) -> KeptBoxes:
    """Keep, class by class, what no better box of the same class overlaps.

    Args:
        boxes: Corners [B, A, 4], the same for all classes.
        scores: [B, A, C].
        score_threshold: The least score that is kept.
    """
    kept = tf.image.combined_non_max_suppression(
        boxes[:, :, None, :],
        scores,
        max_output_size_per_class=MAX_DETECTIONS,
        max_total_size=MAX_DETECTIONS,
        iou_threshold=IOU_THRESHOLD,
        score_threshold=score_threshold,
    )
    return KeptBoxes(
        kept.nmsed_boxes,
        kept.nmsed_scores,
        tf.cast(kept.nmsed_classes, tf.int64),
        kept.valid_detections,
    )
