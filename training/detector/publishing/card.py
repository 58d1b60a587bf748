"""The model card: what the detector is, what it was made of, how good it is, what it is not for."""

from collections.abc import Mapping
from importlib.metadata import version

import msgspec

from training.detector.example import DataSet
from training.detector.publishing.candidates import EvaluatedFile, Precision
from training.detector.run_folder import Identity
from training.detector.scenes.scenes import Scenes

LIBRARIES = ("tensorflow-cpu", "keras", "ai-edge-litert", "pycocotools", "scikit-learn")

_SCENES = """\
Scenes composed while training: scikit-learn's handwritten digits (UCI Optical Recognition of
Handwritten Digits), turned, slanted, scaled, coloured and partly covered, over photographs that
scikit-learn and scikit-image carry, with blur and noise. Every fifth digit and {photographs} of
the photographs are held out: the figures below are for what training never saw."""

_FOLDER = "The user's own annotated pictures; the figures below are for its held-out part."

_CARD = """\
# Object detector

A single-shot detector (SSD): a MobileNet backbone of width {width:g}, a feature pyramid of {levels}
levels, and two heads shared by its levels. {parameters} weights, input {size} x {size} pixels.

## Use

- **Input:** an RGB image of any size; it is scaled to the network's input, its shape ignored.
- **Output:** boxes, scores and class names, after class-wise suppression.
- **Classes:** {classes}.

For demonstration and tests of the software that serves it, and as a start for your own detectors.

## DataSet

{data}

SHA-256 of the training data: `{digest}`

## Training

{steps} steps of {batch} pictures, seed {seed}: AdamW, a warm-up of {warmup} steps to a rate of
{rate:g}, then half a cosine; focal classification loss and smooth-L1 box loss; the exported weights
are a moving average. The same seed, libraries and number of threads give the same weights.{start}

![Losses](loss.png)

## Evaluation

COCO average precision (pycocotools) on {held_out} held-out pictures, by the code that serves:

| File | mAP@[.5:.95] | mAP@.5 | mAP@.75 | Size, kB | Run, ms |
| --- | --- | --- | --- | --- | --- |
{candidates}

Served is **{served}**: the smallest file that is no slower than float32's and costs at most 0.5
points.
Published only if mAP@.5 ≥ {map_50:g} and mAP@[.5:.95] ≥ {map_50_95:g}.

![Precision and recall](precision_recall.png)

## Limits

- {limits}
- The scores are not probabilities; the timings are those of the machine that trained.

Made with {libraries}.
"""

_STARTED = """

It started not from random weights but from those of another run, with the SHA-256 `{}`."""
_SCENE_LIMIT = (
    "Digits of a sixth of the picture's height or less, upside down or lying, were never trained"
    " on, nor were printed ones."
)
_FOLDER_LIMIT = "It knows what its training pictures show, from their distances and sides."


def write(
    *,
    identity: Identity,
    data: DataSet,
    held_out: int,
    parameters: int,
    candidates: Mapping[Precision, EvaluatedFile],
    served: Precision,
) -> str:
    """Write the card, as Markdown."""
    recipe = identity.recipe
    network = recipe.network
    return _CARD.format(
        width=network.width,
        levels=network.levels,
        parameters=parameters,
        size=network.image_size,
        classes=", ".join(data.labels),
        data=_SCENES.format(photographs=data.held_out_photographs)
        if isinstance(data, Scenes)
        else _FOLDER,
        digest=data.digest,
        steps=recipe.steps,
        batch=recipe.batch,
        seed=identity.seed,
        start=_STARTED.format(identity.start) if identity.start else "",
        warmup=recipe.warmup_steps,
        rate=recipe.peak_rate,
        held_out=held_out,
        candidates="\n".join(_row(name, one) for name, one in candidates.items()),
        served=served,
        **msgspec.structs.asdict(recipe.gate),
        limits=_SCENE_LIMIT if isinstance(data, Scenes) else _FOLDER_LIMIT,
        libraries=", ".join(f"{name} {version(name)}" for name in LIBRARIES),
    )


def _row(precision: Precision, candidate: EvaluatedFile) -> str:
    metrics = candidate.evaluation.metrics
    figures = [f"{metrics[name]:.3f}" for name in ("map_50_95", "map_50", "map_75")]
    size, run = f"{len(candidate.model) / 1000:.0f}", f"{candidate.seconds * 1000:.1f}"
    return f"| {' | '.join((precision, *figures, size, run))} |"
