"""COCO-style average precision on held-out pictures, by pycocotools."""

import contextlib
import io
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from training.detector.example import Example

# Low, for the whole precision-recall curve; what is served has a threshold of its own.
SCORE_THRESHOLD = 0.02


class Found(NamedTuple):
    """Detections on one picture.

    Attributes:
        boxes: float32 [N, 4], corners relative to the image.
        scores: float32 [N].
        labels: int64 [N].
    """

    boxes: NDArray[np.float32]
    scores: NDArray[np.float32]
    labels: NDArray[np.int64]


class Evaluation(NamedTuple):
    """What a detector is worth.

    Attributes:
        metrics: Name to value, 0..1; -1 if no object of that size is in the set.
        precision: [101, C], at `recall` and an overlap of 0.5.
        recall: [101].
    """

    metrics: dict[str, float]
    precision: NDArray[np.float64]
    recall: NDArray[np.float64]


METRICS = (
    "map_50_95", "map_50", "map_75", "map_small", "map_medium", "map_large",
    "recall_1", "recall_10", "recall_100",
)  # fmt: skip


def evaluate(
    examples: Sequence[Example],
    detect: Callable[[Sequence[Example]], Iterable[Found]],
    labels: Sequence[str],
) -> Evaluation:
    """Compare what `detect` finds with what is on the pictures."""
    truth = _truth(examples, labels)
    answers = _answers(examples, detect(examples))
    if not answers:
        blank = np.zeros((101, len(labels)))
        return Evaluation(dict.fromkeys(METRICS, 0.0), blank, np.linspace(0, 1, 101))
    with contextlib.redirect_stdout(io.StringIO()):  # pycocotools prints as it goes
        scoring = COCOeval(truth, truth.loadRes(answers), "bbox")
        scoring.evaluate()
        scoring.accumulate()
        scoring.summarize()
    metrics = {name: float(v) for name, v in zip(METRICS, scoring.stats, strict=False)}
    # Axes: overlap, recall, class, area, most detections.
    precision = scoring.eval["precision"][0, :, :, 0, -1]
    return Evaluation(metrics, precision, np.asarray(scoring.params.recThrs))


def _truth(examples: Sequence[Example], labels: Sequence[str]) -> Any:
    coco = COCO()
    annotations = [
        {"id": 0, "image_id": image, "category_id": int(label), "iscrowd": 0, **_box(box, example)}
        for image, example in enumerate(examples)
        for box, label in zip(example.boxes, example.labels, strict=True)
    ]
    for number, annotation in enumerate(annotations, start=1):
        annotation["id"] = number
    coco.dataset = {
        "info": {},
        "images": [{"id": image} for image in range(len(examples))],
        "annotations": annotations,
        "categories": [{"id": i, "name": name} for i, name in enumerate(labels)],
    }
    with contextlib.redirect_stdout(io.StringIO()):
        coco.createIndex()
    return coco


def _answers(examples: Sequence[Example], found: Iterable[Found]) -> list[dict[str, Any]]:
    return [
        {"image_id": image, "category_id": int(label), "score": float(score), **_box(box, example)}
        for image, (example, one) in enumerate(zip(examples, found, strict=True))
        for box, score, label in zip(*one, strict=True)
    ]


def _box(box: NDArray[np.float32], example: Example) -> dict[str, Any]:
    """Return a box as COCO writes it: x, y, width, height and area in pixels."""
    height, width = example.image.shape[:2]
    top, left, bottom, right = (box * (height, width, height, width)).tolist()
    sides = right - left, bottom - top
    return {"bbox": [left, top, *sides], "area": sides[0] * sides[1]}
