"""A plain LiteRT loop around the SSD of Open Images, as one would write it: nothing of ours.

`cold FILE IMAGE` answers one image, `warm FILE IMAGE...` times many rounds of them.
"""

import io
import json
import math
import os
import statistics
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray
from PIL import Image

Floats = NDArray[np.float32]

ROUNDS = 5
MAPS = (19, 10, 5, 3, 2, 1)
SCALES = (0.2, 0.35, 0.5, 0.65, 0.8, 0.95, 1.0)
LEAST_SCORE, MOST_OVERLAP, MOST = 0.05, 0.6, 100


class Loop:
    """The model and its anchors, loaded once."""

    def __init__(self, path: str) -> None:
        self._interpreter = Interpreter(model_path=path, num_threads=os.cpu_count())
        self._interpreter.allocate_tensors()
        (given,) = self._interpreter.get_input_details()
        self._input = given["index"]
        self._outputs = {
            len(output["shape"]) and output["shape"][-1]: output["index"]
            for output in self._interpreter.get_output_details()
        }
        self._anchors = anchors()

    def infer(self, data: bytes) -> list[tuple[float, int, list[float]]]:
        """Score, class and box of each object."""
        image = Image.open(io.BytesIO(data)).convert("RGB").resize((300, 300))
        pixels = np.asarray(image, np.float32)[np.newaxis] / 127.5 - 1
        self._interpreter.set_tensor(self._input, pixels)
        self._interpreter.invoke()
        boxes = decode(self._interpreter.get_tensor(self._outputs[4])[0], self._anchors)
        logits = self._interpreter.get_tensor(self._outputs[24])[0]
        scores = 1 / (1 + np.exp(-logits))
        found = [one for c in range(1, 24) for one in suppress(boxes, scores[:, c], c)]
        return sorted(found, reverse=True)[:MOST]


def anchors() -> Floats:
    """Centre y, centre x, height, width of the 1,917 default boxes."""
    boxes = []
    for level, size in enumerate(MAPS):
        scale, following = SCALES[level : level + 2]
        shapes = [(scale, ratio) for ratio in (1, 2, 0.5, 3, 1 / 3)]
        shapes.append((math.sqrt(scale * following), 1))
        if level == 0:
            shapes = [(0.1, 1), (0.2, 2), (0.2, 0.5)]
        for row in range(size):
            for column in range(size):
                for side, ratio in shapes:
                    root = math.sqrt(ratio)
                    centre = (row + 0.5) / size, (column + 0.5) / size
                    boxes.append((*centre, side / root, side * root))
    return np.array(boxes, np.float32)


def decode(encoded: Floats, grid: Floats) -> Floats:
    """Corners of the boxes."""
    centres = encoded[:, :2] / 10 * grid[:, 2:] + grid[:, :2]
    halves = np.exp(encoded[:, 2:] / 5) * grid[:, 2:] / 2
    return np.concatenate([centres - halves, centres + halves], axis=1)


def suppress(boxes: Floats, scores: Floats, label: int) -> list[tuple[float, int, list[float]]]:
    """Non-maximum suppression of one class."""
    left = np.flatnonzero(scores > LEAST_SCORE)
    left = left[np.argsort(-scores[left])]
    kept = []
    while len(left):
        best, left = left[0], left[1:]
        kept.append((float(scores[best]), label, boxes[best].tolist()))
        low = np.maximum(boxes[best, :2], boxes[left, :2])
        high = np.minimum(boxes[best, 2:], boxes[left, 2:])
        shared = np.clip(high - low, 0, None).prod(axis=1)
        own = (boxes[:, 2:] - boxes[:, :2]).prod(axis=1)
        left = left[shared / (own[best] + own[left] - shared) <= MOST_OVERLAP]
    return kept


def warm(loop: Loop, images: list[bytes]) -> dict[str, Any]:
    """Median milliseconds of one detection."""
    times = []
    for data in images * ROUNDS:
        begun = time.perf_counter()
        loop.infer(data)
        times.append(time.perf_counter() - begun)
    return {"milliseconds": statistics.median(times[len(images) :]) * 1000}


if __name__ == "__main__":
    verb, path, *images = sys.argv[1:]
    contents = [Path(image).read_bytes() for image in images]
    loop = Loop(path)
    print(json.dumps(loop.infer(*contents) if verb == "cold" else warm(loop, contents)), flush=True)
    if verb == "cold":
        time.sleep(60)  # until the benchmark has looked at our memory
