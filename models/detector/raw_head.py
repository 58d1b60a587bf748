"""Answers of a published SSD before any postprocessing: box encodings and class logits per anchor.

An anchor is a box that the network refines. Published SSDs of 300 x 300 pixels share one grid of
1,917 anchors (TensorFlow's Object Detection API, `ssd_anchor_generator`), so a name stands for it.
"""

import math
from functools import cache
from typing import Literal

import msgspec
import numpy as np

from models.detector.suppression import Floats

AnchorGrid = Literal["ssd-300"]

_MAPS = (19, 10, 5, 3, 2, 1)  # cells along each side of each feature map
_SCALES = (0.2, 0.35, 0.5, 0.65, 0.8, 0.95, 1.0)  # one per map, and one beyond the last
_RATIOS = (1.0, 2.0, 1 / 2, 3.0, 1 / 3)  # width to height
# The lowest map has three anchors a cell: one of them small, as (scale, ratio).
_LOWEST = ((0.1, 1.0), (0.2, 2.0), (0.2, 1 / 2))


class RawHead(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How to read such answers.

    Attributes:
        boxes: The name of the output with the box encodings, float32 [1, A, 4]: centre y, centre x,
            height, width, relative to the anchors and scaled by `box_coder`.
        scores: The name of the output with the class logits, float32 [1, A, 1 + C]. Class 0 is the
            background.
        anchors: The grid of the A anchors.
        box_coder: The scales of the four encodings.
    """

    boxes: str
    scores: str
    anchors: AnchorGrid = "ssd-300"
    box_coder: tuple[float, float, float, float] = (10.0, 10.0, 5.0, 5.0)


@cache
def anchors(grid: AnchorGrid) -> Floats:
    """Return the anchors of a grid.

    Returns:
        [A, 4], centre y, centre x, height, width, relative to the image. Not to be written to.
    """
    del grid  # one so far
    boxes = [
        (
            (row + 0.5) / size,
            (column + 0.5) / size,
            scale / math.sqrt(ratio),
            scale * math.sqrt(ratio),
        )
        for level, size in enumerate(_MAPS)
        for row in range(size)
        for column in range(size)
        for scale, ratio in _shapes(level)
    ]
    return np.array(boxes, np.float32)


def _shapes(level: int) -> tuple[tuple[float, float], ...]:
    """Scale and ratio of the anchors in each cell of a map."""
    if level == 0:
        return _LOWEST
    scale, following = _SCALES[level : level + 2]
    return (*((scale, ratio) for ratio in _RATIOS), (math.sqrt(scale * following), 1.0))


def decode(encodings: Floats, head: RawHead) -> Floats:
    """Turn box encodings into boxes.

    Args:
        encodings: [A, 4], as `RawHead.boxes` describes them.
        head: says which anchors and scales they belong to.

    Returns:
        [A, 4], ymin, xmin, ymax, xmax, relative to the image; they may reach beyond it.

    Raises:
        ValueError: There are more or fewer encodings than anchors.
    """
    grid = anchors(head.anchors)
    if len(encodings) != len(grid):
        raise ValueError(f"{len(encodings)} boxes for the {len(grid)} anchors of {head.anchors}")
    scaled = encodings / np.asarray(head.box_coder, np.float32)
    centres = scaled[:, :2] * grid[:, 2:] + grid[:, :2]
    halves = np.exp(scaled[:, 2:]) * grid[:, 2:] / 2
    return np.concatenate([centres - halves, centres + halves], axis=1)


def logit(score: float) -> float:
    """Return the logit of a score, minus infinity for 0. Logits are ordered as their scores are."""
    return math.log(score / (1 - score)) if score > 0 else -math.inf


def sigmoid(logits: Floats) -> Floats:
    """Return the scores of logits, 0 to 1."""
    scores: Floats = np.reciprocal(1 + np.exp(-logits))
    return scores
