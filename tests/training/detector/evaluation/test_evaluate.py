import numpy as np
import pytest

from training.detector.evaluation.evaluate import Found, evaluate
from training.detector.example import Example

LABELS = ("cat", "dog")
PICTURE = np.zeros((100, 200, 3), np.uint8)


def example(boxes, labels):
    return Example(PICTURE, np.array(boxes, np.float32).reshape(-1, 4), np.array(labels, np.int64))


def found(boxes, labels, scores):
    return Found(*example(boxes, labels)[1:2], np.array(scores, np.float32), np.array(labels))


BOX, OTHER = [0.1, 0.1, 0.5, 0.5], [0.6, 0.6, 0.9, 0.9]
EXAMPLES = [example([BOX, OTHER], [0, 1]), example([BOX], [0])]


def metrics(answers):
    return evaluate(EXAMPLES, lambda _: answers, LABELS).metrics


def test_all_found_is_one():
    scores = metrics([found([BOX, OTHER], [0, 1], [0.9, 0.8]), found([BOX], [0], [0.7])])
    assert scores["map_50_95"] == pytest.approx(1)
    assert scores["recall_100"] == pytest.approx(1)


def test_nothing_found_is_zero():
    nothing = found([], [], [])
    assert metrics([nothing, nothing])["map_50"] == 0


def test_half_of_a_class_found_worked_out_by_hand():
    # cat: precision 1 up to recall 0.5, which is 51 of 101 points; dog: all found
    scores = metrics([found([BOX, OTHER], [0, 1], [0.9, 0.8]), found([], [], [])])
    assert scores["map_50"] == pytest.approx((51 / 101 + 1) / 2)


def test_the_wrong_class_counts_as_missed():
    scores = metrics([found([BOX, OTHER], [1, 1], [0.9, 0.8]), found([BOX], [0], [0.7])])
    # cat: 51 of 101; dog: half a precision at every recall, the wrong one comes first
    assert scores["map_50"] == pytest.approx((51 / 101 + 0.5) / 2)


def test_a_box_that_overlaps_by_0_62_counts_up_to_0_6():
    narrow = [0.1, 0.1, 0.5, 0.1 + 0.4 * 0.62]
    scores = evaluate(
        [example([BOX], [0])], lambda _: [found([narrow], [0], [0.9])], ("cat",)
    ).metrics
    assert scores["map_50"] == pytest.approx(1)
    assert scores["map_75"] == 0
    assert scores["map_50_95"] == pytest.approx(3 / 10)  # 0.5, 0.55, 0.6


def test_the_curve_falls_where_false_detections_begin():
    answers = [found([BOX, OTHER], [0, 0], [0.9, 0.8]), found([BOX], [0], [0.7])]
    curve = evaluate(EXAMPLES, lambda _: answers, LABELS)
    assert curve.precision.shape == (101, 2)
    assert curve.precision[:51, 0] == pytest.approx(1)
    assert curve.precision[51:, 0] == pytest.approx(2 / 3)
