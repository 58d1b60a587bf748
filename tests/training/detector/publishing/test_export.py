"""One network, every format: the same boxes."""

from functools import cache

import numpy as np
import pytest

from headrace.runtimes.litert import LiteRt
from tests.support.lazily import Lazily

tf = Lazily("tensorflow")
tiny_detector = Lazily("tests.support.models.tiny_detector")
boxes = Lazily("training.detector.network.boxes")
graph_suppression = Lazily("training.detector.network.graph_suppression")
export = Lazily("training.detector.publishing.export")

LABELS = ("one", "two", "drei", "ř")


@pytest.fixture(scope="module")
def network():
    return tiny_detector.confident_network(len(LABELS))


@pytest.fixture(scope="module")
def saved(network, tmp_path_factory):
    folder = tmp_path_factory.mktemp("export") / "saved_model"
    export.save_model(network, tiny_detector.SPEC, LABELS, folder)
    return folder


@pytest.fixture(scope="module")
def lite(saved):
    """Converts to a precision; to convert again would make the same file."""
    return cache(lambda precision: export.lite_model(saved, precision))


@pytest.fixture(scope="module")
def signatures(saved):
    loaded = tf.saved_model.load(str(saved))
    yield loaded.signatures
    del loaded  # the signatures live as long as what was loaded


def image(height=64, width=64):
    return np.random.default_rng(2).uniform(0, 1, (1, height, width, 3)).astype(np.float32)


@pytest.mark.slow
@pytest.mark.parametrize("precision", ["float32", "float16"])
def test_lite_files_give_the_boxes_of_the_saved_model(lite, signatures, precision):
    expected = signatures["decoded"](images=tf.constant(image()))
    found = LiteRt(lite(precision)).run({"images": image()})
    assert set(found) == {"boxes", "scores"}
    assert found["boxes"].shape == expected["boxes"].shape == (510, 4)
    assert found["scores"].shape == expected["scores"].shape == (510, len(LABELS))
    tolerance = 1e-3 if precision == "float32" else 1e-2
    assert np.abs(found["boxes"] - expected["boxes"]).max() <= tolerance
    assert np.abs(found["scores"] - expected["scores"]).max() <= tolerance
    assert np.ptp(found["boxes"]) > 0.5, "boxes that are all alike prove nothing"


@pytest.mark.slow
def test_int8_weights_make_a_smaller_file_with_floats_outside(lite):
    smaller = lite("int8")
    assert len(smaller) < 0.8 * len(lite("float32"))
    assert LiteRt(smaller).run({"images": image()})["boxes"].dtype == np.float32


def test_the_signature_is_the_published_contract(signatures):
    found = signatures["default"](images=tf.constant(image(50, 90)))
    count = found["detection_scores"].shape[0]
    assert count > 0
    assert {name: (value.dtype, value.shape) for name, value in found.items()} == {
        "detection_boxes": (tf.float32, (count, 4)),
        "detection_scores": (tf.float32, (count,)),
        "detection_class_entities": (tf.string, (count,)),
        "detection_class_names": (tf.string, (count,)),
        "detection_class_labels": (tf.int64, (count,)),
    }
    names = [name.decode() for name in found["detection_class_entities"].numpy()]
    assert names == [LABELS[label] for label in found["detection_class_labels"].numpy()]


def test_the_contract_is_the_network_and_its_suppression(signatures, network):
    kept = graph_suppression.suppress(
        *boxes.decoder(network, tiny_detector.SPEC)(image()), score_threshold=export.SCORE_THRESHOLD
    )
    found = signatures["default"](images=tf.constant(image()))
    count = int(kept.count[0])
    assert found["detection_boxes"].numpy() == pytest.approx(
        kept.boxes.numpy()[0, :count], abs=1e-4
    )
    assert found["detection_scores"].numpy() == pytest.approx(
        kept.scores.numpy()[0, :count], abs=1e-4
    )


@pytest.mark.parametrize("shape", [(1, 1), (31, 200), (300, 40)])
def test_images_of_any_size(signatures, shape):
    boxes = signatures["default"](images=tf.constant(image(*shape)))["detection_boxes"].numpy()
    assert ((boxes >= 0) & (boxes <= 1)).all()
