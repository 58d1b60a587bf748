"""A detector: heads, golden sample, and what is refused."""

import time
from concurrent.futures import ThreadPoolExecutor

import msgspec
import numpy as np
import pytest

from headrace.runtimes import names
from headrace.runtimes.onnx import OnnxRuntime
from headrace.store.errors import LibraryError, VersionCorruptError
from headrace.store.live import LiveModel
from headrace.store.publisher import Publisher
from models.detector.model import Detector
from models.detector.spec import DetectorSpec, read_spec
from tests.support.models.three_boxes import MODEL, SPEC, WHITE, graph, publish

BOXES = [[0.1, 0.2, 0.3, 0.4], [-0.5, 0.5, 0.9, 1.5]]


@pytest.fixture
def store(tmp_path):
    return Publisher(tmp_path)


class Fixed:
    """A runtime that always gives the same outputs, and remembers what it was asked."""

    inputs = ("image",)

    def __init__(self, **outputs):
        self.outputs = {name: np.array(value) for name, value in outputs.items()}
        self.image = None

    def run(self, inputs):
        self.image = inputs["image"]
        return self.outputs


def detected(head, outputs, **changes):
    spec = msgspec.structs.replace(SPEC, head=head, **changes)
    return Detector(Fixed(**outputs), spec).detect(WHITE)


def test_a_decoded_head_is_suppressed_by_class():
    found = detected(
        "decoded",
        {
            "boxes": [[[0, 0, 1, 1], [0, 0, 1, 0.9], [0, 0, 1, 0.9]]],
            "scores": [[[0.9, 0.0], [0.8, 0.05], [0.1, 0.7]]],
        },
    )
    assert found.entities == ("cat", "dog")  # the second cat overlaps, the second dog is too faint
    assert found.scores == pytest.approx([0.9, 0.7])
    assert found.boxes == pytest.approx(np.array([[0, 0, 1, 1], [0, 0, 1, 0.9]]))


def test_boxes_are_kept_inside_the_image_after_suppression_not_before():
    # Outside the image the two hardly overlap; cut to it, they would be the same box.
    boxes = [[-9.0, 0.0, 1.0, 1.0], [0.0, 0.0, 1.0, 1.0]]
    found = detected("decoded", {"boxes": boxes, "scores": [[0.9, 0], [0.8, 0]]})
    assert found.boxes.tolist() == [[0, 0, 1, 1], [0, 0, 1, 1]]


def test_a_postprocessed_head_names_classes_and_heeds_the_count():
    name = "TFLite_Detection_PostProcess"
    outputs = {
        f"{name}:3": np.array([2.0]),
        f"{name}:2": [[0.9, 0.4, 0.8]],
        f"{name}:1": [[1.0, 0.0, 0.0]],
        name: [[*BOXES, [0, 0, 1, 1]]],
    }
    found = detected("postprocessed", outputs)
    assert found.entities == ("dog", "cat")
    assert found.boxes == pytest.approx(np.array([[0.1, 0.2, 0.3, 0.4], [0, 0.5, 0.9, 1]]))
    assert detected("postprocessed", outputs, score_threshold=0.5).entities == ("dog",)
    assert detected("postprocessed", outputs, max_detections=1).entities == ("dog",)


def test_a_contract_head_is_sorted_and_decoded():
    outputs = {
        "detection_boxes": BOXES,
        "detection_scores": [0.3, 0.7],
        "detection_class_entities": [b"Z\xc3\xbcrich", b"dog"],
        "detection_class_labels": [1, 2],
    }
    found = detected("contract", outputs)
    assert found.entities == ("dog", "Zürich")
    assert found.scores == pytest.approx([0.7, 0.3])


def test_nothing_found_is_an_answer_too():
    found = detected("decoded", {"boxes": BOXES, "scores": [[0.0, 0.0], [0.1, 0.1]]})
    assert (found.boxes.shape, found.scores.shape, found.entities) == ((0, 4), (0,), ())
    assert found.fields().detection_boxes == []


