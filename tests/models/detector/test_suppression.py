"""Non-maximum suppression, against cases worked out by hand and against a plain reference."""

import numpy as np
import pytest

from models.detector.suppression import iou, suppress


def boxes_of(*rows):
    return np.array(rows, np.float32)


def run(boxes, scores, *, score=0.0, overlap=0.5, limit=100):
    rows, classes = suppress(
        boxes_of(*boxes),
        np.array(scores, np.float32),
        score_threshold=score,
        iou_threshold=overlap,
        max_detections=limit,
    )
    return list(zip(rows.tolist(), classes.tolist(), strict=True))


def plainly(boxes, scores, score, overlap, limit):
    """The definition, one candidate after the other."""
    candidates = [
        (-scores[row, label], row * scores.shape[1] + label, row, label)
        for row in range(scores.shape[0])
        for label in range(scores.shape[1])
        if scores[row, label] > score
    ]
    kept = []
    for _, _, row, label in sorted(candidates):
        rivals = np.array([r for r, c in kept if c == label], int)
        if (iou(boxes[row], boxes[rivals]) <= overlap).all():
            kept.append((row, label))
    return kept[:limit]


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ([0, 0, 2, 2], [0, 0, 2, 2], 1.0),
        ([0, 0, 2, 2], [0, 1, 2, 3], 2 / 6),  # 2 in common, 4 + 4 - 2 in all
        ([0, 0, 1, 1], [0, 0, 2, 2], 1 / 4),
        ([0, 0, 1, 1], [1, 1, 2, 2], 0.0),  # a corner in common
        ([0, 0, 1, 1], [3, 3, 4, 4], 0.0),
        ([1, 1, 1, 1], [1, 1, 1, 1], 0.0),  # no area
    ],
)
def test_overlap(one, other, expected):
    assert iou(boxes_of(*[one])[0], boxes_of(other)) == pytest.approx([expected])


def test_overlap_of_all_pairs():
    some, others = boxes_of([0, 0, 2, 2], [5, 5, 6, 6]), boxes_of([0, 1, 2, 3], [0, 0, 2, 2])
    pairs = iou(some[:, np.newaxis], others)
    assert pairs == pytest.approx(np.array([[1 / 3, 1], [0, 0]]))


def test_the_better_of_two_that_overlap_stays():
    boxes = [[0, 0, 1, 0.9], [0, 0, 1, 1], [0, 0.95, 1, 2]]
    assert run(boxes, [[0.5], [0.9], [0.7]]) == [(1, 0), (2, 0)]


def test_classes_do_not_suppress_each_other():
    boxes = [[0, 0, 1, 1], [0, 0, 1, 1]]
    assert run(boxes, [[0.9, 0.2], [0.3, 0.8]]) == [(0, 0), (1, 1)]


def test_a_box_may_belong_to_two_classes():
    assert run([[0, 0, 1, 1]], [[0.6, 0.9]]) == [(0, 1), (0, 0)]


def test_only_what_stays_suppresses():
    # Each overlaps its neighbour by 6/14; the first drops the second, which would drop the third.
    boxes = [[0, 0, 1, 10], [0, 4, 1, 14], [0, 8, 1, 18]]
    assert run(boxes, [[0.9], [0.8], [0.7]], overlap=0.4) == [(0, 0), (2, 0)]


def test_an_overlap_of_exactly_the_threshold_is_allowed():
    boxes = [[0, 0, 1, 2], [0, 0, 1, 1]]  # 1/2
    assert run(boxes, [[0.9], [0.8]], overlap=0.5) == [(0, 0), (1, 0)]
    assert run(boxes, [[0.9], [0.8]], overlap=0.49) == [(0, 0)]


def test_scores_must_exceed_the_threshold():
    boxes = [[0, 0, 1, 1], [2, 2, 3, 3], [4, 4, 5, 5]]
    assert run(boxes, [[0.5], [0.25], [0.75]], score=0.5) == [(2, 0)]
    assert run(boxes, [[0.5], [0.25], [0.75]], score=0.8) == []


def test_equal_scores_keep_their_order():
    boxes = [[0, 0, 1, 1], [2, 2, 3, 3], [4, 4, 5, 5]]
    assert run(boxes, [[0.5], [0.5], [0.5]], limit=2) == [(0, 0), (1, 0)]


def test_scores_that_are_no_numbers_are_left_out():
    boxes = [[0, 0, 1, 1], [2, 2, 3, 3]]
    assert run(boxes, [[np.nan], [0.5]]) == [(1, 0)]


@pytest.mark.parametrize(("overlap", "limit"), [(0.5, 100), (0.05, 100), (0.6, 1000), (0.0, 7)])
@pytest.mark.parametrize("levels", [0, 20])
def test_many_candidates_give_what_the_definition_gives(overlap, limit, levels):
    """Several blocks of candidates, and with `levels` many ties."""
    random = np.random.default_rng(7)
    corners = random.random((250, 2), np.float32)
    boxes = np.concatenate([corners, corners + random.random((250, 2), np.float32) * 0.2], axis=1)
    scores = random.random((250, 3), np.float32)
    if levels:
        scores = np.floor(scores * levels) / np.float32(levels)
    expected = plainly(boxes, scores, 0.01, overlap, limit)
    assert run(boxes, scores, score=0.01, overlap=overlap, limit=limit) == expected
    assert len(expected) > 5
