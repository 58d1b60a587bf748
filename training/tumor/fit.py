"""The recipe: how the classifier is fitted, the same way in cross-validation and for publishing."""

from typing import Any, NamedTuple

import xgboost
from sklearn.model_selection import StratifiedKFold

from models.tumor.features import FEATURES
from training.tumor.data import Samples

# A miss is worth one and a half false alarms, so M is the cheaper answer from 1 / (1 + 1.5) on.
# Fixed, not fitted anew: on so few rows the best threshold is mostly chance.
MISS_COST = 1.5
THRESHOLD = 1 / (1 + MISS_COST)

MAX_ROUNDS = 600
PATIENCE = 100
EARLY_STOPPING_FOLDS = 5
# Shallow trees that each see half of the rows, and few features at each split: with 455 rows, and
# thirty features that say much the same, trees that differ do more than trees that fit.
PARAMETERS: dict[str, Any] = {
    "objective": "binary:logistic",
    "eval_metric": "logloss",
    "tree_method": "hist",
    "max_depth": 2,
    "eta": 0.15,
    "subsample": 0.5,
    "colsample_bynode": 0.15,
    "min_child_weight": 0.3,
    "nthread": 1,  # sums of floats depend on their order
}


class Fit(NamedTuple):
    """A fitted model, and the rounds of boosting that early stopping found."""

    booster: xgboost.Booster
    rounds: int


def fit(data: Samples, seed: int) -> Fit:
    """Find the number of rounds by cross-validation within the data, then fit all of it so long.

    Args:
        data: what the model may see.
        seed: decides the inner folds, and what each tree sees. Same seed, same bytes.
    """
    parameters = PARAMETERS | {"seed": seed}
    matrix = as_matrix(data)
    folds = StratifiedKFold(EARLY_STOPPING_FOLDS, shuffle=True, random_state=seed)
    history: Any = xgboost.cv(
        parameters,
        matrix,
        MAX_ROUNDS,
        folds=list(folds.split(data.features, data.malignant)),
        early_stopping_rounds=PATIENCE,
        as_pandas=False,
        seed=seed,
    )
    rounds = len(history["test-logloss-mean"])  # cut after the best round
    return Fit(xgboost.train(parameters, matrix, rounds), rounds)


def as_matrix(data: Samples) -> xgboost.DMatrix:
    """Return the data as XGBoost takes it, with the names of the features."""
    return xgboost.DMatrix(data.features, data.malignant, feature_names=list(FEATURES), nthread=1)
