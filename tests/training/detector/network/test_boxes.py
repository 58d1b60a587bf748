import math

import numpy as np
import pytest

from tests.support.lazily import Lazily

boxes = Lazily("training.detector.network.boxes")


ANCHOR = np.array([[0.5, 0.5, 0.2, 0.4]], np.float32)


def test_overlaps_worked_out_by_hand():
    first = np.array([[0, 0, 2, 2], [0, 0, 1, 1]], np.float32)
    second = np.array([[1, 1, 3, 3], [0, 0, 2, 2], [5, 5, 6, 6]], np.float32)
    # 1 of 4 + 4 - 1; the same; apart; touching in a point; 1 of 4; apart
    expected = np.array([[1 / 7, 1, 0], [0, 1 / 4, 0]])
    assert boxes.overlaps(first, second).numpy() == pytest.approx(expected)


def test_empty_boxes_overlap_nothing():
    empty = np.zeros((1, 4), np.float32)
    assert boxes.overlaps(empty, empty).numpy().item() == 0


def test_offsets_worked_out_by_hand():
    # centre moved by 0.1 both ways, half as high, twice as wide
    target = boxes.to_corners(np.array([[0.6, 0.6, 0.1, 0.8]], np.float32))
    (offsets,) = boxes.encode(target, ANCHOR).numpy()
    # 0.1 / 0.2 / 0.1, 0.1 / 0.4 / 0.1, ln(1/2) / 0.2, ln(2) / 0.2
    assert offsets == pytest.approx([5, 2.5, -math.log(2) / 0.2, math.log(2) / 0.2], rel=1e-4)


def test_decoding_worked_out_by_hand():
    offsets = np.array([[1.0, -1.0, 0.0, math.log(0.5) / 0.2]], np.float32)
    (corners,) = boxes.decode(offsets, ANCHOR).numpy()
    # centre 0.5 + 0.1 * 0.2 and 0.5 - 0.1 * 0.4, sides 0.2 and 0.2
    assert corners == pytest.approx([0.42, 0.36, 0.62, 0.56], abs=1e-6)


def test_decoding_undoes_encoding():
    rng = np.random.default_rng(0)
    low = rng.uniform(0, 0.6, (50, 2))
    corners = np.concatenate([low, low + rng.uniform(0.05, 0.4, (50, 2))], 1).astype(np.float32)
    anchors = np.tile(ANCHOR, (50, 1))
    assert boxes.decode(boxes.encode(corners, anchors), anchors).numpy() == pytest.approx(
        corners, abs=1e-5
    )


def test_decoded_boxes_end_at_the_edge():
    (corners,) = boxes.decode(np.array([[-50.0, 50.0, 0.0, 0.0]], np.float32), ANCHOR).numpy()
    assert corners.min() == 0
    assert corners.max() == 1


def test_an_object_without_extent_has_finite_offsets():
    assert np.isfinite(boxes.encode(np.array([[0.5, 0.5, 0.5, 0.5]], np.float32), ANCHOR)).all()


def test_corners_and_centres():
    corners = np.array([[0.1, 0.2, 0.5, 0.8]], np.float32)
    assert boxes.to_centres(corners).numpy()[0] == pytest.approx([0.3, 0.5, 0.4, 0.6])
    assert boxes.to_corners(boxes.to_centres(corners)).numpy() == pytest.approx(corners)
