"""The whole job, tiny: from scenes to a version that serves, and the folder that ships."""

import contextlib
import io
import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from headrace.store.model_store import ModelStore
from models.detector.model import Detector
from tests.support.lazily import Lazily
from training.detector import train
from training.detector.run_folder import IDENTITY

scenes = Lazily("training.detector.scenes.scenes")

export = Lazily("training.detector.publishing.export")
tiny_detector = Lazily("tests.support.models.tiny_detector")

pytestmark = pytest.mark.slow
REPOSITORY = Path(__file__).parents[3]
LITE_MODEL = "training.detector.publishing.release.lite_model"


def prepare(monkeypatch, folder):
    monkeypatch.setitem(train.PRESETS, "quick", tiny_detector.recipe(steps=4))
    monkeypatch.setenv("HEADRACE_MODEL_ROOT", str(folder / "models"))
    # It can be set only once in a process, and another test was first.
    monkeypatch.setattr("tensorflow.config.threading.set_intra_op_parallelism_threads", int)
    return folder


@pytest.fixture
def tiny(monkeypatch, tmp_path):
    return prepare(monkeypatch, tmp_path)


@pytest.fixture(scope="module")
def lite_files():
    """The LiteRT files of `finished`, by precision."""
    return {}


@pytest.fixture(scope="module")
def finished(tmp_path_factory, lite_files):
    """The folder of a run that was published and shipped, and what it said."""
    said = io.StringIO()
    convert = export.lite_model

    def noted(saved, precision):
        lite_files[precision] = convert(saved, precision)
        return lite_files[precision]

    with pytest.MonkeyPatch.context() as monkeypatch, contextlib.redirect_stdout(said):
        monkeypatch.setattr(LITE_MODEL, noted)
        folder = prepare(monkeypatch, tmp_path_factory.mktemp("finished"))
        assert job(folder, "--ship", str(folder / "shipped")) == 0
    return folder, said.getvalue()


def job(folder, *options):
    return train.main(["--out", str(folder / "out"), *options])


def test_a_run_publishes_what_a_server_loads_and_ships_the_same(finished, monkeypatch):
    folder, said = finished
    monkeypatch.setenv("HEADRACE_MODEL_ROOT", str(folder / "models"))
    store = ModelStore(folder / "models")
    version = store.verify("detector")
    assert f"published detector {version.name}" in said
    paths = {entry.path for entry in version.manifest.files}
    assert {
        "detector-float32.tflite", "golden.png", "golden.json", "metrics.json", "model_card.md",
        "loss.png", "precision_recall.png", "saved_model/saved_model.pb",
    } <= paths  # fmt: skip
    assert version.manifest.training_data == scenes.Scenes(64, 0, 1).digest
    metrics = json.loads(version.read("metrics.json"))
    assert set(metrics) == {"float32", "float16", "int8"}
    spec = version.manifest.attributes["detector"]
    assert spec["labels"] == list("0123456789")
    assert version.manifest.metrics["map_50"] == pytest.approx(
        metrics[spec["artifact"].removeprefix("detector-").removesuffix(".tflite")]["map_50"]
    )
    # Loading checks the golden sample.
    found = Detector.load(version).detect(np.zeros((50, 70, 3), np.uint8))
    assert found.boxes.shape == (len(found.scores), 4)
    card = version.read("model_card.md").decode()
    assert version.manifest.training_data in card
    assert "{" not in card

    # The folder that ships is a version of its own, which needs no TensorFlow to be installed.
    manifest = json.loads((folder / "shipped" / "manifest.json").read_text())
    assert {entry["path"] for entry in manifest["files"]} == {
        path for path in paths if not path.startswith("saved_model/")
    }
    shipped = str(folder / "shipped")
    code = (
        "import sys; from training.detector.publishing.ship import main;"
        f"assert main([{shipped!r}]) == 0; assert 'tensorflow' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, check=True, capture_output=True)
    Detector.load(store.verify("detector"))
    assert "saved_model/saved_model.pb" not in {
        entry.path for entry in store.open("detector").manifest.files
    }


def test_what_misses_the_gate_is_not_published(finished, lite_files, tiny, capsys, monkeypatch):
    """GIVEN a run that is done, WHEN it goes on under a higher gate, THEN that is found."""
    # No step is left, so it is the same network: to convert it again would take seconds.
    monkeypatch.setattr(LITE_MODEL, lambda saved, precision: lite_files[precision])
    shutil.copytree(finished[0] / "out", tiny / "out")
    (tiny / "out" / "model_card.md").unlink()
    assert job(tiny, "--resume", "--min-map-50", "0.9") == 1
    assert "map_50" in capsys.readouterr().err
    assert ModelStore(tiny / "models").models() == []
    assert (tiny / "out" / "model_card.md").exists()  # the report is there all the same


def test_another_run_is_not_resumed(tiny, capsys):
    (tiny / "out").mkdir()
    (tiny / "out" / IDENTITY).write_text(
        json.dumps({"recipe": json.loads(_json(tiny_detector.recipe())), "seed": 7, "data": "x"})
    )
    assert job(tiny, "--resume") == 1
    assert "cannot resume" in capsys.readouterr().err


def test_a_wrong_data_set_is_one_line(tiny, capsys):
    assert job(tiny, "--data", f"coco:{tiny}") == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert "annotations.json" in line


def _json(value):
    import msgspec

    return msgspec.json.encode(value)
