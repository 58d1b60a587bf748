"""From pixels to a network's input."""

import msgspec
import numpy as np
import pytest

from models.detector.preparation import bilinear, prepare
from tests.support.models.three_boxes import SPEC


def column(*values):
    """An image one pixel wide, grey."""
    return np.repeat(np.array(values, np.uint8), 3).reshape(-1, 1, 3)


def spec(**changes):
    return msgspec.structs.replace(SPEC, **changes)


@pytest.mark.parametrize(
    ("values", "height", "expected"),
    [
        ([0, 100, 200, 40], 2, [50, 120]),  # centres at 0.5 and 2.5 pixels
        ([10, 20], 4, [10, 12.5, 17.5, 20]),  # centres at -0.25, 0.25, 0.75, 1.25
        ([255, 0, 0, 255, 255, 0, 0, 90], 2, [0, 0]),  # no anti-aliasing: two neighbours each
        ([7], 3, [7, 7, 7]),
    ],
)
def test_bilinear_sampling_by_hand(values, height, expected):
    result = bilinear(column(*values), height, 1)
    assert result[:, 0, 0].tolist() == pytest.approx(expected)
    across = bilinear(column(*values).transpose(1, 0, 2), 1, height)
    assert across[0, :, 2].tolist() == pytest.approx(expected)


def test_both_directions_and_all_channels():
    image = np.arange(4 * 6 * 3, dtype=np.uint8).reshape(4, 6, 3)
    result = bilinear(image, 2, 3)
    mean = image.reshape(2, 2, 3, 2, 3).mean(axis=(1, 3))  # halving both sides: blocks of four
    assert result == pytest.approx(mean)


def test_a_float_network_is_fed_with_its_range():
    image = np.array([[[0, 51, 255]]], np.uint8)
    plain = prepare(image, spec(input_size=(1, 1)))
    assert (plain.shape, plain.dtype) == ((1, 1, 1, 3), np.float32)
    assert plain.ravel() == pytest.approx([0, 0.2, 1])
    centred = prepare(image, spec(input_size=None, input_range=(-1.0, 1.0)))
    assert centred.ravel() == pytest.approx([-1, -0.6, 1])


def test_a_uint8_network_is_fed_with_rounded_pixels():
    result = prepare(column(0, 3, 10, 11), spec(input_size=(2, 1), input_dtype="uint8"))
    assert result.dtype == np.uint8
    assert result[0, :, 0, 0].tolist() == [2, 10]  # 1.5 and 10.5, to the even


def test_an_image_of_the_right_size_is_taken_as_it_is():
    image = np.random.default_rng(0).integers(0, 256, (8, 8, 3), np.uint8)
    result = prepare(image, spec(input_dtype="uint8", antialias=True))
    assert (result[0] == image).all()


def test_anti_aliasing_looks_at_every_pixel():
    image = column(0, 255, 0, 255, 0, 255, 0, 255)
    result = prepare(image, spec(input_size=(2, 1), antialias=True))
    assert result.ravel() == pytest.approx([0.5] * 6, abs=0.05)


@pytest.mark.parametrize(
    "image",
    [
        np.zeros((4, 4), np.uint8),
        np.zeros((4, 4, 4), np.uint8),
        np.zeros((4, 4, 3), np.float32),
        np.zeros((0, 4, 3), np.uint8),
    ],
)
def test_anything_but_an_rgb_image_is_refused(image):
    with pytest.raises(ValueError, match="not an RGB image"):
        prepare(image, SPEC)
