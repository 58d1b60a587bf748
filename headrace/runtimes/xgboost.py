"""XGBoost: boosted trees, as UBJSON (`model.ubj`) or JSON, in less than a millisecond a row."""

import json
import re
from collections.abc import Mapping
from functools import cached_property

from headrace.runtimes.base import Inputs, Outputs, Tensor
from headrace.runtimes.lean_xgboost import Booster, XGBoostError
from headrace.runtimes.xgboost_dense import predict, predict_linear
from headrace.runtimes.xgboost_trees import check
from headrace.store.errors import VersionCorruptError
from headrace.store.version import Version

FEATURES, PREDICTION = "features", "prediction"

# XGBoost ends the process over an empty model, and guesses at what it does not know.
_MODEL = re.compile(rb'\{L|\{\s*"(learner|version)"')


def load(version: Version, artifact: str) -> "XGBoost":
    """Load a booster of a version.

    Raises:
        VersionCorruptError: The file holds none.
    """
    try:
        return XGBoost(version.read(artifact))
    except ValueError as error:
        raise VersionCorruptError(f"{artifact} of {version.name}: {error}") from error


class XGBoost:
    """One booster; any number of threads may use it.

    Its input is `features`, float32 [n, features], NaN for a value that is missing; its output is
    `prediction`, float32 [n], or [n, classes] for a model of several classes.

    Attributes:
        booster: What else XGBoost can do with the model, such as explaining a prediction.

    Raises:
        ValueError: The content is not that of a booster.
    """

    def __init__(self, model: bytes) -> None:
        if not _MODEL.match(model):
            raise ValueError("not a booster in UBJSON or JSON")
        # One thread: a pool costs more than it saves on a few rows, most of all in a small Lambda.
        self.booster = Booster({"nthread": 1})
        try:
            self.booster.load_model(bytearray(model))
        except XGBoostError as error:
            raise ValueError(str(error).splitlines()[0]) from error
        check(self.booster)

        config = json.loads(self.booster.save_config())
        is_linear = config["learner"]["gradient_booster"]["name"] == "gblinear"
        self._predict = predict_linear if is_linear else predict

    @cached_property
    def inputs(self) -> Mapping[str, Tensor]:
        """The features: a table whose columns are named if the booster was trained so."""
        columns = tuple(self.booster.feature_names or ())
        return {FEATURES: Tensor("float32", (None, self.booster.num_features()), columns)}

    @cached_property
    def outputs(self) -> Mapping[str, Tensor]:
        """The prediction: a number for each row, or several for several classes or targets."""
        learner = json.loads(self.booster.save_config())["learner"]
        sizes = learner["learner_model_param"]
        each = int(sizes["num_target"])
        if learner["objective"]["name"] == "multi:softprob":
            each = int(sizes["num_class"])
        return {PREDICTION: Tensor("float32", (None, each) if each > 1 else (None,))}

    def run(self, inputs: Inputs) -> Outputs:
        """Predict all rows in one call."""
        return {PREDICTION: self._predict(self.booster, inputs[FEATURES])}
