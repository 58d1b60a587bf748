"""The model card: what the classifier is, what made it, how good it is, what it is not for."""

from collections.abc import Iterable, Mapping

from models.tumor.features import FEATURES
from training.tumor.data import HELD_OUT_SHARE, Samples
from training.tumor.fit import EARLY_STOPPING_FOLDS, MISS_COST, PARAMETERS, THRESHOLD
from training.tumor.scores import FOLDS

_MEANING = {
    "auc": "AUC (area under the ROC curve)",
    "accuracy": "Accuracy",
    "recall": "Recall of M",
    "precision": "Precision of M",
    "brier": "Brier score (lower is better)",
}

_CARD = """\
# Breast-cancer classifier

Gradient-boosted trees (XGBoost) that tell benign (B) from malignant (M) breast masses, by thirty
numbers measured on the digitised image of a fine-needle aspirate.

## Use

For demonstration, teaching and tests of the software that serves it. **Not a medical device**: it
saw few patients of one hospital, and no clinic has evaluated it. No decision about a person may
rest on it.

- **Input:** {features} finite numbers by name, such as `radius_mean` or `concave points_worst`, in
  the units of the data set.
- **Output:** `B` or `M`; on request the probability of M and each feature's contribution to it.
- **Threshold:** M from a probability of {threshold:.2f}. A miss is worth {miss_cost} false alarms,
  so M is the cheaper answer from 1 / (1 + {miss_cost}).

## Samples

Breast Cancer Wisconsin (Diagnostic), W. Wolberg, W. Street and O. Mangasarian, 1993
(doi:10.24432/C5DW2B, CC BY 4.0), as scikit-learn ships it: {samples} samples, {benign} benign and
{malignant} malignant, nothing missing. {trained} samples trained this model; {held_out}
({share:.0%}, stratified) were held out from its training.

SHA-256 of the numbers and labels that it was trained on: `{digest}`

## Training

{rounds} rounds of boosting, a number that early stopping found by {inner_folds}-fold
cross-validation within the training samples. Seed {seed}, one thread: the same seed and libraries
give the same bytes.

{parameters}

## Evaluation

Stratified {folds}-fold cross-validation over all samples, {repeats} times with other folds. Each of
the {models} models found its own number of rounds, without its fold. The standard error is that of
the mean over folds. The last column is this very model on the held-out samples.

{metrics}

![ROC](roc.png)
![Precision and recall](precision_recall.png)
![Confusion](confusion.png)
![Calibration](calibration.png)
![Feature importance](importance.png)

It is published only with {gates},
and only if none of these is worse than that of the current version by more than one standard error.

## Limits

- {samples} samples tell little about rare cases; one sample more or less moves the held-out scores
  by a percent. Parameters and threshold were chosen by looking at cross-validation over the same
  samples, so the scores are a little better than those on new ones would be.
- Features are correlated (radius, perimeter, area): contributions share what they have in common
  arbitrarily, and say what the model used, not what causes cancer.
- Values far outside the data get the answer of the nearest values inside: the model does not warn.

Made with {libraries}.
"""


def write(
    *,
    training: Samples,
    held_out: Samples,
    rounds: int,
    seed: int,
    repeats: int,
    metrics: Mapping[str, float],
    minimums: Mapping[str, float],
    libraries: Mapping[str, str],
) -> str:
    """Write the card, as Markdown.

    Args:
        training: what the model was trained on.
        held_out: the rest.
        rounds: of boosting.
        seed: of training and cross-validation.
        repeats: of the cross-validation.
        metrics: means under their names, standard errors under `…_se`, and `held_out_…`.
        minimums: the gates.
        libraries: versions by name.
    """
    trained, unseen = len(training.malignant), len(held_out.malignant)
    malignant = int(training.malignant.sum() + held_out.malignant.sum())
    return _CARD.format(
        features=len(FEATURES),
        threshold=THRESHOLD,
        miss_cost=MISS_COST,
        samples=trained + unseen,
        benign=trained + unseen - malignant,
        malignant=malignant,
        trained=trained,
        held_out=unseen,
        share=HELD_OUT_SHARE,
        digest=training.digest(),
        rounds=rounds,
        inner_folds=EARLY_STOPPING_FOLDS,
        seed=seed,
        parameters=_table(("Parameter", "Value"), PARAMETERS.items()),
        folds=FOLDS,
        repeats=repeats,
        models=FOLDS * repeats,
        metrics=_metrics(metrics),
        gates=", ".join(f"{name} ≥ {low}" for name, low in minimums.items()),
        libraries=", ".join(f"{name} {version}" for name, version in libraries.items()),
    )


def _metrics(metrics: Mapping[str, float]) -> str:
    rows = (
        (
            meaning,
            f"{metrics[name]:.4f}",
            f"{metrics[f'{name}_se']:.4f}",
            f"{metrics[f'held_out_{name}']:.4f}",
        )
        for name, meaning in _MEANING.items()
    )
    return _table(("Metric", "Mean", "Standard error", "Held-out samples"), rows)


def _table(head: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)
