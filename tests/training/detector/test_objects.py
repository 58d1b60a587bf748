"""Publishing the detector of real objects, by its job."""

import pytest

from headrace.store.model_store import ModelStore
from models.detector.model import Detector
from training.detector import objects, train
from training.detector.importing import open_images
from training.detector.importing.golden_images import golden_images

pytestmark = pytest.mark.slow


@pytest.fixture
def store(tmp_path, monkeypatch):
    monkeypatch.setenv("HEADRACE_MODEL_ROOT", str(tmp_path / "models"))
    return ModelStore(tmp_path / "models")


def test_it_is_published_with_its_licence_and_serves(store, capsys):
    if open_images.npm() is None:
        pytest.skip("npm is not installed")

    assert objects.main([]) == 0, capsys.readouterr().err
    version = store.open("detector")
    card = version.read("model_card.md").decode()
    assert "Apache-2.0" in card
    assert "skimage/data/chelsea.png`: Cat (0.8" in card
    assert version.manifest.attributes["source"]["name"] == open_images.PACKAGE
    assert Detector.load(version).detect(golden_images()[1]).entities[0] == "Cat"


def test_a_package_that_is_another_is_one_line(store, tmp_path, capsys):
    (tmp_path / "other.tgz").write_bytes(b"nothing")

    assert objects.main(["--package", str(tmp_path / "other.tgz")]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert "has 7 bytes" in line
    assert store.models() == []


def test_without_npm_the_digits_are_trained_and_it_is_said(monkeypatch, capsys):
    asked = []
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr(train, "main", lambda arguments: asked.append(arguments) or 0)

    assert objects.main([]) == 0
    assert asked == [[]]
    (line,) = capsys.readouterr().err.splitlines()
    assert "install npm" in line
