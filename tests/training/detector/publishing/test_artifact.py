"""The detector that ships with the tree keeps what it promises."""

import json
from pathlib import Path

import numpy as np
import pytest

from headrace.store.publisher import Publisher
from models.detector.model import Detector
from models.detector.spec import read_spec
from tests.support.lazily import Lazily
from training.detector.evaluation.evaluate import evaluate
from training.detector.publishing.candidates import served
from training.detector.publishing.ship import SHIPPED, install

scenes = Lazily("training.detector.scenes.scenes")

FOLDER = Path(__file__).parents[4] / SHIPPED
MAX_BYTES = 3_000_000


@pytest.fixture(scope="module")
def version(tmp_path_factory):
    return install(FOLDER, Publisher(tmp_path_factory.mktemp("store")))


def test_it_is_at_most_three_megabytes():
    assert sum(path.stat().st_size for path in FOLDER.rglob("*") if path.is_file()) <= MAX_BYTES


def test_its_figures_are_what_was_asked_of_the_long_preset(version):
    assert version.manifest.metrics["map_50"] >= 0.92
    assert version.manifest.metrics["map_50_95"] >= 0.60
    assert version.manifest.training_data == scenes.Scenes(128, 0, 1).digest
    spec = read_spec(version.manifest.attributes)
    precision = spec.artifact.removeprefix("detector-").removesuffix(".tflite")
    assert (
        json.loads(version.read("metrics.json"))[precision]["map_50"]
        == (version.manifest.metrics["map_50"])
    )


def test_it_finds_held_out_digits_on_held_out_photographs(version):
    spec = read_spec(version.manifest.attributes)
    examples = scenes.Scenes(128, 0, 150).held_out()
    metrics = evaluate(examples, served(version.read(spec.artifact), spec), spec.labels).metrics
    # On fewer scenes than were published the figures move by some points.
    assert metrics["map_50"] >= 0.89
    assert metrics["map_50_95"] >= 0.57


def test_it_serves_scenes_of_other_sizes(version):
    detector = Detector.load(version)
    (example, *_) = scenes.Scenes(256, 0, 1).held_out()
    found = detector.detect(example.image)
    assert len(example.labels)
    names = {str(label) for label in example.labels}
    assert names & set(np.array(found.entities)[found.scores > 0.5])
