import numpy as np

from tests.support.lazily import Lazily

centred = Lazily("training.detector.network.boxes")
matching = Lazily("training.detector.network.matching")

# Four default boxes side by side, each 0.2 wide, and as high as the picture.
SIDE_BY_SIDE = np.array([[0, x, 1, x + 0.2] for x in (0, 0.2, 0.4, 0.6)], "f")


def anchors():
    return np.asarray(centred.to_centres(SIDE_BY_SIDE))


def strip(start, end):
    return [0.0, start, 1.0, end]


def matched(boxes, labels):
    result = matching.match(anchors(), np.array([boxes], np.float32), np.array([labels], np.int64))
    return tuple(np.asarray(part)[0].tolist() for part in result)


def test_boxes_are_positive_from_a_half_and_negative_below_two_fifths():
    # 0.15 of 0.2 of the first; with the second 0.05 of 0.3, and nothing with the others
    index, positive, negative = matched([strip(0.0, 0.15)], [7])
    assert index[0] == 0
    assert positive == [True, False, False, False]
    assert negative == [False, True, True, True]


def test_a_box_in_between_is_left_out():
    # 0.2 of 0.45 with the first, which takes the object, and with the second, which is left out
    _, positive, negative = matched([strip(0.0, 0.45)], [0])
    assert positive == [True, False, False, False]
    assert negative == [False, False, True, True]


def test_every_object_takes_its_best_box_however_poor():
    # 0.01 of 0.2: far below any threshold
    index, positive, negative = matched([strip(0.65, 0.66)], [3])
    assert positive == [False, False, False, True]
    assert index[3] == 0
    assert negative == [True, True, True, False]


def test_two_objects_with_one_best_box_take_two_boxes():
    # Both overlap the second box most: 0.18 of 0.2 and 0.12 of 0.28. The better pair goes first;
    # the other object takes the first box, 0.08 of 0.32.
    index, positive, _ = matched([strip(0.21, 0.39), strip(0.12, 0.32)], [1, 2])
    assert positive[:2] == [True, True]
    assert index[:2] == [1, 0]


def test_padding_matches_nothing():
    index, positive, negative = matched([strip(0.2, 0.4), strip(0.6, 0.8)], [5, matching.PADDING])
    assert positive == [False, True, False, False]
    assert negative == [True, False, True, True]
    assert index[1] == 0


def test_a_picture_without_objects_is_all_background():
    _, positive, negative = matched(
        [strip(0, 0), strip(0, 0)], [matching.PADDING, matching.PADDING]
    )
    assert not any(positive)
    assert all(negative)


def test_pictures_of_a_batch_do_not_mix():
    boxes = np.array([[strip(0.0, 0.2)], [strip(0.6, 0.8)]], np.float32)
    result = matching.match(anchors(), boxes, np.zeros((2, 1), np.int64))
    assert np.asarray(result.positive).tolist() == [
        [True, False, False, False],
        [False, False, False, True],
    ]
