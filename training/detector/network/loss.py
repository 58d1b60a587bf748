"""What the network is trained to lessen: focal classification and smooth-L1 offsets."""

from typing import Any

import tensorflow as tf

from training.detector.network.boxes import encode
from training.detector.network.matching import Match

FOCAL_ALPHA = 0.25
FOCAL_GAMMA = 2.0
SMOOTH_L1_BETA = 0.5


def focal(logits: Any, targets: Any) -> Any:
    """Return the sigmoid focal loss (Lin et al., 2017) of every element; targets are 0 or 1."""
    entropy = tf.nn.sigmoid_cross_entropy_with_logits(targets, logits)
    scores = tf.sigmoid(logits)
    wrong = targets * (1 - scores) + (1 - targets) * scores
    balance = targets * FOCAL_ALPHA + (1 - targets) * (1 - FOCAL_ALPHA)
    return balance * wrong**FOCAL_GAMMA * entropy


def smooth_l1(difference: Any) -> Any:
    """Return a loss of every element: quadratic below `SMOOTH_L1_BETA`, linear above."""
    size = tf.abs(difference)
    return tf.where(
        size < SMOOTH_L1_BETA, size**2 / (2 * SMOOTH_L1_BETA), size - SMOOTH_L1_BETA / 2
    )


def detection_loss(
    logits: Any, offsets: Any, matched: Match, boxes: Any, labels: Any, anchors: Any
) -> tuple[Any, Any]:
    """Return the two losses of a batch, each summed and divided by the number of positive boxes.

    Args:
        logits: [B, A, C].
        offsets: [B, A, 4].
        matched: What `matching.match` answered for `boxes` and `labels`.
        boxes: Corners [B, N, 4].
        labels: int [B, N].
        anchors: Centres [A, 4].

    Returns:
        The classification loss and the box loss, two scalars.
    """
    positive = tf.cast(matched.positive, tf.float32)[..., None]
    counted = positive + tf.cast(matched.negative, tf.float32)[..., None]
    classes = tf.gather(labels, matched.index, batch_dims=1)
    targets = tf.one_hot(classes, logits.shape[-1]) * positive
    wanted = encode(tf.gather(boxes, matched.index, batch_dims=1), anchors)
    # A padding box has no meaning as a target, and 0 * inf would be no number.
    difference = tf.where(matched.positive[..., None], offsets - wanted, 0.0)
    total = tf.maximum(tf.reduce_sum(positive), 1.0)
    class_loss = tf.reduce_sum(focal(logits, targets) * counted)
    return class_loss / total, tf.reduce_sum(smooth_l1(difference)) / total
