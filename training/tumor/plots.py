"""Pictures of how good the classifier is, as PNG; the same figures give the same bytes."""

import io
from collections.abc import Callable
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score, precision_recall_curve, roc_curve

from models.tumor.features import FEATURES
from models.tumor.model import LABELS, Floats
from training.tumor.fit import THRESHOLD
from training.tumor.scores import CrossValidation

SHOWN_FEATURES = 15
CALIBRATION_BINS = 6

Doubles = NDArray[np.float64]

_BLUE, _RED, _GREY, _INK = "#2a6fb0", "#c8443c", "#9aa3ad", "#22303c"
_STYLE: dict[Any, Any] = {
    "figure.dpi": 144,
    "figure.facecolor": "white",
    "font.size": 10,
    "text.color": _INK,
    "axes.edgecolor": _GREY,
    "axes.labelcolor": _INK,
    "axes.titlesize": 12,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "grid.color": "#e3e7eb",
    "xtick.color": _INK,
    "ytick.color": _INK,
    "legend.frameon": False,
}


def draw(validation: CrossValidation, contributions: Floats) -> dict[str, bytes]:
    """Draw every picture.

    Args:
        validation: the answers of the cross-validation.
        contributions: [n, 30], what each feature added to the log-odds of each training row.

    Returns:
        PNG files by name.
    """
    pictures: dict[str, Callable[[Axes], None]] = {
        "roc.png": lambda axes: _roc(axes, validation),
        "precision_recall.png": lambda axes: _precision_recall(axes, validation),
        "confusion.png": lambda axes: _confusion(axes, validation),
        "calibration.png": lambda axes: _calibration(axes, validation),
        "importance.png": lambda axes: _importance(axes, contributions),
    }
    return {name: _png(paint) for name, paint in pictures.items()}


def _png(paint: Callable[[Axes], None]) -> bytes:
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(5.6, 5.0), layout="constrained")
        paint(figure.add_subplot())
        file = io.BytesIO()
        figure.savefig(file, format="png", metadata={"Software": None})
    return file.getvalue()


def _roc(axes: Axes, validation: CrossValidation) -> None:
    close = axes.inset_axes((0.3, 0.36, 0.65, 0.45), xlim=(-0.005, 0.2), ylim=(0.8, 1.01))
    for panel in (axes, close):
        for probabilities in validation.probabilities:
            false_alarms, hits, _ = roc_curve(validation.malignant, probabilities)
            panel.plot(false_alarms, hits, color=_BLUE, alpha=0.35, linewidth=1)
        panel.plot(
            *_operating_point(validation), "o", color=_RED, label=f"threshold {THRESHOLD:.2f}"
        )
        panel.grid()
    close.tick_params(labelsize=8)
    axes.indicate_inset_zoom(close, edgecolor=_INK)
    axes.plot([0, 1], [0, 1], color=_GREY, linestyle="--", linewidth=1, label="chance", zorder=0)
    area = validation.metrics()["auc"]
    axes.plot([], [], color=_BLUE, label=f"each repeat; mean area of a fold {area:.4f}")
    axes.set(title="ROC", xlabel="False alarms (share of B)", ylabel="Recall of M")
    axes.legend(loc="lower right")


def _operating_point(validation: CrossValidation) -> tuple[float, float]:
    answered = validation.probabilities >= THRESHOLD
    malignant = validation.malignant == 1
    return float(answered[:, ~malignant].mean()), float(answered[:, malignant].mean())


def _precision_recall(axes: Axes, validation: CrossValidation) -> None:
    areas = []
    for probabilities in validation.probabilities:
        precision, recall, _ = precision_recall_curve(validation.malignant, probabilities)
        areas.append(average_precision_score(validation.malignant, probabilities))
        axes.plot(recall, precision, color=_BLUE, alpha=0.35, linewidth=1)
    share = validation.malignant.mean()
    axes.axhline(share, color=_GREY, linestyle="--", linewidth=1, label="chance")
    axes.plot(
        [], [], color=_BLUE, label=f"each repeat, mean average precision {np.mean(areas):.4f}"
    )
    axes.set(title="Precision and recall", xlabel="Recall of M", ylabel="Precision of M")
    axes.set_ylim(0, 1.03)
    axes.legend(loc="lower left", bbox_to_anchor=(0, 0.05))
    axes.grid()


def _confusion(axes: Axes, validation: CrossValidation) -> None:
    answered = (validation.probabilities >= THRESHOLD).astype(int)
    counts = np.zeros((2, 2))
    np.add.at(counts, (np.broadcast_to(validation.malignant, answered.shape), answered), 1)
    shares = counts / counts.sum(axis=1, keepdims=True)
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1.2)
    for truth, answer in np.ndindex(2, 2):
        count, share = counts[truth, answer] / len(answered), shares[truth, answer]
        color = "white" if share > 0.5 else _INK
        text = f"{count:.1f}\n{share:.1%}"
        axes.text(answer, truth, text, ha="center", va="center", color=color, fontsize=15)
    names = [f"{name} ({word})" for name, word in zip(LABELS, ("benign", "malignant"), strict=True)]
    axes.set_xticks([0, 1], names)
    axes.set_yticks([0, 1], names, rotation=90, va="center")
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    axes.set(title="Confusion, mean of the repeats", xlabel="Answer", ylabel="Truth")


def _calibration(axes: Axes, validation: CrossValidation) -> None:
    said, observed, error = _calibration_points(validation)
    axes.plot([0, 1], [0, 1], color=_GREY, linestyle="--", linewidth=1, label="perfect")
    axes.errorbar(said, observed, error, fmt="o-", color=_BLUE, capsize=3, label="observed")
    axes.axvline(THRESHOLD, color=_RED, linewidth=1, label=f"threshold {THRESHOLD:.2f}")
    counts = axes.inset_axes((0, 0, 1, 0.3), sharex=axes, zorder=-1)
    answers = validation.probabilities.ravel()
    counts.hist(answers, bins=40, range=(0, 1), color=_GREY, alpha=0.35, log=True)
    counts.set_axis_off()
    axes.plot([], [], color=_GREY, alpha=0.5, linewidth=6, label="number of answers (log scale)")
    axes.set(title="Calibration", xlabel="Probability of M that was given", ylabel="Share of M")
    axes.set_ylim(-0.05, 1.05)
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.11), ncols=2)
    axes.grid()


def _calibration_points(validation: CrossValidation) -> tuple[Doubles, Doubles, Doubles]:
    """Return the mean probability, the share of M and its standard error, for each bin."""
    answers = validation.probabilities.ravel()
    repeats = len(validation.probabilities)
    truth = np.tile(validation.malignant, repeats)
    bins = np.minimum((answers * CALIBRATION_BINS).astype(int), CALIBRATION_BINS - 1)
    counts = np.bincount(bins, minlength=CALIBRATION_BINS)
    filled = counts > 0
    said = np.bincount(bins, answers, CALIBRATION_BINS)[filled] / counts[filled]
    observed = np.bincount(bins, truth, CALIBRATION_BINS)[filled] / counts[filled]
    samples = counts[filled] / repeats  # each sample is answered once in every repeat
    return said, observed, np.sqrt(observed * (1 - observed) / samples)


def _importance(axes: Axes, contributions: Floats) -> None:
    weights = np.abs(contributions).mean(axis=0)
    order = np.argsort(weights)[-SHOWN_FEATURES:]
    axes.barh([FEATURES[index] for index in order], weights[order], color=_BLUE)
    axes.set(title="Feature importance", xlabel="Mean contribution to the log-odds, either way")
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="x")
