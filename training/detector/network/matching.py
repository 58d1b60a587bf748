"""Which default box answers for which object."""

from typing import Any, NamedTuple

import tensorflow as tf

from training.detector.network.boxes import overlaps, to_corners

POSITIVE_OVERLAP = 0.5
NEGATIVE_OVERLAP = 0.4
PADDING = -1


class Match(NamedTuple):
    """For every default box: its object and its part in the loss.

    Attributes:
        index: int64 [B, A], the object's position in its image's list.
        positive: bool [B, A], answers for that object.
        negative: bool [B, A], answers for the background; a box that is neither is left out.
    """

    index: Any
    positive: Any
    negative: Any


def match(anchors: Any, boxes: Any, labels: Any) -> Match:
    """Match by overlap, and give every object at least one default box.

    First each object takes its best box, the best pair of all first and no box twice (the paper's
    bipartite step); then every other box joins the object that it overlaps most, if enough.

    Args:
        anchors: Default boxes as centres [A, 4].
        boxes: Objects as corners [B, N, 4].
        labels: int [B, N]; `PADDING` if the list is shorter than N.
    """
    real = labels != PADDING
    overlap = tf.where(real[:, None, :], overlaps(to_corners(anchors), boxes), -1.0)
    best = tf.reduce_max(overlap, axis=2)
    most = tf.reduce_max(tf.math.count_nonzero(real, axis=1, dtype=tf.int32))
    forced = _forced(overlap, most)
    return Match(
        index=tf.where(forced >= 0, forced, tf.argmax(overlap, axis=2)),
        positive=(forced >= 0) | (best >= POSITIVE_OVERLAP),
        negative=(forced < 0) & (best < NEGATIVE_OVERLAP),
    )


def _forced(overlap: Any, rounds: Any) -> Any:
    """Return the object that takes each box as its best one, or -1, as int64 [B, A]."""
    boxes, objects = tf.shape(overlap)[1], tf.shape(overlap)[2]

    def take(left: Any, forced: Any) -> tuple[Any, Any]:
        flat = tf.reshape(left, [-1, boxes * objects])
        pair = tf.argmax(flat, axis=1, output_type=tf.int32)
        box = tf.one_hot(pair // objects, boxes, on_value=True, off_value=False)
        item = tf.one_hot(pair % objects, objects, on_value=True, off_value=False)
        found = (tf.reduce_max(flat, axis=1) >= 0.0)[:, None]
        number = tf.cast(pair % objects, tf.int64)[:, None]
        left = tf.where(box[:, :, None] | item[:, None, :], -1.0, left)
        return left, tf.where(box & found, number, forced)

    none = tf.fill(tf.shape(overlap)[:2], tf.constant(-1, tf.int64))
    _, forced = tf.while_loop(lambda *_: True, take, (overlap, none), maximum_iterations=rounds)
    return forced
