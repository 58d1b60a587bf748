"""Boxes on a picture."""

import io

import numpy as np
import pytest
from PIL import Image

from models.detector.colours import colours
from models.detector.detections import Detections
from models.detector.drawing import draw

GREY = (40, 40, 40)


def colour(entity):
    return colours([entity])[entity]


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
    assert tuple(result[70, 100]) == GREY  # inside


def test_an_outline_is_seen_on_its_own_colour(grey):
    same = np.full_like(grey, colour("cat"))
    result = drawn(same, ([0.5, 0.25, 0.9, 0.75], 0.9, "cat"))
    assert (result[70] == 0).all(axis=1).sum() == 4  # a dark line on both sides of both edges


def test_class_and_score_stand_apart_above_the_box(grey):
    result = drawn(grey, ([0.5, 0.25, 0.9, 0.75], 0.94, "9"))
    row = [tuple(pixel) for pixel in result[30].tolist()]
    ground = [position for position, pixel in enumerate(row) if pixel == colour("9")]
    black = [position for position, pixel in enumerate(row) if pixel == (0, 0, 0)]
    assert 50 <= ground[0] < ground[-1] < max(black)  # the class, then the score
    assert max(black) > ground[-1] + 20


def test_a_label_is_read_over_every_box(grey):
    """The label of the lower score is not covered by the box of the higher one."""
    high, low = ([0.1, 0.1, 0.9, 0.9], 0.9, "dog"), ([0.5, 0.25, 0.9, 0.75], 0.6, "cat")
    alone = drawn(grey, low)[30:48, 52:90]
    assert (drawn(grey, high, low)[30:48, 52:90] == alone).all()


def test_the_image_itself_is_left_alone(grey):
    before = grey.copy()
    drawn(grey, ([0.1, 0.1, 0.9, 0.9], 0.9, "cat"))
    assert (grey == before).all()


def test_nothing_found_leaves_the_picture_as_it_was(grey):
    assert (drawn(grey) == grey).all()


@pytest.mark.parametrize("box", [[0.5, 0.5, 0.5, 0.5], [0.9, 0.9, 0.1, 0.1], [1, 1, 1, 1]])
def test_boxes_without_an_area_do_no_harm(grey, box):
    assert drawn(grey, (box, 0.9, "")).shape == grey.shape


@pytest.mark.parametrize("shape", [(1, 1, 3), (5, 300, 3), (300, 5, 3)])
def test_pictures_smaller_than_a_label_do_no_harm(shape):
    picture = np.full(shape, 40, np.uint8)
    assert drawn(picture, ([0, 0, 1, 1], 0.9, "traffic light")).shape == shape


def test_a_tiny_picture_is_seen_between_its_boxes():
    picture = np.full((16, 16, 3), 40, np.uint8)
    seen = drawn(picture, ([0.1, 0.1, 0.9, 0.9], 0.9, "cat"), ([0.2, 0.1, 0.9, 0.9], 0.8, "dog"))
    assert (seen[7:11, 7:11] == 40).all()
    assert (seen != 40).any()


def test_names_in_any_script_are_drawn(grey):
    assert (drawn(grey, ([0.4, 0.1, 0.9, 0.9], 0.9, "Katze 猫")) != grey).any()
