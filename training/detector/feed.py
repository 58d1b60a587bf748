"""Batches for training: the data set's stream, composed beside the optimizer's steps."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import tensorflow as tf

from headrace.errors import HeadraceError
from training.detector.example import DataSet
from training.detector.network.matching import PADDING

BATCHES_AHEAD = 4


def batches(data: DataSet, batch: int, start: int, steps: int, size: int) -> Iterator[Any]:
    """Yield the batches of the steps from `start` to `steps`, always the same for the same data.

    Yields:
        Images uint8 [batch, size, size, 3], boxes float32 [batch, N, 4] and labels int64
        [batch, N]; N is the data's `max_objects`.

    Raises:
        HeadraceError: What the data set itself raised.
    """
    refused: list[HeadraceError] = []

    def padded(index: Any) -> tuple[Any, Any, Any]:
        try:
            example = data.training(int(index))
        except HeadraceError as error:
            refused.append(error)
            raise
        missing = data.max_objects - len(example.labels)
        return (
            example.image,
            np.pad(example.boxes, ((0, missing), (0, 0))),
            np.pad(example.labels, (0, missing), constant_values=PADDING),
        )

    def load(index: Any) -> tuple[Any, Any, Any]:
        image, boxes, labels = tf.numpy_function(
            padded, [index], (tf.uint8, tf.float32, tf.int64), stateful=False
        )
        image = tf.ensure_shape(image, (size, size, 3))
        boxes = tf.ensure_shape(boxes, (data.max_objects, 4))
        return image, boxes, tf.ensure_shape(labels, (data.max_objects,))

    indices = tf.data.Dataset.range(start * batch, steps * batch)
    try:
        yield from indices.map(load).batch(batch).prefetch(BATCHES_AHEAD)
    except tf.errors.OpError:
        if refused:  # TensorFlow would tell it in a hundred lines
            raise refused[0] from None
        raise
