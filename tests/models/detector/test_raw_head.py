"""Raw heads of a published SSD: anchors, box coder, logits."""

import msgspec
import numpy as np
import pytest

from models.detector.model import Detector
from models.detector.raw_head import RawHead, anchors, decode, logit, sigmoid
from tests.support.models.three_boxes import SPEC, WHITE

HEAD = RawHead(boxes="encodings", scores="logits")
GRID = anchors("ssd-300")


def encoded(boxes):
    """Boxes [A, 4] of corners, as encodings relative to the anchors: the inverse of `decode`."""
    centres = (boxes[:, :2] + boxes[:, 2:]) / 2
    sizes = boxes[:, 2:] - boxes[:, :2]
    offsets = (centres - GRID[:, :2]) / GRID[:, 2:] * 10
    return np.concatenate([offsets, np.log(sizes / GRID[:, 2:]) * 5], axis=1)


def test_the_grid_has_the_anchors_of_its_six_maps():
    assert GRID.shape == (3 * 19 * 19 + 6 * (10 * 10 + 5 * 5 + 3 * 3 + 2 * 2 + 1), 4)
    assert ((GRID[:, :2] > 0) & (GRID[:, :2] < 1)).all()
    assert GRID[0] == pytest.approx([1 / 38, 1 / 38, 0.1, 0.1])
    assert GRID[-1] == pytest.approx([0.5, 0.5, 0.95**0.5, 0.95**0.5])


def test_an_encoding_of_zeros_is_the_anchor_itself():
    boxes = decode(np.zeros((len(GRID), 4), np.float32), HEAD)

    assert (boxes[:, :2] + boxes[:, 2:]) / 2 == pytest.approx(GRID[:, :2], abs=1e-6)
    assert boxes[:, 2:] - boxes[:, :2] == pytest.approx(GRID[:, 2:], abs=1e-6)


def test_any_box_comes_back_from_its_encoding():
    random = np.random.default_rng(0)
    corners = random.uniform(0, 0.5, (len(GRID), 2))
    boxes = np.concatenate([corners, corners + random.uniform(0.01, 0.5, corners.shape)], axis=1)

    assert decode(encoded(boxes).astype(np.float32), HEAD) == pytest.approx(boxes, abs=1e-5)


def test_as_many_boxes_as_anchors_are_asked_for():
    with pytest.raises(ValueError, match="7 boxes for the 1917 anchors of ssd-300"):
        decode(np.zeros((7, 4), np.float32), HEAD)


@pytest.mark.parametrize("score", [1e-6, 0.25, 0.5, 0.999])
def test_a_logit_is_the_inverse_of_its_score(score):
    assert sigmoid(np.float32([logit(score)])) == pytest.approx([score], rel=1e-3)


def test_a_detector_with_raw_heads_answers_boxes_scores_and_names():
    boxes = np.tile(np.float32([0.1, 0.1, 0.2, 0.2]), (len(GRID), 1))
    boxes[[5, 900]] = [[0.5, 0.25, 1.0, 0.75], [0.5, 0.25, 1.0, 0.74]]
    logits = np.full((len(GRID), 3), -9.0)
    logits[5, 2], logits[900, 2], logits[0, 0] = 1.5, 1.0, 9.0  # two of a dog, and background

    class Runtime:
        inputs = ("image",)

        def run(self, inputs):
            return {"encodings": encoded(boxes)[np.newaxis], "logits": logits[np.newaxis]}

    spec = msgspec.structs.replace(SPEC, head="raw", raw=HEAD)
    found = Detector(Runtime(), spec).detect(WHITE)

    assert found.entities == ("dog",)
    assert found.scores == pytest.approx(sigmoid(np.float32([1.5])))
    assert found.boxes[0] == pytest.approx([0.5, 0.25, 1.0, 0.75], abs=1e-5)


@pytest.mark.parametrize("changes", [{"head": "raw"}, {"raw": HEAD}])
def test_a_spec_describes_a_raw_head_or_has_another(changes):
    with pytest.raises(ValueError, match="describes a head of that kind"):
        msgspec.structs.replace(SPEC, **changes)
