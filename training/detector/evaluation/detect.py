"""Detection with the Keras network, for evaluation while it trains."""

from collections.abc import Iterator, Sequence
from typing import Any

import keras  # type: ignore[import-untyped]
import numpy as np
import tensorflow as tf
from PIL import Image

from training.detector.evaluation.evaluate import SCORE_THRESHOLD, Found
from training.detector.example import Example
from training.detector.network.boxes import decoder
from training.detector.network.graph_suppression import KeptBoxes, suppress
from training.detector.presets import NetworkSpec

BATCH = 20


class KerasDetector:
    """Finds objects with the network and its inference statistics."""

    def __init__(self, model: keras.Model, spec: NetworkSpec) -> None:
        self._run = decoder(model, spec)
        self._size = spec.image_size
        self._graph = tf.function(self._detect, autograph=False)

    def __call__(self, examples: Sequence[Example]) -> Iterator[Found]:
        """Yield what is on each of the pictures, of any sizes."""
        for start in range(0, len(examples), BATCH):
            images = [resized(e.image, self._size) for e in examples[start : start + BATCH]]
            yield from unpacked(self._graph(np.stack(images)))

    def _detect(self, images: Any) -> KeptBoxes:
        boxes, scores = self._run(images)
        return suppress(boxes, scores, SCORE_THRESHOLD)


def resized(image: np.ndarray[Any, Any], size: int) -> np.ndarray[Any, np.dtype[np.float32]]:
    """Scale an image, uint8 [H, W, 3], to the network's input, float32 [size, size, 3] in 0..1."""
    if image.shape[:2] != (size, size):
        scaled = Image.fromarray(image).resize((size, size), Image.Resampling.BILINEAR)
        image = np.asarray(scaled)
    return image.astype(np.float32) / np.float32(255)


def unpacked(detections: KeptBoxes) -> Iterator[Found]:
    """Yield what was found on each picture of a batch, without the padding."""
    boxes, scores, labels, counts = (np.asarray(part) for part in detections)
    for i, count in enumerate(counts):
        yield Found(boxes[i, :count], scores[i, :count], labels[i, :count])
