"""The training job: the same bytes for the same seed, and nothing published that fails a gate."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from headrace.store.errors import VersionNotFoundError
from headrace.store.model_store import ModelStore
from headrace.store.signing import SigningKey
from models.tumor.features import pack
from models.tumor.model import TumorModel, as_rows
from tests.support.lazily import Lazily
from tests.support.models import tumor as support

tumor = Lazily("training.tumor.train")
tumor_data = Lazily("training.tumor.data")
tumor_scores = Lazily("training.tumor.scores")

pytestmark = pytest.mark.slow(seconds=1.5)

ROOT = Path(__file__).parents[3]
PICTURES = {"roc", "precision_recall", "confusion", "calibration", "importance"}


@pytest.fixture
def root(tmp_path, monkeypatch):
    monkeypatch.setenv("HEADRACE_MODEL_ROOT", str(tmp_path / "models"))
    monkeypatch.delenv("HEADRACE_MODEL_VERIFY_KEY", raising=False)
    monkeypatch.delenv("HEADRACE_MODEL_SIGNING_KEY", raising=False)
    return tmp_path / "models"


@pytest.fixture
def fast(monkeypatch):
    """Few rounds: for tests of what happens to a model, not of how good it is."""
    monkeypatch.setattr("training.tumor.fit.MAX_ROUNDS", 8)


@pytest.fixture
def easy(fast, monkeypatch):
    """Gates that a model of few rounds passes."""
    monkeypatch.setattr("training.tumor.train.GATES", {"auc": 0.5, "accuracy": 0.5, "recall": 0.0})


def run(tmp_path, *arguments):
    return tumor.main(["--repeats", "1", "--out", str(tmp_path / "report"), *arguments])


@pytest.fixture(scope="module")
def two_runs(tmp_path_factory):
    """The whole job with all its gates, twice, in processes of their own."""
    folders = [tmp_path_factory.mktemp(f"run{number}") for number in range(2)]
    runs = [_job(folder) for folder in folders]
    for job in runs:
        out, err = job.communicate(timeout=280)
        assert job.returncode == 0, out + err
    return folders


def _job(folder):
    command = [sys.executable, "-m", "training.tumor.train", "--out", str(folder / "report")]
    environment = os.environ | {
        "HEADRACE_MODEL_ROOT": str(folder / "models"),
        "PYTHONHASHSEED": str(folder)[-1],  # each run its own order of sets
    }
    pipe = subprocess.PIPE
    return subprocess.Popen(
        [*command, "--repeats", "1"], cwd=ROOT, env=environment, stdout=pipe, stderr=pipe, text=True
    )


@pytest.mark.slow
def test_same_seed_gives_the_same_version(two_runs):
    names = [ModelStore(folder / "models").open("tumor").name for folder in two_runs]
    assert names[0] == names[1]


@pytest.mark.slow
def test_a_published_version_is_whole(two_runs):
    version = ModelStore(two_runs[0] / "models").verify("tumor")
    paths = {entry.path for entry in version.manifest.files}
    pictures = {f"{name}.png" for name in PICTURES}
    assert paths == pictures | {"model.ubj", "metrics.json", "model_card.md"}
    report = two_runs[0] / "report"
    assert {path.name for path in report.iterdir()} == paths
    assert all((report / path).read_bytes() == version.read(path) for path in paths)
    for picture in pictures:
        with Image.open(report / picture) as image:
            assert min(image.size) > 600
            assert np.asarray(image.convert("L")).std() > 5  # not blank
    metrics = json.loads(version.read("metrics.json"))
    assert metrics == version.manifest.metrics
    card = version.read("model_card.md").decode()
    assert all(f"{metrics[name]:.4f}" in card for name in ("auc", "accuracy", "recall"))
    assert version.manifest.training_data in card


@pytest.mark.slow
def test_the_published_model_knows_rows_that_it_never_saw(two_runs):
    version = ModelStore(two_runs[0] / "models").open("tumor")
    model = TumorModel.load(version)
    rows = tumor_data.held_out_rows()
    answers = model.labels(model.predict(as_rows([pack(row.features) for row in rows])))
    right = sum(answer == row.truth for answer, row in zip(answers, rows, strict=True))
    assert right / len(rows) == pytest.approx(version.manifest.metrics["held_out_accuracy"])
    assert right / len(rows) > 0.93


def test_noise_is_refused_and_the_current_version_stays(root, fast, tmp_path, monkeypatch, capsys):
    current = support.publish(root, metrics={"auc": 0.99})
    data = tumor_data.load()
    noise = np.random.default_rng(1).permutation(data.malignant)
    monkeypatch.setattr("training.tumor.candidate.load", lambda: data._replace(malignant=noise))

    assert run(tmp_path) == 1

    assert ModelStore(root).resolve("tumor") == current.name
    assert ModelStore(root).versions("tumor") == [current.name]
    said = capsys.readouterr().err.splitlines()[-1]
    for expected in ("not published", "auc", "is below 0.993", "recall", "worse than the current"):
        assert expected in said
    assert (tmp_path / "report" / "model_card.md").is_file()  # to see why


def test_worse_than_the_current_version_is_refused(root, easy, tmp_path, capsys):
    current = support.publish(root, metrics={"auc": 0.9999, "auc_se": 0.0001})
    assert run(tmp_path) == 1
    assert "worse than the current 0.9999 by more than one" in capsys.readouterr().err
    assert ModelStore(root).resolve("tumor") == current.name


def test_a_dry_run_publishes_nothing(root, easy, tmp_path):
    assert run(tmp_path, "--dry-run") == 0
    with pytest.raises(VersionNotFoundError):
        ModelStore(root).open("tumor")


def test_a_signed_version_is_published_where_signatures_are_checked(
    root, easy, tmp_path, monkeypatch
):
    key = SigningKey.generate()
    monkeypatch.setenv("HEADRACE_MODEL_SIGNING_KEY", key.pem())
    monkeypatch.setenv("HEADRACE_MODEL_VERIFY_KEY", key.verify_key().text())
    assert run(tmp_path) == 0
    assert ModelStore(root, key.verify_key()).verify("tumor")


def test_another_seed_is_another_model_of_the_same_training_rows(easy, tmp_path, monkeypatch):
    versions = []
    for seed in ("1", "2"):
        monkeypatch.setenv("HEADRACE_MODEL_ROOT", str(tmp_path / seed))
        assert run(tmp_path, "--seed", seed) == 0
        versions.append(ModelStore(tmp_path / seed).open("tumor"))
    assert versions[0].read("model.ubj") != versions[1].read("model.ubj")
    assert len({version.manifest.training_data for version in versions}) == 1


def test_a_broken_current_version_is_said_in_one_line(root, tmp_path, capsys):
    version = support.publish(root)
    (root / "tumor" / "versions" / version.name / "manifest.json").write_text("{}")
    assert run(tmp_path) == 1
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_every_row_is_judged_by_a_model_that_did_not_see_it(fast, monkeypatch):
    seen = []
    original = tumor_scores.fit
    monkeypatch.setattr(
        "training.tumor.scores.fit", lambda data, seed: seen.append(data) or original(data, seed)
    )
    data = tumor_data.load()
    validation = tumor_scores.cross_validate(data, seed=3, repeats=2)
    assert validation.probabilities.shape == (2, 569)
    for number, training in enumerate(seen):
        repeat, fold = divmod(number, tumor_scores.FOLDS)
        judged = data.features[validation.folds[repeat] == fold]
        assert len(judged) + len(training.malignant) == 569
        known = {row.tobytes() for row in training.features}
        assert not any(row.tobytes() in known for row in judged)
    assert not np.array_equal(validation.folds[0], validation.folds[1])


def test_scores_of_a_known_table():
    truth = np.array([1, 1, 1, 0, 0])
    said = np.array([0.9, 0.45, 0.1, 0.41, 0.2], np.float32)
    scores = tumor_scores.scores_of(truth, said)
    assert scores == pytest.approx(
        {"auc": 4 / 6, "accuracy": 3 / 5, "recall": 2 / 3, "precision": 2 / 3, "brier": 0.26612},
        abs=1e-6,
    )
