import numpy as np
import pytest

from models.detector import suppression as served
from tests.support.lazily import Lazily

graph_suppression = Lazily("training.detector.network.graph_suppression")

# The second overlaps the first by 0.8, the third touches neither.
BOXES = np.array([[0, 0, 0.5, 0.5], [0, 0, 0.5, 0.4], [0.6, 0.6, 0.9, 0.9]], np.float32)


def found(scores, threshold=0.1):
    scores = np.array([scores], np.float32)
    boxes, kept, labels, count = (
        np.asarray(part)[0] for part in graph_suppression.suppress(BOXES[None], scores, threshold)
    )
    return boxes[:count].tolist(), kept[:count].tolist(), labels[:count].tolist()


def test_of_overlapping_boxes_of_a_class_the_best_stays():
    boxes, scores, labels = found([[0.7, 0], [0.8, 0], [0.3, 0]])
    assert boxes == BOXES[[1, 2]].tolist()
    assert scores == pytest.approx([0.8, 0.3])
    assert labels == [0, 0]


def test_another_class_at_the_same_place_stays():
    boxes, _, labels = found([[0.9, 0.2], [0.1, 0.8], [0, 0]])
    assert boxes == BOXES[[0, 1]].tolist()
    assert labels == [0, 1]


def test_what_does_not_overlap_enough_stays():
    apart = np.array([[[0, 0, 0.5, 0.5], [0, 0.25, 0.5, 0.75]]], np.float32)  # 1/3
    kept = graph_suppression.suppress(apart, np.array([[[0.9], [0.8]]], np.float32), 0.1)
    assert kept.count.numpy().tolist() == [2]


def test_low_scores_go():
    assert found([[0.09, 0], [0, 0], [0.2, 0.05]])[1] == pytest.approx([0.2])


def test_nothing_found_is_an_empty_answer():
    assert found([[0, 0]] * 3) == ([], [], [])


def test_the_graph_and_the_server_keep_the_same():
    rng = np.random.default_rng(1)
    low = rng.uniform(0, 0.7, (200, 2))
    boxes = np.concatenate([low, low + rng.uniform(0.1, 0.3, (200, 2))], 1).astype(np.float32)
    scores = rng.uniform(0, 1, (200, 3)).astype(np.float32)
    rows, classes = served.suppress(
        boxes,
        scores,
        score_threshold=0.3,
        iou_threshold=graph_suppression.IOU_THRESHOLD,
        max_detections=graph_suppression.MAX_DETECTIONS,
    )
    kept = graph_suppression.suppress(boxes[None], scores[None], 0.3)
    assert int(kept.count[0]) == len(rows)
    assert kept.labels.numpy()[0, : len(rows)].tolist() == classes.tolist()
    assert kept.boxes.numpy()[0, : len(rows)] == pytest.approx(boxes[rows])
