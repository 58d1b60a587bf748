"""Importing SavedModels: the conversions, and the proof that answers stay."""

import msgspec
import numpy as np
import pytest

from headrace.runtimes.litert import LiteRt
from headrace.runtimes.onnx import OnnxRuntime
from models.detector import golden as detector_golden
from models.detector.model import Detector
from tests.support.lazily import Lazily
from training.detector.importing.golden_images import golden_images
from training.detector.importing.imported import ContractError

tf = Lazily("tensorflow")
tensorflow = Lazily("headrace.runtimes.tensorflow")
small_saved_model = Lazily("tests.support.models.small_saved_model")
convert = Lazily("training.detector.importing.convert")
cut = Lazily("training.detector.importing.cut")
savedmodel = Lazily("training.detector.importing.savedmodel")

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

ALL = ("litert", "onnxruntime", "tensorflow")
RUNTIMES = {"litert": LiteRt, "onnxruntime": OnnxRuntime}


def picture():
    """Red at the top left, blue at the bottom right, in odd sizes."""
    image = np.zeros((75, 43, 3), np.uint8)
    image[:37, :21, 0] = image[38:, 22:, 2] = 255
    return image


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    return small_saved_model.save(tmp_path_factory.mktemp("small"))


@pytest.fixture(scope="module")
def imported(small):
    return savedmodel.import_savedmodel(small, ALL)


def loaded(imported):
    model = imported.files[imported.spec.artifact]
    return Detector(RUNTIMES[imported.spec.runtime](model), imported.spec)


def by_tensorflow(folder):
    spec = convert.contract_spec("tensorflow", "savedmodel")
    return Detector(tensorflow.TensorFlow(folder, "default"), spec)


def test_a_graph_that_can_be_cut_is_served_by_litert(imported):
    assert imported.spec.runtime == "litert"
    assert imported.spec.labels == tuple(small_saved_model.NAMES)
    assert imported.spec.input_size == (16, 16)
    assert (imported.spec.iou_threshold, imported.spec.score_threshold) == (0.5, 0.05)
    assert imported.spec.max_detections == 10
    assert imported.notes == {"not_converted": {}}
    assert imported.metrics["golden_images"] == 5
    assert imported.metrics["golden_detections"] > 10
    assert set(imported.files) == {"detector.tflite", "golden.png", "golden.json"}


def test_litert_and_tensorflow_give_the_same_answer(small, imported):
    reference = by_tensorflow(small)
    fast = loaded(imported)
    expected, actual = reference.detect(picture()), fast.detect(picture())
    assert expected.entities[:2] == actual.entities[:2]
    assert sorted(actual.entities[:2]) == ["blue", "red"]
    assert actual.scores == pytest.approx(expected.scores, abs=1e-4)
    assert actual.boxes[:2].tolist() in (
        [small_saved_model.QUARTERS[0], small_saved_model.QUARTERS[3]],
        [small_saved_model.QUARTERS[3], small_saved_model.QUARTERS[0]],
    )


def test_a_graph_without_suppression_is_taken_whole_by_onnx_runtime(tmp_path):
    folder = small_saved_model.save(tmp_path, suppress=False)
    imported = savedmodel.import_savedmodel(folder, ALL)
    assert (imported.spec.runtime, imported.spec.head) == ("onnxruntime", "contract")
    assert "CombinedNonMaxSuppression" in imported.notes["not_converted"]["litert"]
    reference = by_tensorflow(folder)
    expected, actual = reference.detect(picture()), loaded(imported).detect(picture())
    assert actual.entities[:2] == expected.entities[:2]  # the dark quarters are of any class
    assert actual.scores == pytest.approx(expected.scores, abs=1e-4)


def test_a_module_of_the_first_tf_hub_format_is_taken_whole_too(tmp_path):
    """Two graphs, none tagged to serve; loops, hash tables, and suppression of another kind."""
    folder = small_saved_model.save_hub_module(tmp_path / "module")
    imported = savedmodel.import_savedmodel(folder, ALL)
    assert imported.spec.runtime == "onnxruntime"
    assert set(imported.notes["not_converted"]) == {"litert"}
    found = loaded(imported).detect(picture())
    assert sorted(found.entities[:2]) == ["blue", "red"]
    unchanged = savedmodel.import_savedmodel(folder, ["tensorflow"])
    assert unchanged.spec.runtime == "tensorflow"


def test_a_graph_that_resizes_otherwise_is_not_cut(tmp_path):
    def legacy(images, size):
        return tf.compat.v1.image.resize_bilinear(images, size)

    model = tensorflow.TensorFlow(small_saved_model.save(tmp_path, resize=legacy), "default")
    with pytest.raises(convert.NotConvertibleError, match="half-pixel"):
        cut.to_litert(model)


def test_what_nothing_converts_is_served_by_tensorflow_and_says_why(tmp_path):
    def shout(names, classes):
        return tf.strings.regex_replace(tf.strings.upper(tf.gather(names, classes)), "RED", "rot")

    folder = small_saved_model.save(tmp_path, suppress=False, name=shout)
    (folder / "assets").mkdir(exist_ok=True)
    imported = savedmodel.import_savedmodel(folder, ALL)
    assert (imported.spec.runtime, imported.spec.artifact) == ("tensorflow", "savedmodel")
    assert set(imported.notes["not_converted"]) == {"litert", "onnxruntime"}
    assert "savedmodel/saved_model.pb" in imported.files
    assert any(path.startswith("savedmodel/variables/") for path in imported.files)
    with pytest.raises(ContractError, match=r"litert: .*; onnxruntime: "):
        savedmodel.import_savedmodel(folder, ["litert", "onnxruntime"])


def test_the_golden_sample_is_what_the_served_runtime_answers(imported):
    recorded = msgspec.json.decode(imported.files["golden.json"])
    answer = loaded(imported).detect(golden_images()[0])
    assert recorded == msgspec.to_builtins(answer.fields())


def test_answers_that_differ_are_no_proof(small, imported):
    reference = by_tensorflow(small)
    answers = [(image, reference.detect(image)) for image in golden_images()]
    renamed = msgspec.structs.replace(imported.spec, labels=("red", "blue", "green"))
    model = imported.files["detector.tflite"]
    with pytest.raises(convert.NotConvertibleError, match="answers differ: missing"):
        savedmodel.prove(Detector(LiteRt(model), renamed), answers)
    blind = [(image, answer.select(classes=())) for image, answer in answers]
    with pytest.raises(convert.NotConvertibleError, match="nothing can be compared"):
        savedmodel.prove(Detector(LiteRt(model), imported.spec), blind)


def test_the_tolerance_of_the_proof_is_that_of_the_golden_sample(small):
    reference = by_tensorflow(small)
    tolerance = detector_golden.tolerance(reference.detect(picture()))
    assert (tolerance.iou, tolerance.score) == (0.95, 0.02)
