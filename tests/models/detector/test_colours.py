"""Colours of classes."""

import itertools

import pytest

from models.detector.colours import BLACK, PALETTE, WHITE, colours, contrast, ink


def test_a_class_has_one_colour_in_every_picture():
    assert colours(["cat", "dog"])["cat"] == colours(["person", "cat", "cat"])["cat"]


def test_no_two_classes_of_a_picture_share_one_while_there_are_some_left():
    digits = colours("0123456789")
    assert len(set(digits.values())) == 10


def test_more_classes_than_colours_are_no_error():
    assert len(colours(f"class {number}" for number in range(50))) == 50


def test_colours_lie_far_apart():
    for one, other in itertools.combinations(PALETTE, 2):
        assert sum(abs(a - b) for a, b in zip(one, other, strict=True)) >= 100


@pytest.mark.parametrize("colour", PALETTE)
def test_an_outline_stands_out_from_the_dark_lines_beside_it(colour):
    assert contrast(colour, BLACK) >= 4


@pytest.mark.parametrize("ground", [*PALETTE, BLACK, WHITE])
def test_what_is_written_on_a_colour_can_be_read(ground):
    assert contrast(ink(ground), ground) >= 4.5


def test_contrast_is_that_of_the_standard():
    assert contrast(BLACK, WHITE) == pytest.approx(21)
    assert contrast(WHITE, (118, 118, 118)) == pytest.approx(4.54, abs=0.01)
