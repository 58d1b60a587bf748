import math

import numpy as np
import pytest

from tests.support.lazily import Lazily

tf = Lazily("tensorflow")
loss = Lazily("training.detector.network.loss")
matching = Lazily("training.detector.network.matching")


LN2 = math.log(2)
ANCHORS = np.array([[0.5, 0.5, 0.2, 0.2]] * 3, np.float32)
BOX = [0.4, 0.4, 0.6, 0.6]  # the default box itself: all offsets are 0


def test_focal_loss_worked_out_by_hand():
    # a score of 1/2: alpha * (1/2)^2 * ln 2
    assert loss.focal(0.0, 1.0).numpy() == pytest.approx(0.25 * 0.25 * LN2)
    assert loss.focal(0.0, 0.0).numpy() == pytest.approx(0.75 * 0.25 * LN2)
    # a score of 3/4 (logit ln 3)
    assert loss.focal(math.log(3), 1.0).numpy() == pytest.approx(
        0.25 / 16 * math.log(4 / 3), rel=1e-4
    )
    assert loss.focal(math.log(3), 0.0).numpy() == pytest.approx(
        0.75 * 9 / 16 * math.log(4), rel=1e-4
    )


def test_smooth_l1_worked_out_by_hand():
    found = loss.smooth_l1(np.array([0.0, 0.25, -0.25, 0.5, 1.0, -2.0], np.float32)).numpy()
    assert found == pytest.approx([0, 0.0625, 0.0625, 0.25, 0.75, 1.75])


def batch(positive, negative, logits, offsets):
    """One picture, three default boxes, two classes, one object of class 1 and a padding."""
    matched = matching.Match(
        index=np.zeros((1, 3), np.int64),
        positive=np.array([positive]),
        negative=np.array([negative]),
    )
    boxes, labels = np.array([[BOX, [0] * 4]], np.float32), np.array([[1, -1]])
    found = loss.detection_loss(
        tf.constant([logits], tf.float32),
        tf.constant([offsets], tf.float32),
        matched,
        boxes,
        labels,
        ANCHORS,
    )
    return [float(part) for part in found]


def test_losses_of_a_picture_worked_out_by_hand():
    classes, boxes = batch(
        positive=[True, True, False],
        negative=[False, False, True],
        logits=[[0, 0], [0, 0], [0, 0]],
        offsets=[[0, 0, 0, 0], [1, 0, 0, 0.25], [9, 9, 9, 9]],
    )
    # each positive box: one right class, one wrong one; the negative: two wrong ones; of 2
    right, wrong = 0.25 * 0.25 * LN2, 0.75 * 0.25 * LN2
    assert classes == pytest.approx((2 * right + 2 * wrong + 2 * wrong) / 2)
    assert boxes == pytest.approx((0.75 + 0.0625) / 2)


def test_a_box_that_is_neither_does_not_count():
    with_it, _ = batch([True, False, False], [False, True, False], [[0, 0]] * 3, [[0] * 4] * 3)
    without, _ = batch(
        [True, False, False], [False, True, False], [[0, 0], [0, 0], [50, -50]], [[0] * 4] * 3
    )
    assert with_it == pytest.approx(without)


def test_a_picture_without_objects_has_finite_losses():
    classes, boxes = batch([False] * 3, [True] * 3, [[-3, -3]] * 3, [[0] * 4] * 3)
    assert classes > 0
    assert boxes == 0
