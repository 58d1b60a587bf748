"""A trained network as a version of the model store: its files and what is said about them."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, get_args

import keras  # type: ignore[import-untyped]
import msgspec
import numpy as np
from PIL import Image

from headrace.runtimes.litert import LiteRt
from headrace.store.manifest import Description
from models.detector import golden
from models.detector.model import Detector
from models.detector.spec import DetectorSpec
from training.detector.description import describe
from training.detector.example import DataSet, Example
from training.detector.history import Row
from training.detector.network.graph_suppression import IOU_THRESHOLD, MAX_DETECTIONS
from training.detector.presets import Recipe
from training.detector.publishing import card, plots
from training.detector.publishing.candidates import EvaluatedFile, Precision, choose, judge
from training.detector.publishing.export import SCORE_THRESHOLD, lite_model, save_model
from training.detector.run_folder import Identity

MODEL = "detector"
SAVED_MODEL = "saved_model"
# A golden sample with fewer objects would show little.
GOLDEN_OBJECTS = 3


class Release(NamedTuple):
    """What is published: content, or the file that holds it, by path inside the version."""

    files: dict[str, bytes | Path]
    description: Description

    def light(self) -> dict[str, bytes | Path]:
        """Return the files without the SavedModel, which is the largest and does not serve."""
        return {
            name: content
            for name, content in self.files.items()
            if not name.startswith(f"{SAVED_MODEL}/")
        }


def release(
    *,
    network: keras.Model,
    identity: Identity,
    data: DataSet,
    history: Sequence[Row],
    folder: Path,
) -> Release:
    """Export and evaluate a network.

    Args:
        network: The averaged network.
        identity: Of the run that trained it.
        data: What it was trained on.
        history: Rows of the run.
        folder: Where the SavedModel is written.
    """
    recipe = identity.recipe
    saved = folder / SAVED_MODEL
    save_model(network, recipe.network, data.labels, saved)
    models = {precision: lite_model(saved, precision) for precision in get_args(Precision)}
    examples = data.held_out()
    candidates = judge(models, _spec(recipe, data, "float32"), examples)
    served = choose(candidates)
    spec = _spec(recipe, data, served)
    evaluation = candidates[served].evaluation
    text = card.write(
        identity=identity,
        data=data,
        held_out=len(examples),
        parameters=network.count_params(),
        candidates=candidates,
        served=served,
    )
    files: dict[str, bytes | Path] = {
        **{_name(precision): models[precision] for precision in ("float32", served)},
        **_saved_files(saved),
        **_golden(models[served], spec, examples),
        **plots.draw(history, evaluation, data.labels),
        "metrics.json": _metrics(candidates),
        "model_card.md": text.encode(),
    }
    description = describe(
        MODEL,
        spec,
        metrics=evaluation.metrics,
        training_data=data.digest,
        attributes={"run": msgspec.to_builtins(identity)},
    )
    return Release(files, description)


def _name(precision: str) -> str:
    return f"detector-{precision}.tflite"


def _spec(recipe: Recipe, data: DataSet, precision: Precision) -> DetectorSpec:
    size = recipe.network.image_size
    return DetectorSpec(
        runtime="litert",
        artifact=_name(precision),
        head="decoded",
        input_size=(size, size),
        input_dtype="float32",
        antialias=True,
        labels=data.labels,
        score_threshold=SCORE_THRESHOLD,
        iou_threshold=IOU_THRESHOLD,
        max_detections=MAX_DETECTIONS,
    )


def _saved_files(saved: Path) -> dict[str, bytes | Path]:
    return {
        f"{SAVED_MODEL}/{path.relative_to(saved).as_posix()}": path
        for path in saved.rglob("*")
        if path.is_file()
    }


def _golden(model: bytes, spec: DetectorSpec, examples: Sequence[Example]) -> dict[str, bytes]:
    """Return the first held-out picture with several objects, at the network's size."""
    example = next((e for e in examples if len(e.labels) >= GOLDEN_OBJECTS), examples[0])
    image = Image.fromarray(example.image).resize(spec.input_size or example.image.shape[1::-1])
    pixels = np.asarray(image)
    return golden.files(pixels, Detector(LiteRt(model), spec).detect(pixels))


def _metrics(candidates: Mapping[Precision, EvaluatedFile]) -> bytes:
    figures = {
        precision: {**one.evaluation.metrics, "bytes": len(one.model), "seconds": one.seconds}
        for precision, one in candidates.items()
    }
    return msgspec.json.format(msgspec.json.encode(figures), indent=2)
