"""Where labels stand, and what they say."""

import itertools
import time

import pytest

from models.detector.labels import Labeller

BOX = (100.0, 100.0, 200.0, 200.0)


def area(label):
    return (*label.entity_field[:2], *label.score_field[2:])


def overlap(one, other):
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    return max(0, width) * max(0, height)


def test_class_and_score_have_a_field_each():
    label = Labeller((400, 400)).place(BOX, "9", 0.94)
    assert (label.entity, label.score) == ("9", "94 %")
    assert label.entity_field[2] == label.score_field[0]
    assert label.entity_field[0] < label.entity_field[2] < label.score_field[2]


def test_a_label_stands_on_its_box():
    label = Labeller((400, 400)).place(BOX, "cat", 0.9)
    assert label.entity_field[0] == 100
    assert label.entity_field[3] == 100


@pytest.mark.parametrize(
    "box", [(0, 0, 400, 400), (390, 0, 400, 9), (0, 390, 9, 400), (-50, -50, 500, 500)]
)
def test_a_label_stays_inside_the_picture(box):
    left, top, right, bottom = area(Labeller((400, 400)).place(box, "traffic light", 0.5))
    assert 0 <= left < right <= 400
    assert 0 <= top < bottom <= 400


def test_labels_of_boxes_that_lie_upon_each_other_can_all_be_read():
    labeller = Labeller((400, 400))
    areas = [area(labeller.place(BOX, name, 0.5)) for name in ("cat", "dog", "lynx")]
    assert not any(overlap(one, other) for one, other in itertools.combinations(areas, 2))


def test_a_class_too_long_for_the_picture_is_cut_and_the_score_is_not():
    label = Labeller((120, 120)).place((0, 50, 120, 120), "a class of many words", 0.5)
    assert label.entity.endswith("…")
    assert label.entity.startswith("a cl")
    assert area(label)[2] <= 120


def test_places_for_many_are_soon_found():
    labeller = Labeller((400, 400))
    begun = time.process_time()
    for _ in range(600):
        labeller.place(BOX, "cat", 0.5)
    assert time.process_time() - begun < 1.2


@pytest.mark.parametrize("size", [(64, 64), (384, 384), (4000, 3000)])
def test_letters_can_be_read_at_the_size_at_which_a_picture_is_seen(size):
    seen = min(1.0, 1000 / max(size))  # a large picture is scaled down to a screen
    assert Labeller(size).font.size * seen >= 14


@pytest.mark.parametrize("size", [(32, 24), (8000, 60)])
def test_a_label_leaves_most_of_a_small_picture_to_be_seen(size):
    label = area(Labeller(size).place((0, 0, *size), "9", 0.94))
    assert label[3] - label[1] <= 0.6 * size[1]
