"""Whether a booster holds together: XGBoost itself follows its trees wherever they lead.

A child that is not there, a node that is its own descendant, or a tree of a class that the model
has not: for some row or other, it would read and write beyond its memory, or go round for ever.
"""

from typing import Any

import numpy as np

from headrace.runtimes import ubjson
from headrace.runtimes.lean_xgboost import Booster

_NONE = -1


def check(booster: Booster) -> None:
    """Look at every tree of a loaded booster, or at how many weights it has.

    Raises:
        ValueError: Says what is wrong.
    """
    learner = ubjson.read(bytes(booster.save_raw("ubj")))["learner"]
    boosted = learner["gradient_booster"]
    model = boosted.get("gbtree", boosted).get("model", {})
    sizes = learner["learner_model_param"]
    features = int(sizes["num_feature"])
    outputs = max(int(sizes["num_class"]), int(sizes.get("num_target", 1)), 1)
    if "weights" in model and len(model["weights"]) != (features + 1) * outputs:
        raise ValueError("it has not a weight for each feature")
    for number, tree in enumerate(model.get("trees", [])):
        if not 0 <= model["tree_info"][number] < outputs:
            raise ValueError(f"tree {number} is of an output that the model has not")
        if reason := _fault(tree, features):
            raise ValueError(f"tree {number} is none: {reason}")


def _fault(tree: dict[str, Any], features: int) -> str | None:
    left, right = tree["left_children"], tree["right_children"]
    splits = left != _NONE
    children = np.concatenate([left[splits], right[splits]])
    if ((children <= 0) | (children >= len(left))).any():
        return "a node has a child that is not there"
    if len(np.unique(children)) < len(children):
        return "a node has two parents"
    asked = tree["split_indices"][splits]
    if ((asked < 0) | (asked >= features)).any():
        return "it asks for a feature that the model has not"
    return None
