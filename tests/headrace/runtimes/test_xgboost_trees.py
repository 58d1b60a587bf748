"""Boosters that do not hold together are refused before a row is asked of them."""

import json

import numpy as np
import pytest

from headrace.runtimes.xgboost import XGBoost
from tests.support.lazily import Lazily

xgboost = Lazily("xgboost")

KINDS = {
    "trees": {"objective": "binary:logistic"},
    "leaves": {"gamma": 1e9},
    "dart": {"booster": "dart"},
    "linear": {"booster": "gblinear"},
    "classes": {"objective": "multi:softprob", "num_class": 3},
    "vectors": {"multi_strategy": "multi_output_tree", "tree_method": "hist"},
}


def trained(kind):
    rows = np.random.default_rng(0).normal(size=(60, 3))
    labels = (rows > 0).astype(int) if kind == "vectors" else (rows[:, 0] > 0).astype(int)
    parameters = {"max_depth": 2, "nthread": 1, "verbosity": 0, **KINDS[kind]}
    return xgboost.train(parameters, xgboost.DMatrix(rows, labels), 2)


@pytest.mark.parametrize("kind", KINDS)
def test_sound_ones_are_taken(kind):
    model = XGBoost(bytes(trained(kind).save_raw("ubj")))
    assert len(model.run({"features": np.zeros((2, 3), np.float32)})["prediction"]) == 2


@pytest.mark.parametrize(
    ("kind", "path", "value", "said"),
    [
        ("trees", "trees 1 left_children 0", 9, "tree 1 is none: a node has a child that is not"),
        ("trees", "trees 1 right_children 0", 0, "tree 1 is none: a node has a child that is not"),
        ("dart", "trees 0 left_children 0", 2, "tree 0 is none: a node has two parents"),
        ("vectors", "trees 0 left_children 1", 1, "tree 0 is none: a node has two parents"),
        ("trees", "trees 0 split_indices 0", 3, "a feature that the model has not"),
        ("classes", "tree_info 4", 3, "tree 4 is of an output that the model has not"),
        ("trees", "tree_info 0", -1, "tree 0 is of an output that the model has not"),
        ("trees", "iteration_indptr 0", -1, "its iterations have trees that are not there"),
        ("classes", "iteration_indptr 1", 9, "its iterations have trees that are not there"),
        ("linear", "weights", [1.0, 2.0], "not a weight for each feature"),
    ],
)
def test_what_is_wrong_is_said(kind, path, value, said):
    document = json.loads(trained(kind).save_raw("json"))
    place = document["learner"]["gradient_booster"]
    place = place.get("gbtree", place)["model"]
    *steps, last = (int(step) if step.isdigit() else step for step in path.split())
    for step in steps:
        place = place[step]
    place[last] = value

    with pytest.raises(ValueError, match=said):
        XGBoost(json.dumps(document, separators=(",", ":")).encode())
