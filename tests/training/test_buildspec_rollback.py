"""The training build leaves the current model, or goes back to one, where that is right."""

from functools import cache

import numpy as np
import pytest

from models.tumor.spec import ARTIFACT
from tests.support.lazily import Lazily
from tests.support.models.store import description

xgboost = Lazily("xgboost")
candidate = Lazily("training.tumor.candidate")


def publish(store, auc):
    metrics = {
        **dict.fromkeys(candidate.GATES, auc),
        **{f"{name}_se": 0.0 for name in candidate.GATES},
    }
    files = {ARTIFACT: booster(), "auc": str(auc).encode()}
    return store.publish(files, description(metrics=metrics))


@cache
def booster():
    """A model that loads: a version that does not is never pointed back at."""
    samples = xgboost.DMatrix(np.eye(30), label=np.arange(30) % 2)
    return bytes(xgboost.train({"max_depth": 1}, samples, 1).save_raw("ubj"))


@pytest.mark.slow
def test_a_model_that_fails_its_gates_leaves_the_current_one(build, store, key, shim):
    """The current version claims what no candidate can reach: a perfect score, without error."""
    current = publish(store, 1.0)
    image = shim("training", 'exec "$@" --repeats 1')
    done = build(RUN=image, BUILD="true")
    assert done.failed_in == "build"
    assert "not published" in done.log
    assert store.open(candidate.MODEL).name == current.name


def test_a_published_model_that_answers_wrongly_is_taken_back(build, store, key, shim):
    before = publish(store, 0.98)
    publish(store, 0.99)
    shim("training", "exit 0")
    image = shim("invoke", """echo '{"result": "M"}'""")
    done = build(RUN=image, BUILD="true")
    assert done.failed_in == "post_build"
    assert "answers wrongly" in done.log
    assert store.open(candidate.MODEL).name == before.name


def test_roll_back_instead_of_training(build, store, key):
    before = publish(store, 0.98)
    publish(store, 0.99)
    done = build(ROLLBACK=candidate.MODEL, TESTS="would fail")
    assert done.failed_in is None, done.log
    assert store.open(candidate.MODEL).name == before.name


def test_roll_back_to_a_version(build, store, key):
    first, *_ = [publish(store, auc) for auc in (0.97, 0.98, 0.99)]
    done = build(ROLLBACK=f"{candidate.MODEL} {first.name}")
    assert done.failed_in is None, done.log
    assert store.open(candidate.MODEL).name == first.name
