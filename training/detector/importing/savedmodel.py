"""Importing a published detector: a SavedModel whose signature `default` keeps the contract.

It is served by the first runtime that gives the same answers as TensorFlow on photographs.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import tensorflow as tf

from headrace.runtimes.litert import LiteRt
from headrace.runtimes.onnx import OnnxRuntime
from headrace.runtimes.tensorflow import TensorFlow
from models.detector import golden
from models.detector.detections import Detections, differences
from models.detector.model import Detector
from models.detector.preparation import Pixels
from models.detector.spec import SIGNATURE, RuntimeName
from training.detector.importing.convert import (
    NotConvertibleError,
    contract_spec,
    reasons,
    to_onnx,
)
from training.detector.importing.cut import to_litert
from training.detector.importing.golden_images import golden_images
from training.detector.importing.imported import ContractError, Imported

_FOLDER = "savedmodel"
_INPUT = tf.TensorSpec([1, None, None, 3], tf.float32)
_OUTPUTS = {
    "detection_boxes": tf.TensorSpec([None, 4], tf.float32),
    "detection_scores": tf.TensorSpec([None], tf.float32),
    "detection_class_entities": tf.TensorSpec([None], tf.string),
    "detection_class_names": tf.TensorSpec([None], tf.string),
    "detection_class_labels": tf.TensorSpec([None], tf.int64),
}

Answers = Sequence[tuple[Pixels, Detections]]


def import_savedmodel(folder: Path, runtimes: Sequence[RuntimeName]) -> Imported:
    """Check a SavedModel, try it, and convert it.

    Args:
        folder: The SavedModel, or a folder that holds only it.
        runtimes: What may serve it, the most wanted first.

    Raises:
        ContractError: It is no such detector, or none of these runtimes gives the same answers.
    """
    root = _root(folder)
    try:
        reference = TensorFlow(root, SIGNATURE)
    except ValueError as error:
        raise ContractError(str(error)) from error
    check_signature(reference.signature)
    detector = Detector(reference, contract_spec("tensorflow", _FOLDER))
    answers = [(image, detector.detect(image)) for image in golden_images()]
    reasons: dict[str, str] = {}
    for runtime in runtimes:
        try:
            files, candidate = _build(runtime, root, reference)
            metrics = prove(candidate, answers)
        except NotConvertibleError as error:
            reasons[runtime] = str(error)
            continue
        image = answers[0][0]
        return Imported(
            files={**files, **golden.files(image, candidate.detect(image))},
            spec=candidate.spec,
            metrics=metrics,
            notes={"not_converted": reasons},
        )
    listed = "; ".join(f"{runtime}: {reason}" for runtime, reason in reasons.items())
    raise ContractError(f"no runtime gives the same answers as TensorFlow: {listed}")


def check_signature(signature: Any) -> None:
    """Hold a signature to the contract: names, types and shapes. Further outputs do no harm.

    Raises:
        ContractError: Lists every difference.
    """
    _, inputs = signature.structured_input_signature
    problems = list(_input_problems(inputs))
    for name, wanted in _OUTPUTS.items():
        found = signature.structured_outputs.get(name)
        if found is None:
            problems.append(f"no output {name}")
        elif found.dtype != wanted.dtype or not wanted.shape.is_compatible_with(found.shape):
            problems.append(f"output {name} is {_told(found)}, not {_told(wanted)}")
    if problems:
        raise ContractError("the signature 'default' is not the contract's: " + "; ".join(problems))


def prove(candidate: Detector, answers: Answers) -> dict[str, float]:
    """Show that a converted detector answers as the original does, to `golden.tolerance`.

    Args:
        candidate: The converted detector.
        answers: Photographs, and what the original answers to each.

    Returns:
        How many photographs and detections were compared.

    Raises:
        NotConvertibleError: It answers otherwise; names the first differences.
    """
    tolerance = golden.tolerance(*(expected for _, expected in answers))
    compared = sum(int((e.scores >= tolerance.min_score).sum()) for _, e in answers)
    if not compared:
        raise NotConvertibleError("it finds nothing on the photographs: nothing can be compared")
    for image, expected in answers:
        found = differences(expected, candidate.detect(image), tolerance)
        if found:
            raise NotConvertibleError(f"answers differ: {'; '.join(found[:5])}")
    return {"golden_images": len(answers), "golden_detections": compared}


def _root(folder: Path) -> Path:
    for root in (folder, *sorted(path for path in folder.iterdir() if path.is_dir())):
        if (root / "saved_model.pb").is_file():
            return root
    raise ContractError("no saved_model.pb in the archive: not a SavedModel in TF Hub's layout")


def _input_problems(inputs: dict[str, Any]) -> Iterator[str]:
    if len(inputs) != 1:
        yield f"{len(inputs)} inputs ({', '.join(sorted(inputs))}), not one"
    for name, found in inputs.items():
        dimensions = found.shape.as_list() if found.shape.rank is not None else [None] * 4
        free = len(dimensions) == 4 and dimensions[1:3] == [None, None]
        if (
            found.dtype != _INPUT.dtype
            or not free
            or not _INPUT.shape.is_compatible_with(found.shape)
        ):
            yield f"input {name} is {_told(found)}, not {_told(_INPUT)}"


def _told(spec: Any) -> str:
    return f"{spec.dtype.name} {spec.shape}"


def _build(
    runtime: RuntimeName, root: Path, reference: TensorFlow
) -> tuple[dict[str, bytes | Path], Detector]:
    match runtime:
        case "litert":
            model, spec = to_litert(reference)
            return {spec.artifact: model}, Detector(LiteRt(model), spec)
        case "onnxruntime":
            model, spec = to_onnx(reference)
            with reasons():
                return {spec.artifact: model}, Detector(OnnxRuntime(model), spec)
        case "tensorflow":
            files = [path for path in root.rglob("*") if path.is_file()]
            names = {f"{_FOLDER}/{path.relative_to(root).as_posix()}": path for path in files}
            return {**names}, Detector(reference, contract_spec("tensorflow", _FOLDER))
