import numpy as np
import pytest

from training.detector.network.anchors import boxes_per_cell, default_boxes
from training.detector.presets import NetworkSpec

SPEC = NetworkSpec(image_size=64, scale_range=(0.1, 0.8), ratios=(0.25, 1.0))


def test_every_cell_of_every_level_has_all_shapes():
    # 8 x 8, 4 x 4, 2 x 2 and 1 x 1 cells; two sizes with two ratios each
    assert boxes_per_cell(SPEC) == 4
    assert default_boxes(SPEC).shape == ((64 + 16 + 4 + 1) * 4, 4)


def test_boxes_of_the_first_cells_worked_out_by_hand():
    first, second, third, fourth, neighbour = default_boxes(SPEC)[:5]
    # levels double in size: 0.1, 0.2, 0.4, 0.8; the extra size is 0.1 * sqrt(2)
    assert first == pytest.approx([1 / 16, 1 / 16, 0.2, 0.05])
    assert second == pytest.approx([1 / 16, 1 / 16, 0.1, 0.1])
    assert third == pytest.approx([1 / 16, 1 / 16, 0.2 * 2**0.5, 0.05 * 2**0.5])
    assert fourth == pytest.approx([1 / 16, 1 / 16, 0.1 * 2**0.5, 0.1 * 2**0.5])
    assert neighbour == pytest.approx([1 / 16, 3 / 16, 0.2, 0.05])  # along the row first


def test_last_level_is_one_cell_in_the_middle():
    last = default_boxes(SPEC)[-4:]
    assert last[:, :2] == pytest.approx(np.full((4, 2), 0.5))
    assert last[1, 2:] == pytest.approx([0.8, 0.8])


def test_a_ratio_keeps_the_area():
    boxes = default_boxes(SPEC)[:4]
    areas = boxes[:, 2] * boxes[:, 3]
    assert areas == pytest.approx([0.01, 0.01, 0.02, 0.02])


@pytest.mark.parametrize(
    ("settings", "named"), [({"levels": 3}, "levels: 3"), ({"image_size": 96}, "image_size: 96")]
)
def test_impossible_shapes_are_refused(settings, named):
    with pytest.raises(ValueError, match=named):
        NetworkSpec(**settings)
