"""A breast-cancer classifier that could be published: trained, judged, described."""

from collections.abc import Mapping
from importlib.metadata import version

import msgspec
import numpy as np
import xgboost

from headrace.runtimes.names import libraries_of
from headrace.store.manifest import Description
from models.tumor.features import FEATURES, INPUT_SCHEMA
from models.tumor.model import OUTPUT_SCHEMA
from models.tumor.spec import ARTIFACT, Golden, TumorSpec
from training.tumor import card, plots
from training.tumor.data import Samples, load, split
from training.tumor.fit import THRESHOLD, as_matrix, fit
from training.tumor.goal import GATES, MODEL
from training.tumor.scores import CrossValidation, cross_validate, scores_of

_LIBRARIES = ("xgboost-cpu", "scikit-learn", "numpy", "matplotlib")


class Candidate(msgspec.Struct, frozen=True):
    """The files of a version by name, and what is said about it."""

    files: dict[str, bytes]
    description: Description


def make(seed: int, repeats: int) -> Candidate:
    """Train and judge a model. The same seed and libraries give the same bytes.

    Args:
        seed: of training and of the cross-validation; the held-out rows do not depend on it.
        repeats: of the cross-validation.
    """
    samples = load()
    training, held_out = split(samples)
    validation = cross_validate(samples, seed, repeats)
    fitted = fit(training, seed)
    metrics = _metrics(validation, fitted.booster, held_out)
    text = card.write(
        training=training,
        held_out=held_out,
        rounds=fitted.rounds,
        seed=seed,
        repeats=repeats,
        metrics=metrics,
        minimums=GATES,
        libraries={name: version(name) for name in _LIBRARIES},
    )
    contributions = fitted.booster.predict(as_matrix(training), pred_contribs=True)[:, :-1]
    files = {
        ARTIFACT: bytes(fitted.booster.save_raw("ubj")),
        "metrics.json": msgspec.json.format(msgspec.json.encode(metrics), indent=2),
        "model_card.md": text.encode(),
        **plots.draw(validation, contributions),
    }
    return Candidate(files, describe(fitted.booster, training, held_out, metrics))


def describe(
    booster: xgboost.Booster, training: Samples, held_out: Samples, metrics: Mapping[str, float]
) -> Description:
    """Describe a version.

    Args:
        booster: the model.
        training: what it was trained on.
        held_out: where the golden samples come from.
        metrics: finite figures by name.
    """
    spec = TumorSpec(threshold=THRESHOLD, golden=_golden(booster, held_out))
    return Description(
        model=MODEL,
        input_schema=INPUT_SCHEMA,
        output_schema=OUTPUT_SCHEMA,
        metrics=dict(metrics),
        libraries=libraries_of("xgboost"),
        training_data=training.digest(),
        attributes={
            "tumor": msgspec.to_builtins(spec),
            "ranges": _ranges(training),
            "samples": [
                {"name": name, "input": dict(zip(FEATURES, golden.row, strict=True))}
                for name, golden in zip(("benign", "malignant"), spec.golden, strict=True)
            ],
        },
    )


def _ranges(samples: Samples) -> dict[str, list[float]]:
    """Return the least and the largest value of each feature: what the model has seen."""
    features = samples.features
    bounds = zip(features.min(axis=0).tolist(), features.max(axis=0).tolist(), strict=True)
    return {name: list(pair) for name, pair in zip(FEATURES, bounds, strict=True)}


def _metrics(
    validation: CrossValidation, booster: xgboost.Booster, held_out: Samples
) -> dict[str, float]:
    answers = booster.inplace_predict(held_out.features)
    scores = scores_of(held_out.malignant, answers)
    return validation.metrics() | {f"held_out_{name}": score for name, score in scores.items()}


def _golden(booster: xgboost.Booster, held_out: Samples) -> tuple[Golden, ...]:
    """Return one sample of each class."""
    indices = np.array([np.argmin(held_out.malignant), np.argmax(held_out.malignant)])
    samples = held_out.take(indices)
    margins = booster.predict(as_matrix(samples), output_margin=True)
    return tuple(
        Golden(tuple(row), float(margin))
        for row, margin in zip(samples.features.tolist(), margins, strict=True)
    )
