"""Boxes on a picture."""

import io

import numpy as np
import pytest
from PIL import Image

from models.detector.detections import Detections
from models.detector.drawing import colour, draw


def drawn(image, *found):
    boxes = np.array([box for box, _, _ in found], np.float32).reshape(-1, 4)
    scores = np.array([score for _, score, _ in found], np.float32)
    png = draw(image, Detections(boxes, scores, tuple(entity for _, _, entity in found)))
    with Image.open(io.BytesIO(png)) as result:
        assert result.format == "PNG"
        return np.asarray(result)


@pytest.fixture
def grey():
    return np.full((100, 200, 3), 40, np.uint8)


def test_a_box_is_outlined_where_it_is_in_the_colour_of_its_class(grey):
    result = drawn(grey, ([0.5, 0.25, 0.9, 0.75], 0.9, "cat"))
    assert result.shape == grey.shape
    assert tuple(result[70, 50]) == colour("cat")  # left edge: x = 0.25 of 200
    assert tuple(result[90, 100]) == colour("cat")  # bottom edge: y = 0.9 of 100
    assert tuple(result[70, 100]) == (40, 40, 40)  # inside


def test_class_and_score_stand_above_the_box(grey):
    result = drawn(grey, ([0.5, 0.25, 0.9, 0.75], 0.9, "cat"))
    above = result[38:50, 50:90]
    assert (above == colour("cat")).all(axis=2).any()
    assert (above < 30).all(axis=2).any()  # the letters


def test_the_label_of_a_box_at_the_top_stays_inside(grey):
    result = drawn(grey, ([0, 0, 1, 1], 0.5, "dog"))
    assert (result[2:10, 2:40] < 30).all(axis=2).any()


def test_the_image_itself_is_left_alone(grey):
    before = grey.copy()
    drawn(grey, ([0.1, 0.1, 0.9, 0.9], 0.9, "cat"))
    assert (grey == before).all()


def test_nothing_found_leaves_the_picture_as_it_was(grey):
    assert (drawn(grey) == grey).all()


@pytest.mark.parametrize("box", [[0.5, 0.5, 0.5, 0.5], [0.9, 0.9, 0.1, 0.1], [1, 1, 1, 1]])
def test_boxes_without_an_area_do_no_harm(grey, box):
    assert drawn(grey, (box, 0.9, "")).shape == grey.shape


def test_names_in_any_script_are_drawn(grey):
    assert (drawn(grey, ([0.4, 0.1, 0.9, 0.9], 0.9, "Katze 猫")) != grey).any()


def test_classes_have_colours_of_their_own():
    assert len({colour(name) for name in ("cat", "dog", "person", "car")}) == 4
