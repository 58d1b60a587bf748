"""Small breast-cancer classifiers for tests: real data and the real recipe, few rounds."""

import json
from pathlib import Path

import msgspec

from headrace.store.publisher import Publisher
from models.tumor.spec import ARTIFACT
from tests.support.lazily import Lazily

xgboost = Lazily("xgboost")
tumor_data = Lazily("training.tumor.data")
candidate = Lazily("training.tumor.candidate")
recipe = Lazily("training.tumor.fit")

EVENT = json.loads((Path(__file__).parents[3] / "examples" / "tumor.json").read_text())


def publish(root, *, rounds=40, metrics=None, files=None, more=None, **changes):
    """Publish a model of so many rounds as the current one.

    `more` are files beside it, `changes` go to its description.
    """
    training, held_out = tumor_data.split(tumor_data.load())
    booster = xgboost.train(recipe.PARAMETERS | {"seed": 1}, recipe.as_matrix(training), rounds)
    description = candidate.describe(booster, training, held_out, metrics or {})
    description = msgspec.structs.replace(description, **changes)
    artifacts = {ARTIFACT: bytes(booster.save_raw("ubj"))} if files is None else files
    return Publisher(Path(root)).publish(artifacts | (more or {}), description)