@pytest.mark.parametrize("head", ["decoded", "contract"])
def test_outputs_that_do_not_fit_the_head_are_named(head):
    with pytest.raises(ValueError, match="strange"):
        detected(head, {"strange": [1.0]})


def test_a_class_without_a_name_is_an_error():
    with pytest.raises(ValueError, match="decoded"):
        detected("decoded", {"boxes": BOXES, "scores": [[0, 0, 0.9]] * 2})


@pytest.mark.parametrize("version_scale", [1.0, 0.7])
def test_a_published_version_loads_and_detects(store, version_scale):
    detector = Detector.load(publish(store, scale=version_scale))
    found = detector.detect(np.full((40, 60, 3), 255, np.uint8))
    assert found.entities == ("cat", "dog")
    assert found.scores == pytest.approx([0.9 * version_scale, 0.6 * version_scale])
    assert detector.detect(WHITE // 2).scores == pytest.approx(found.scores * 127 / 255)


def test_a_version_that_contradicts_its_golden_sample_is_refused(store):
    with pytest.raises(VersionCorruptError, match="golden sample otherwise than recorded: missing"):
        Detector.load(publish(store, scale=0.8, golden_scale=1.0))


def test_a_version_without_a_golden_sample_is_refused(store):
    version = publish(store, without=["golden.png"])
    with pytest.raises(VersionCorruptError, match=r"golden\.png"):
        Detector.load(version)


@pytest.mark.parametrize(
    ("attributes", "named"),
    [({}, "object"), ({"detector": {"runtime": "abacus"}}, "abacus|runtime")],
)
def test_attributes_that_describe_no_detector_are_refused(attributes, named):
    with pytest.raises(msgspec.ValidationError, match=named):
        read_spec(attributes)


def test_a_spec_survives_the_manifest(store):
    assert read_spec(publish(store).manifest.attributes) == SPEC


def test_a_version_for_another_runtime_version_is_refused(store, monkeypatch):
    monkeypatch.setitem(names.LIBRARIES, "onnxruntime", ("onnxruntime", ">=99"))
    publish(store)
    with pytest.raises(LibraryError, match=">=99 is needed"):
        LiveModel(store, MODEL, Detector.load).current()


def test_a_corrupt_artifact_is_refused(store, tmp_path):
    version = publish(store)
    artifact = tmp_path / MODEL / "versions" / version.name / SPEC.artifact
    artifact.chmod(0o644)
    artifact.write_bytes(artifact.read_bytes()[:-1] + b"!")
    with pytest.raises(VersionCorruptError, match=r"changed file: .*detector\.onnx"):
        Detector.load(version)


def test_many_threads_share_one_detector():
    detector = Detector(OnnxRuntime(graph()), SPEC)
    images = [np.full((8, 8, 3), level, np.uint8) for level in range(100, 256)]
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(detector.detect, images))
    best = [answer.scores[0] for answer in answers]
    assert best == pytest.approx([0.9 * level / 255 for level in range(100, 256)], abs=1e-5)


def test_a_live_detector_outlives_a_bad_candidate(store):
    alarms = []
    publish(store)
    live = LiveModel(store, MODEL, Detector.load, refresh_seconds=0, on_failure=alarms.append)
    good = live.current()
    publish(store, scale=0.5, golden_scale=1.0)
    limit = time.monotonic() + 60
    while not alarms and time.monotonic() < limit:
        assert live.current() is good
    assert ["golden sample" in str(alarm) for alarm in alarms] == [True]
    newest = publish(store, scale=0.5).name
    while live.version != newest and time.monotonic() < limit:
        time.sleep(0.01)
    assert live.current().detect(WHITE).scores[0] == pytest.approx(0.45)


def test_the_defaults_of_a_spec_are_the_contract():
    spec = DetectorSpec(runtime="litert", artifact="a", head="decoded", input_size=None)
    assert (spec.input_dtype, spec.input_range, spec.antialias) == ("float32", (0.0, 1.0), False)
