"""Whether a booster holds together: XGBoost itself follows its trees wherever they lead.

A child that is not there, a node that is its own descendant, or a tree of a class that the model
has not: for some row or other, it would read and write beyond its memory, or go round for ever.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headrace.runtimes import ubjson
from headrace.runtimes.lean_xgboost import Booster

_LEFT, _RIGHT, _FEATURES = b"left_children", b"right_children", b"split_indices"
_ARRAYS = {_LEFT, _RIGHT, _FEATURES, b"tree_info", b"weights"}
_NONE = -1


def check(booster: Booster) -> None:
    """Look at every tree of a loaded booster, or at how many weights it has.

    Raises:
        ValueError: Says what is wrong.
    """
    learner = ubjson.read(bytes(booster.save_raw("ubj")), _ARRAYS)[b"learner"]
    boosted = learner[b"gradient_booster"]
    model = boosted.get(b"gbtree", boosted).get(b"model", {})
    sizes = learner[b"learner_model_param"]
    features = int(sizes[b"num_feature"])
    outputs = max(int(sizes[b"num_class"]), int(sizes.get(b"num_target", 1)), 1)
    if b"weights" in model and len(model[b"weights"]) != (features + 1) * outputs:
        raise ValueError("it has not a weight for each feature")
    if model.get(b"trees"):
        _check_order(model, outputs)
        _check_trees(model[b"trees"], features)


def _check_order(model: dict[bytes, Any], outputs: int) -> None:
    """Look at what the model says of its trees: of which output each is, and of which iteration."""
    trees, chosen = len(model[b"trees"]), np.asarray(model[b"tree_info"])
    wrong = (chosen < 0) | (chosen >= outputs)
    _refuse(wrong, range(len(wrong)), "of an output that the model has not")
    ends = [int(end) for end in model.get(b"iteration_indptr", (0, trees))]
    if ends[:1] != [0] or ends[-1:] != [trees] or ends != sorted(ends):
        raise ValueError("its iterations have trees that are not there")


def _check_trees(trees: Sequence[dict[bytes, Any]], features: int) -> None:
    """Look at all of their nodes at once: most trees are too small to be worth a look each."""
    sizes = np.array([len(tree[_LEFT]) for tree in trees])
    numbers = np.repeat(np.arange(len(trees)), sizes)
    left, right, asked = (_nodes(trees, name) for name in (_LEFT, _RIGHT, _FEATURES))
    splits = np.flatnonzero(left != _NONE)
    children, parents = np.concatenate([left[splits], right[splits]]), np.tile(splits, 2)
    owners = numbers[parents]
    wrong = (children <= 0) | (children >= sizes[owners])
    _refuse(wrong, owners, "none: a node has a child that is not there")

    children += (np.cumsum(sizes) - sizes)[owners]  # as nodes of all
    several = np.bincount(children, minlength=len(numbers)) > 1
    _refuse(several, numbers, "none: a node has two parents")

    wrong = (asked[splits] < 0) | (asked[splits] >= features)
    _refuse(wrong, numbers[splits], "none: it asks for a feature that the model has not")


def _nodes(trees: Sequence[dict[bytes, Any]], name: bytes) -> NDArray[np.int64]:
    return np.concatenate([tree[name] for tree in trees]).astype(np.int64)


def _refuse(wrong: NDArray[np.bool_], numbers: Sequence[int] | NDArray[Any], why: str) -> None:
    if wrong.any():
        raise ValueError(f"tree {numbers[int(wrong.argmax())]} is {why}")
