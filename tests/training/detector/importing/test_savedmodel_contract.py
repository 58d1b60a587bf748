"""Importing SavedModels: what differs from the contract, or reaches outside, is refused."""

import pytest

from tests.support.lazily import Lazily
from training.detector.importing.imported import ContractError

tf = Lazily("tensorflow")
small_saved_model = Lazily("tests.support.models.small_saved_model")
savedmodel = Lazily("training.detector.importing.savedmodel")

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

ALL = ("litert", "onnxruntime", "tensorflow")


def test_every_difference_from_the_contract_is_listed(tmp_path):
    def break_it(outputs):
        outputs["detection_scores"] = outputs["detection_scores"][tf.newaxis]
        outputs["detection_class_labels"] = tf.cast(outputs["detection_class_labels"], tf.int32)
        del outputs["detection_class_entities"]
        return outputs

    folder = small_saved_model.save(tmp_path, change=break_it)
    with pytest.raises(ContractError) as caught:
        savedmodel.import_savedmodel(folder, ALL)
    message = str(caught.value)
    assert "output detection_scores is float32 (1, None), not float32 (None,)" in message
    assert "output detection_class_labels is int32" in message
    assert "no output detection_class_entities" in message
    assert "detection_boxes" not in message


def test_a_wrong_input_is_named(tmp_path):
    class Module(tf.Module):
        @tf.function(input_signature=[tf.TensorSpec([1, 300, 300, 3], tf.uint8, "pixels")])
        def detect(self, pixels):
            return {"detection_boxes": tf.cast(pixels[0, :, :4, 0], tf.float32)}

    module = Module()
    tf.saved_model.save(module, str(tmp_path), signatures={"default": module.detect})
    with pytest.raises(ContractError, match=r"input pixels is uint8 \(1, 300, 300, 3\), not"):
        savedmodel.import_savedmodel(tmp_path, ALL)


def test_another_signature_is_not_enough(tmp_path):
    module = tf.Module()
    module.f = tf.function(lambda x: {"y": x}, input_signature=[tf.TensorSpec([1], tf.float32)])
    tf.saved_model.save(module, str(tmp_path), signatures={"serving_default": module.f})
    with pytest.raises(ContractError, match=r"no signature 'default'; there are: .*serving"):
        savedmodel.import_savedmodel(tmp_path, ALL)


def test_operations_that_reach_outside_are_refused_before_anything_runs(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("secret")

    def peek(outputs):
        stolen = tf.io.read_file(str(secret))
        outputs["detection_class_entities"] = tf.fill(
            tf.shape(outputs["detection_class_entities"]), stolen
        )
        return outputs

    folder = small_saved_model.save(tmp_path / "model", change=peek)
    with pytest.raises(ContractError, match="operations that are not allowed: ReadFile"):
        savedmodel.import_savedmodel(folder, ALL)


def test_a_folder_without_a_saved_model_is_refused(tmp_path):
    (tmp_path / "weights.bin").write_bytes(b"")
    with pytest.raises(ContractError, match=r"no saved_model\.pb"):
        savedmodel.import_savedmodel(tmp_path, ALL)
    (tmp_path / "saved_model.pb").write_bytes(b"not a protocol buffer")
    with pytest.raises(ContractError, match="not a SavedModel"):
        savedmodel.import_savedmodel(tmp_path, ALL)
