"""A real published SSD, imported and served by every runtime, against its recorded answers.

The files are no part of the repository. Where they are absent these tests are skipped, and fail
where HEADRACE_STRICT=1.
"""

import subprocess
import sys
from pathlib import Path

import pytest

from headrace.store.model_store import ModelStore
from models.detector.model import Detector
from tests.support.models.detector import (
    ARCHIVE,
    DIGESTS,
    LABELS,
    TFLITE,
    acceptance_folder,
    agreement,
    mean_average_precision,
    remembering,
)
from training.detector.importing.job import main

pytestmark = [pytest.mark.acceptance, pytest.mark.slow, pytest.mark.timeout(900)]

SAVED_MODEL_MAP = 0.557  # mAP@.5, as recorded beside the files
TFLITE_MAP = 0.508
HALF_A_POINT = 0.005
REPOSITORY = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def folder():
    return acceptance_folder()


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    return tmp_path_factory.mktemp("store")


def arguments(folder, name, model, *options):
    return [str(folder / name), "--sha256", DIGESTS[name], "--model", model, *options]


@pytest.fixture(scope="module")
def by_command(folder, root):
    """Imports by the command that users type, and opens what it published."""

    def run(*words):
        command = [sys.executable, "-m", "training.detector.importing.job"]
        environment = {"HEADRACE_MODEL_ROOT": str(root), "PATH": "/usr/bin:/bin", "HOME": str(root)}
        done = subprocess.run(
            [*command, *arguments(folder, *words)],
            env=environment,
            cwd=REPOSITORY,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-3000:]
        return ModelStore(root).open(words[1])

    return run


@pytest.fixture(scope="module")
def imported(folder, root):
    """Imports as the command does, in this process: TensorFlow is loaded once, without Keras."""

    def run(*words):
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("HEADRACE_MODEL_ROOT", str(root))
            patch.setenv("TF_USE_LEGACY_KERAS", "1")  # Keras 2, which is not installed
            patch.delenv("HEADRACE_MODEL_SIGNING_KEY", raising=False)
            patch.delenv("HEADRACE_MODEL_VERIFY_KEY", raising=False)
            assert main(arguments(folder, *words)) == 0
        return ModelStore(root).open(words[1])

    return run


@pytest.fixture(scope="module")
def fast(by_command):
    return by_command(ARCHIVE, "fast")


@pytest.fixture(scope="module")
def original(imported):
    return imported(ARCHIVE, "original", "--runtime", "tensorflow")


@pytest.fixture(scope="module")
def quantised(by_command, folder):
    return by_command(TFLITE, "quantised", "--labels", str(folder / LABELS))


def test_the_saved_model_is_served_by_litert(fast):
    detector = fast.manifest.attributes["detector"]
    assert (detector["runtime"], detector["head"]) == ("litert", "decoded")
    assert fast.manifest.attributes["source"]["sha256"] == DIGESTS[ARCHIVE]
    assert fast.manifest.metrics["golden_detections"] >= 20


def test_tensorflow_gives_every_recorded_detection(original, folder):
    assert original.manifest.attributes["detector"]["runtime"] == "tensorflow"
    detect = remembering(Detector.load(original))
    found = agreement(detect, folder, min_score=0.5, min_iou=0.95)
    assert found.expected == 145
    assert not found.missing
    assert mean_average_precision(detect, folder) >= SAVED_MODEL_MAP - HALF_A_POINT


def test_the_fast_runtime_gives_the_recorded_detections_and_is_as_precise(fast, folder):
    detect = remembering(Detector.load(fast))
    found = agreement(detect, folder, min_score=0.6, min_iou=0.85)
    assert len(found.missing) <= 0.05 * found.expected, found.missing
    assert mean_average_precision(detect, folder) >= SAVED_MODEL_MAP - HALF_A_POINT


def test_onnx_runtime_takes_the_whole_graph(imported, folder):
    version = imported(ARCHIVE, "whole", "--runtime", "onnxruntime")
    assert version.manifest.attributes["detector"]["head"] == "contract"
    detect = remembering(Detector.load(version))
    found = agreement(detect, folder, min_score=0.5, min_iou=0.95)
    assert not found.missing
    assert mean_average_precision(detect, folder) >= SAVED_MODEL_MAP - HALF_A_POINT


def test_the_quantised_file_is_as_precise_as_recorded(quantised, folder):
    detector = Detector.load(quantised)
    assert len(detector.spec.labels) == 90
    assert mean_average_precision(detector.detect, folder) >= TFLITE_MAP - HALF_A_POINT


def test_the_quantised_file_agrees_with_the_network_it_was_made_from(quantised, folder):
    found = agreement(Detector.load(quantised).detect, folder, min_score=0.8, min_iou=0.5)
    assert len(found.missing) <= 0.05 * found.expected, found.missing
