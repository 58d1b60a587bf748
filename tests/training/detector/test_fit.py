"""Runs of a tiny detector: the same seed, and a killed run that goes on, give the same weights."""

import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from tests.support.lazily import Lazily
from tests.support.models.checkpoints import last
from training.detector.history import History
from training.detector.run_folder import RunError

scenes = Lazily("training.detector.scenes.scenes")

tiny_detector = Lazily("tests.support.models.tiny_detector")
fit = Lazily("training.detector.fit")
learning = Lazily("training.detector.learner")

REPOSITORY = Path(__file__).parents[3]
# Dies in the middle of composing a scene, as a machine that goes away would; scenes are composed
# ahead, so it has a checkpoint of its own before.
KILLED_RUN = """
import os, signal, sys, time
from pathlib import Path
from tests.support.models.checkpoints import last
from tests.support.models.tiny_detector import recipe
from training.detector.fit import fit
from training.detector.scenes.scenes import Scenes

class Mortal(Scenes):
    def training(self, index):
        if index == 2 * 10:
            while last(Path(sys.argv[1])) == "ckpt-12":
                time.sleep(0.01)
            os.kill(os.getpid(), signal.SIGKILL)
        return super().training(index)

fit(recipe(), Mortal(64, 0, 4), 0, Path(sys.argv[1]), resume=False)
"""


class Resumed(NamedTuple):
    """A run that was killed and went on: its checkpoint at its death, steps, weights, folder."""

    saved: str
    done: int
    weights: list[np.ndarray]
    folder: Path


def run(folder):
    return fit.fit(tiny_detector.recipe(), scenes.Scenes(64, 0, 4), 0, folder, resume=True)


def weights(learner):
    return [weight.numpy() for weight in (*learner.model.weights, *learner.average.weights)]


def equal(first, second):
    return all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A run of seed 0 without interruption, nothing there to go on with: its weights and folder."""
    folder = tmp_path_factory.mktemp("whole")
    return weights(run(folder)), folder


@pytest.fixture(scope="module")
def resumed(whole, tmp_path_factory):
    """A run of seed 0, without resume where the whole one lies; killed, and then gone on with.

    One for two tests: each run traces its step, which takes as long as a hundred of them.
    """
    folder = tmp_path_factory.mktemp("resumed")
    shutil.copytree(whole[1], folder, dirs_exist_ok=True)
    killed = subprocess.run([sys.executable, "-c", KILLED_RUN, folder], cwd=REPOSITORY)
    assert killed.returncode == -signal.SIGKILL  # from step 12 on nothing would be composed
    saved = last(folder)
    learner = run(folder)
    return Resumed(saved, int(learner.done), weights(learner), folder)


@pytest.mark.slow
def test_without_resume_the_same_seed_gives_the_same_weights_from_the_start(whole, resumed):
    assert resumed.saved != "ckpt-12"  # the whole run's
    assert resumed.done == 12
    assert equal(resumed.weights, whole[0])


@pytest.mark.slow
def test_a_killed_run_goes_on_as_if_nothing_had_been(whole, resumed):
    assert resumed.saved in {"ckpt-2", "ckpt-4", "ckpt-6", "ckpt-8", "ckpt-10"}
    assert resumed.done == 12
    assert equal(resumed.weights, whole[0])
    assert History(resumed.folder / "history.jsonl", 12).rows == (
        History(whole[1] / "history.jsonl", 12).rows
    )


@pytest.mark.slow
def test_a_run_starts_from_the_average_of_another(whole, tmp_path):
    learner = learning.Learner(tiny_detector.recipe(), 10, 0)
    fit.take_over(learner, whole[1])
    average = whole[0][len(whole[0]) // 2 :]
    assert equal(weights(learner), [*average, *average])
    assert len(fit.start_digest(whole[1])) == 64
    with pytest.raises(RunError, match="no checkpoint to start from"):
        fit.start_digest(tmp_path)


@pytest.mark.slow
def test_the_figures_of_a_run_are_kept(whole):
    rows = History(whole[1] / "history.jsonl", 12).rows
    assert [row["step"] for row in rows if "map_50" in row] == [6, 12]
    assert all(row["class_loss"] > 0 for row in rows if "class_loss" in row)


@pytest.mark.slow
def test_the_average_lags_behind_the_weights(whole):
    half = len(whole[0]) // 2
    kernels = [(a, b) for a, b in zip(whole[0][:half], whole[0][half:], strict=True) if a.ndim > 1]
    assert all(np.isfinite(average).all() for _, average in kernels)
    assert any(not np.array_equal(weight, average) for weight, average in kernels)


def test_a_checkpoint_for_which_the_disk_is_too_full_is_told():
    import tensorflow as tf

    from training.detector.fit import _save

    class Full:
        def save(self, step):
            raise tf.errors.ResourceExhaustedError(None, None, "No space left on device")

    with pytest.raises(RunError, match="no checkpoint can be written: No space left on device"):
        _save(Full(), 1)
