"""Importing a published TFLite detector, with or without its postprocessing.

Two kinds are known: a graph that ends in `TFLite_Detection_PostProcess`, and one that answers with
the raw heads of an SSD, whose anchors and coder its publisher tells elsewhere.
"""

from collections.abc import Callable
from typing import Any

import msgspec
from ai_edge_litert.interpreter import Interpreter

from headrace.runtimes.litert import LiteRt
from models.detector import golden
from models.detector.model import Detector
from models.detector.raw_head import RawHead, anchors
from models.detector.spec import DetectorSpec
from training.detector.importing.class_count import POSTPROCESS, class_count
from training.detector.importing.golden_images import golden_images
from training.detector.importing.imported import ContractError, Imported
from training.detector.importing.raw_options import RawOptions

ARTIFACT = "detector.tflite"

Labels = Callable[[int], tuple[str, ...]]


def import_tflite(model: bytes, labels: Labels, raw: RawOptions | None = None) -> Imported:
    """Check a TFLite detector and try it.

    Images are scaled down with anti-aliasing: the published COCO file gains a point of mAP@.5.

    Args:
        model: The file's content.
        labels: Gives the class names by class index, without the background, for the number of
            classes that the model has.
        raw: How the raw heads of an SSD are read; None for a graph with its postprocessing. That
            is fed with -1…1 if it takes float32, as all published ones of this kind are trained.

    Raises:
        ContractError: Not such a detector; lists every difference.
        LabelError: Not the names of this model's classes.
    """
    try:
        interpreter = Interpreter(model_content=model)
    except ValueError as error:
        raise ContractError(f"not a TFLite file: {error}") from error
    inputs, outputs = interpreter.get_input_details(), interpreter.get_output_details()
    if raw is None:
        spec = _postprocessed(model, inputs, outputs, labels)
    else:
        spec = _raw(inputs, outputs, labels, raw)
    detector = Detector(LiteRt(model), spec)
    image, *others = golden_images()
    try:
        answer = detector.detect(image)
        found = len(answer.entities) + sum(len(detector.detect(o).entities) for o in others)
    except ValueError as error:
        raise ContractError(f"it fails on a photograph: {error}") from error
    return Imported(
        files={ARTIFACT: model, **golden.files(image, answer)},
        spec=spec,
        metrics={"golden_images": 1 + len(others), "golden_detections": found},
        notes={},
    )


def _postprocessed(model: bytes, inputs: Any, outputs: Any, labels: Labels) -> DetectorSpec:
    names = sorted(entry["name"] for entry in outputs)
    problems = []
    if names != [POSTPROCESS, *(f"{POSTPROCESS}:{index}" for index in (1, 2, 3))]:
        problems.append(f"outputs {', '.join(names)}, not the four of {POSTPROCESS}")
    return msgspec.structs.replace(
        _fed(inputs, problems),
        head="postprocessed",
        labels=labels(class_count(model)),
        max_detections=1000,  # as many as the file itself gives
    )


def _raw(inputs: Any, outputs: Any, labels: Labels, raw: RawOptions) -> DetectorSpec:
    count = len(anchors(raw.anchors))
    found = {entry["name"]: entry["shape"].tolist() for entry in outputs}
    boxes = [name for name, shape in found.items() if shape == [1, count, 4]]
    scores = [name for name, shape in found.items() if shape[:2] == [1, count] and len(shape) == 3]
    scores = [name for name in scores if name not in boxes[:1]]
    problems = []
    if len(found) != 2 or len(scores) != 1:
        problems.append(
            f"outputs of shape {list(found.values())}, not [1, {count}, 4] (boxes) and"
            f" [1, {count}, 1 + classes] (scores) for the anchors {raw.anchors}"
        )
    fed = _fed(inputs, problems)
    head = RawHead(boxes=boxes[0], scores=scores[0], anchors=raw.anchors, box_coder=raw.box_coder)
    return msgspec.structs.replace(
        fed,
        head="raw",
        raw=head,
        labels=labels(found[scores[0]][2] - 1),
        input_range=raw.input_range,
        score_threshold=raw.score_threshold,
    )


def _fed(inputs: Any, problems: list[str]) -> DetectorSpec:
    """Describe the input. Raises ContractError with all problems."""
    shapes = [entry["shape"].tolist() for entry in inputs]
    dtypes = {entry["dtype"].__name__ for entry in inputs}
    if len(shapes) != 1 or len(shapes[0]) != 4 or shapes[0][::3] != [1, 3]:
        problems = [*problems, f"inputs of shape {shapes}, not one of [1, height, width, 3]"]
    if not dtypes <= {"float32", "uint8"}:
        problems = [*problems, f"the input is {', '.join(dtypes)}, not float32 or uint8"]
    if problems:
        raise ContractError("; ".join(problems))
    return DetectorSpec(
        runtime="litert",
        artifact=ARTIFACT,
        head="postprocessed",
        input_size=(shapes[0][1], shapes[0][2]),
        input_dtype="uint8" if "uint8" in dtypes else "float32",
        input_range=(-1.0, 1.0),
        antialias=True,
    )
