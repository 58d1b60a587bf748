"""How good the recipe is: stratified, repeated, five-fold cross-validation."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import brier_score_loss, roc_auc_score
from sklearn.model_selection import RepeatedStratifiedKFold

from models.tumor.model import Floats
from training.progress import track
from training.tumor.data import Samples
from training.tumor.fit import THRESHOLD, fit

FOLDS = 5


class CrossValidation(NamedTuple):
    """What models said about rows that they had not seen.

    Attributes:
        malignant: [n], the truth.
        probabilities: [repeats, n], of M; each from the model whose fold left that row out.
        folds: [repeats, n], the fold of each row.
        rounds: [repeats * FOLDS], how long each model was boosted.
    """

    malignant: NDArray[np.int64]
    probabilities: Floats
    folds: NDArray[np.int64]
    rounds: NDArray[np.int64]

    def metrics(self) -> dict[str, float]:
        """Return the means over all folds, and their standard errors under `…_se`."""
        scores: dict[str, list[float]] = {}
        for probabilities, folds in zip(self.probabilities, self.folds, strict=True):
            for fold in range(FOLDS):
                rows = folds == fold
                for name, score in scores_of(self.malignant[rows], probabilities[rows]).items():
                    scores.setdefault(name, []).append(score)
        means = {name: float(np.mean(values)) for name, values in scores.items()}
        return means | {f"{name}_se": _standard_error(values) for name, values in scores.items()}


def cross_validate(data: Samples, seed: int, repeats: int) -> CrossValidation:
    """Fit `FOLDS * repeats` models, each without a fold, and ask each about its fold.

    Each sees as many rows as the published model does: four fifths of all.
    """
    shape = (repeats, len(data.malignant))
    probabilities = np.empty(shape, np.float32)
    folds = np.empty(shape, np.int64)
    rounds = []
    splits = RepeatedStratifiedKFold(n_splits=FOLDS, n_repeats=repeats, random_state=seed)
    steps = splits.split(data.features, data.malignant)
    for index, (train, test) in enumerate(track(steps, FOLDS * repeats, "cross-validation")):
        repeat, fold = divmod(index, FOLDS)
        fitted = fit(data.take(train), seed)
        probabilities[repeat, test] = fitted.booster.inplace_predict(data.features[test])
        folds[repeat, test] = fold
        rounds.append(fitted.rounds)
    return CrossValidation(data.malignant, probabilities, folds, np.array(rounds))


def scores_of(malignant: NDArray[np.int64], probabilities: Floats) -> dict[str, float]:
    """Return AUC, accuracy, recall and precision of M, and Brier score of one set of answers."""
    answered = probabilities >= THRESHOLD
    hits = int((answered & (malignant == 1)).sum())
    return {
        "auc": float(roc_auc_score(malignant, probabilities)),
        "accuracy": float((answered == malignant).mean()),
        "recall": hits / int(malignant.sum()),
        "precision": hits / max(int(answered.sum()), 1),
        "brier": float(brier_score_loss(malignant, probabilities)),
    }


def _standard_error(values: list[float]) -> float:
    return float(np.std(values, ddof=1) / np.sqrt(len(values)))
