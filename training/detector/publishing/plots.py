"""Pictures of a run: how the losses fell, and precision over recall for every class."""

import io
from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from training.detector.evaluation.evaluate import Evaluation
from training.detector.history import Row

SIZE = (8.0, 4.5)
# More classes than this make an unreadable legend.
MOST_NAMED = 12


def draw(history: Sequence[Row], evaluation: Evaluation, labels: Sequence[str]) -> dict[str, bytes]:
    """Draw the pictures as PNG files by name."""
    return {
        "loss.png": _png(_losses(history)),
        "precision_recall.png": _png(_precision_recall(evaluation, labels)),
    }


def _losses(history: Sequence[Row]) -> Figure:
    figure = Figure(SIZE, layout="constrained")
    axes = figure.subplots()
    for key, name in (("class_loss", "classes (focal)"), ("box_loss", "boxes (smooth L1)")):
        points = [(row["step"], row[key]) for row in history if key in row]
        axes.plot(*zip(*points, strict=True), label=name, linewidth=0.8)
    axes.set(title="Training", xlabel="Step", ylabel="Loss", yscale="log")
    right = axes.twinx()
    points = [(row["step"], row["map_50"]) for row in history if "map_50" in row]
    right.plot(*zip(*points, strict=True), "k.-", label="mAP@.5 (held out)")
    right.set(ylabel="mAP@.5", ylim=(0, 1))
    figure.legend(loc="outside lower center", ncols=3)
    return figure


def _precision_recall(evaluation: Evaluation, labels: Sequence[str]) -> Figure:
    figure = Figure(SIZE, layout="constrained")
    axes = figure.subplots()
    if len(labels) <= MOST_NAMED:
        for name, precision in zip(labels, evaluation.precision.T, strict=True):
            axes.plot(evaluation.recall, precision, linewidth=0.8, label=name)
    # pycocotools marks a class without any object by -1.
    known = np.ma.masked_less(evaluation.precision, 0)
    axes.plot(evaluation.recall, known.mean(axis=1), "k", label="all")
    axes.set(title="Held out, overlap 0.5", xlabel="Recall", ylabel="Precision", ylim=(0, 1.02))
    axes.legend(loc="lower left", ncols=2)
    return figure


def _png(figure: Figure) -> bytes:
    buffer = io.BytesIO()
    # Without the library's version in it, the same figures give the same bytes.
    figure.savefig(buffer, format="png", dpi=80, metadata={"Software": None})
    return buffer.getvalue()
