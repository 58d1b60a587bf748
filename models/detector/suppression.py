"""Non-maximum suppression by class, in numpy: of boxes that overlap, the best one stays.

Equal to TensorFlow's `combined_non_max_suppression`, and cheap although every class of every anchor
is a candidate: the answer holds few boxes, so few but the best candidates are ever looked at.
"""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Indices = npt.NDArray[np.intp]

_BLOCK = 200  # candidates compared at once: mostly enough, and all pairs of them are few
_LIKELY = 1000  # values sorted before the others are


def iou(some: Floats, others: Floats) -> Floats:
    """Return the intersection over union of boxes.

    Args:
        some: [..., 4], ymin, xmin, ymax, xmax.
        others: [..., 4]; both broadcast, so [N, 1, 4] and [M, 4] give all pairs, [N, M].

    Returns:
        [...], 0 if neither has an area.
    """
    top, left, bottom, right = _edges(some)
    other_top, other_left, other_bottom, other_right = _edges(others)
    height = np.minimum(bottom, other_bottom) - np.maximum(top, other_top)
    width = np.minimum(right, other_right) - np.maximum(left, other_left)
    common = height.clip(min=0) * width.clip(min=0)
    area = (bottom - top) * (right - left)
    other_area = (other_bottom - other_top) * (other_right - other_left)
    union = area + other_area - common
    ratio: Floats = common / np.maximum(union, np.finfo(np.float32).tiny)
    return ratio


def _edges(boxes: Floats) -> Floats:
    return np.ascontiguousarray(np.moveaxis(boxes, -1, 0))


def suppress(
    boxes: Floats,
    scores: Floats,
    *,
    score_threshold: float,
    iou_threshold: float,
    max_detections: int,
) -> tuple[Indices, Indices]:
    """Choose the boxes that stay.

    Args:
        boxes: [A, 4], ymin, xmin, ymax, xmax.
        scores: [A, C], one column per class.
        score_threshold: Only scores above it count.
        iou_threshold: A box that overlaps a better one of its class by more is dropped.
        max_detections: At most so many in all, the best ones.

    Returns:
        The rows of `boxes` that stay and their classes, best first, both [N].
    """
    rows = classes = np.empty(0, np.intp)
    for candidates in _best_first(scores, score_threshold):
        more_rows, more_classes = np.divmod(candidates, scores.shape[1])
        rivals = iou(boxes[more_rows, np.newaxis], boxes[rows]) > iou_threshold
        dropped = (rivals & (more_classes[:, np.newaxis] == classes)).any(axis=1)
        more_rows, more_classes = more_rows[~dropped], more_classes[~dropped]
        wanted = max_detections - len(rows)
        chosen = _greedy(boxes[more_rows], more_classes, iou_threshold, wanted)
        rows = np.concatenate([rows, more_rows[chosen]])
        classes = np.concatenate([classes, more_classes[chosen]])
        if len(rows) == max_detections:
            break
    return rows, classes


def _best_first(scores: Floats, threshold: float) -> Iterator[Indices]:
    """Yield flat indices of all values over the threshold, best first, in blocks.

    The likely part, mostly the only one asked for, is found and sorted without the others.
    """
    if not scores.size:
        return
    flat = scores.ravel()
    over = flat > threshold
    likely = over & (flat >= _bound(scores))
    for part in (likely, over ^ likely):
        ordered = _sorted(flat, np.flatnonzero(part))
        for start in range(0, len(ordered), _BLOCK):
            yield ordered[start : start + _BLOCK]


def _bound(scores: Floats) -> float:
    """Return a value that at least `_LIKELY` values reach, or half as many as there are rows."""
    count = min(_LIKELY, (len(scores) + 1) // 2)
    return float(np.partition(scores.max(axis=1), -count)[-count])


def _sorted(flat: Floats, indices: Indices) -> Indices:
    return indices[np.argsort(-flat[indices], kind="stable")]


def _greedy(boxes: Floats, classes: Indices, threshold: float, wanted: int) -> list[int]:
    rivals = (iou(boxes[:, np.newaxis], boxes) > threshold) & (classes[:, np.newaxis] == classes)
    dropped = np.zeros(len(boxes), bool)
    kept: list[int] = []
    for index in range(len(boxes)):
        if not dropped[index]:
            kept.append(index)
            dropped |= rivals[index]
            if len(kept) == wanted:
                break
    return kept
