"""Importing TFLite files: what is refused. A real one is imported by the acceptance tests."""

import msgspec
import pytest

from tests.support.lazily import Lazily
from tests.support.models.postprocessed_tflite import tflite
from training.detector.importing.imported import ContractError
from training.detector.importing.tflite import import_tflite

tensorflow = Lazily("headrace.runtimes.tensorflow")
small_saved_model = Lazily("tests.support.models.small_saved_model")
cut = Lazily("training.detector.importing.cut")

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("data", [b"", b"nonsense", b"\x1c\x00\x00\x00TFL3" + b"\x00" * 40])
def test_what_is_no_tflite_file_is_refused(data):
    with pytest.raises(ContractError, match="not a TFLite file"):
        import_tflite(data, lambda _: ("cat",))


def test_a_network_without_postprocessing_is_refused_by_its_outputs(tmp_path):
    model = tensorflow.TensorFlow(small_saved_model.save(tmp_path), "default")
    with pytest.raises(ContractError, match="not the four of TFLite_Detection_PostProcess"):
        import_tflite(cut.to_litert(model).model, lambda _: ("cat",))


def test_names_are_asked_for_as_many_classes_as_the_model_has():
    asked = []

    def labels(classes):
        asked.append(classes)
        return tuple(f"class {number}" for number in range(classes))

    imported = import_tflite(tflite(90, seen=(3, 88)), labels)

    assert asked == [90]
    assert imported.spec.labels[88] == "class 88"
    found = msgspec.json.decode(imported.files["golden.json"])
    assert found["detection_class_entities"] == ["class 3", "class 88"]
