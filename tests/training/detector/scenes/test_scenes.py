import numpy as np
import pytest
from PIL import Image

from tests.support.lazily import Lazily
from training.detector.scenes.glyph import BORDER, BOXED_INK, draw

pixels = Lazily("training.detector.scenes.pixels")
composed = Lazily("training.detector.scenes.scenes")


@pytest.fixture(scope="module")
def scenes():
    return composed.Scenes(128, seed=3, held_out=5)


def same(one, other):
    return all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


def test_a_place_in_the_stream_always_shows_the_same_scene(scenes):
    first = [scenes.training(index) for index in (5, 6, 5)]
    again = composed.Scenes(128, seed=3, held_out=5).training(6)
    assert same(first[0], first[2])
    assert same(first[1], again)
    assert not same(first[0], first[1])


def test_another_seed_shows_other_scenes_but_holds_out_the_same(scenes):
    other = composed.Scenes(128, seed=4, held_out=5)
    assert not same(other.training(5), scenes.training(5))
    pairs = zip(other.held_out(), scenes.held_out(), strict=True)
    assert all(same(one, two) for one, two in pairs)


def test_scenes_are_what_the_network_takes(scenes):
    for index in range(30):
        image, boxes, labels = scenes.training(index)
        assert (image.shape, image.dtype) == ((128, 128, 3), np.uint8)
        assert (boxes.dtype, labels.dtype) == (np.float32, np.int64)
        assert boxes.shape == (len(labels), 4)
        assert 1 <= len(labels) <= composed.MAX_DIGITS
        assert ((boxes >= 0) & (boxes <= 1)).all()
        assert (boxes[:, 2:] > boxes[:, :2]).all()


def test_no_digit_hides_another(scenes):
    for index in range(30):
        boxes = scenes.training(index).boxes
        for place, one in enumerate(boxes):
            for other in boxes[:place]:
                sides = np.minimum(one[2:], other[2:]) - np.maximum(one[:2], other[:2])
                smaller = min(np.prod(box[2:] - box[:2]) for box in (one, other))
                assert np.prod(sides.clip(0)) <= composed.MAX_COVER * smaller + 1e-6


def test_nothing_held_out_is_trained_on():
    training, held_out = pixels.load()
    for kind in ("digits", "photographs"):
        seen = {image.tobytes() for image in getattr(training, kind)}
        unseen = [image.tobytes() for image in getattr(held_out, kind)]
        assert len(unseen) > 3
        assert not seen.intersection(unseen)
    assert len(training.digits) + len(held_out.digits) == 1797
    assert set(held_out.labels.tolist()) == set(range(10))


def test_a_glyph_is_cut_to_its_ink():
    digit = Image.fromarray(np.pad(np.full((8, 8), 255, np.uint8), BORDER))
    for seed in range(20):
        ink = draw(np.random.default_rng(seed), digit, 40.0).ink
        solid = ink >= BOXED_INK
        assert solid[0].any()
        assert solid[-1].any()
        assert solid[:, 0].any()
        assert solid[:, -1].any()
        assert (ink.min(), ink.max()) == (pytest.approx(0, abs=1), 1)
        # a full square, turned by at most 15 degrees
        assert 36 <= ink.shape[0] <= 62


def test_the_digest_tells_the_training_pixels(scenes):
    assert scenes.digest == composed.Scenes(64, seed=9, held_out=1).digest
    training, held_out = pixels.load()
    assert training.digest() != held_out.digest()
