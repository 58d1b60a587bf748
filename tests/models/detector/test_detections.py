"""Selecting detections, and comparing two answers."""

import numpy as np
import pytest

from models.detector.detections import Detections, Tolerance, differences
from models.detector.golden import tolerance

TOLERANCE = Tolerance(min_score=0.3, iou=0.9, score=0.02)


def found(*rows):
    boxes = np.array([box for box, _, _ in rows], np.float32).reshape(-1, 4)
    scores = np.array([score for _, score, _ in rows], np.float32)
    return Detections(boxes, scores, tuple(entity for _, _, entity in rows))


CAT = ([0.1, 0.1, 0.5, 0.5], 0.9, "cat")
DOG = ([0.5, 0.5, 0.9, 0.9], 0.6, "dog")
FAINT = ([0.2, 0.2, 0.3, 0.3], 0.2, "cat")
ALL = found(CAT, DOG, FAINT)


@pytest.mark.parametrize(
    ("wish", "expected"),
    [
        ({}, [CAT, DOG, FAINT]),
        ({"min_score": 0.6}, [CAT, DOG]),
        ({"max_detections": 1}, [CAT]),
        ({"classes": {"cat"}}, [CAT, FAINT]),
        ({"classes": {"cat"}, "max_detections": 1, "min_score": 0.1}, [CAT]),
        ({"classes": set()}, []),
    ],
)
def test_select(wish, expected):
    chosen, wanted = ALL.select(**wish), found(*expected)
    assert chosen.fields() == wanted.fields()


def test_plain_values_and_back():
    assert Detections.from_fields(ALL.fields()).fields() == ALL.fields()
    assert Detections.from_fields(found().fields()).boxes.shape == (0, 4)


@pytest.mark.parametrize("other", [ALL, found(DOG, CAT), found(CAT, DOG)])
def test_the_same_in_any_order_and_whatever_is_faint(other):
    assert differences(ALL, other, TOLERANCE) == []


@pytest.mark.parametrize(
    ("other", "starts"),
    [
        (found(CAT), ["missing: dog 0.600"]),
        (found(CAT, DOG, ([0, 0, 0.1, 0.1], 0.5, "cat")), ["unexpected: cat 0.500"]),
        (found(CAT, (DOG[0], 0.57, "dog")), ["missing: dog", "unexpected: dog"]),
        (found(CAT, (DOG[0], 0.6, "cat")), ["missing: dog", "unexpected: cat"]),
        (found(CAT, ([0.5, 0.5, 0.9, 0.8], 0.6, "dog")), ["missing: dog", "unexpected: dog"]),
        (found(), ["missing: cat", "missing: dog"]),
    ],
)
def test_differences_are_told(other, starts):
    lines = differences(found(CAT, DOG), other, TOLERANCE)
    assert len(lines) == len(starts)
    assert all(line.startswith(start) for line, start in zip(lines, starts, strict=True))


def test_one_box_cannot_stand_for_two():
    assert len(differences(found(CAT, CAT), found(CAT), TOLERANCE)) == 1


def test_a_score_at_the_limit_may_fall_to_either_side():
    assert differences(found((CAT[0], 0.301, "cat")), found(), TOLERANCE) == []


def test_a_timid_detector_is_compared_too():
    assert tolerance(ALL).min_score == 0.3
    assert tolerance(found(FAINT)).min_score == pytest.approx(0.1)
    assert tolerance(found()).min_score == 0.3
