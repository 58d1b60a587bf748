"""What a detector answers, and how two answers are compared."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Self

import msgspec
import numpy as np

from models.detector.suppression import Floats, iou


class Fields(msgspec.Struct, frozen=True):
    """Detections as plain values, under the names of the published contract."""

    detection_boxes: list[list[float]]
    detection_scores: list[float]
    detection_class_entities: list[str]


class Tolerance(msgspec.Struct, frozen=True, kw_only=True):
    """How far two answers to the same image may lie apart and still be the same.

    Attributes:
        min_score: Detections below it are not compared.
        iou: Least overlap of two boxes.
        score: Largest difference of two scores.
    """

    min_score: float
    iou: float
    score: float


@dataclass(frozen=True, slots=True)
class Detections:
    """N detections, best first.

    Attributes:
        boxes: float32 [N, 4], ymin, xmin, ymax, xmax, relative to the image.
        scores: float32 [N].
        entities: N class names.
    """

    boxes: Floats
    scores: Floats
    entities: tuple[str, ...]

    @classmethod
    def from_fields(cls, fields: Fields) -> Self:
        """Make detections from plain values."""
        boxes = np.asarray(fields.detection_boxes, np.float32).reshape(-1, 4)
        scores = np.asarray(fields.detection_scores, np.float32)
        return cls(boxes, scores, tuple(fields.detection_class_entities))

    def fields(self) -> Fields:
        """Return these detections as plain values."""
        return Fields(self.boxes.tolist(), self.scores.tolist(), list(self.entities))

    def select(
        self,
        *,
        min_score: float = 0.0,
        max_detections: int | None = None,
        classes: Collection[str] | None = None,
    ) -> Self:
        """Return the best `max_detections` of at least a score and of some classes."""
        chosen = [
            index
            for index, entity in enumerate(self.entities)
            if self.scores[index] >= min_score and (classes is None or entity in classes)
        ][:max_detections]
        entities = tuple(self.entities[index] for index in chosen)
        return type(self)(self.boxes[chosen], self.scores[chosen], entities)


def differences(expected: Detections, actual: Detections, tolerance: Tolerance) -> list[str]:
    """Say in words what of one answer the other lacks; empty where they are the same."""
    slack = tolerance.min_score + tolerance.score  # a score at the limit may fall to either side
    return [
        *(f"missing: {line}" for line in _unmatched(expected, actual, slack, tolerance)),
        *(f"unexpected: {line}" for line in _unmatched(actual, expected, slack, tolerance)),
    ]


def _unmatched(
    wanted: Detections, found: Detections, min_score: float, tolerance: Tolerance
) -> list[str]:
    entities = np.array(found.entities)
    free = np.ones(len(found.entities), bool)
    lines = []
    for box, score, entity in zip(wanted.boxes, wanted.scores, wanted.entities, strict=True):
        if score < min_score:
            continue
        near = abs(found.scores - score) <= tolerance.score
        overlap = iou(box, found.boxes) * (free & near & (entities == entity))
        best = int(overlap.argmax()) if len(overlap) else -1
        if best < 0 or overlap[best] < tolerance.iou:
            lines.append(f"{entity} {score:.3f} at {np.round(box, 3).tolist()}")
        else:
            free[best] = False
    return lines
