import numpy as np
import pytest

from tests.support.lazily import Lazily
from training.detector.network.anchors import default_boxes
from training.detector.presets import NetworkSpec

tiny_detector = Lazily("tests.support.models.tiny_detector")
network = Lazily("training.detector.network.network")


@pytest.fixture(scope="module")
def model():
    return network.build(tiny_detector.SPEC, classes=3, seed=1)


def images(count=2):
    return np.random.default_rng(0).uniform(0, 1, (count, 64, 64, 3)).astype(np.float32)


def test_every_default_box_has_its_predictions(model):
    logits, offsets = model(images())
    count = len(default_boxes(tiny_detector.SPEC))
    assert logits.shape == (2, count, 3)
    assert offsets.shape == (2, count, 4)


def test_predictions_come_in_the_order_of_the_default_boxes(model):
    # What changes in one corner of the picture changes the finest predictions of that corner.
    plain = np.full((1, 64, 64, 3), 0.5, np.float32)
    spotted = plain.copy()
    spotted[:, :8, -8:] = 1.0  # right upper cell of the finest level
    change = np.abs(model(spotted)[1] - model(plain)[1]).sum(axis=-1)[0]
    finest = default_boxes(tiny_detector.SPEC)[: 64 * 6]
    (y, x) = finest[np.argmax(change[: 64 * 6]), :2]
    assert y <= 3 / 16
    assert x >= 13 / 16


def test_training_starts_from_low_scores(model):
    scores = 1 / (1 + np.exp(-model(images())[0].numpy()))
    assert np.median(scores) == pytest.approx(network.PRIOR, abs=network.PRIOR)


def test_the_width_is_a_setting(model):
    assert tiny_detector.SPEC.width == 0.25
    spec = NetworkSpec(image_size=64, width=0.5, pyramid=8, head_depth=1)
    assert network.build(spec, 3).count_params() > 2 * model.count_params()


def test_more_levels_see_larger_pictures():
    spec = NetworkSpec(image_size=128, width=0.25, pyramid=8, head_depth=1, levels=5)
    assert network.build(spec, 3).output_shape[0][1] == len(default_boxes(spec))


def test_the_seed_makes_the_weights(model):
    first = model.get_weights()
    again, other = (network.build(tiny_detector.SPEC, 3, seed).get_weights() for seed in (1, 2))
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert not all(np.array_equal(a, b) for a, b in zip(first, other, strict=True))


def test_inference_statistics_follow_within_a_hundred_steps(model):
    # The default momentum would leave them at a third of the way.
    from training.detector.network.network import NORM_MOMENTUM

    assert NORM_MOMENTUM**100 < 0.01
