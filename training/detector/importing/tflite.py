"""Importing a published TFLite detector that ends in `TFLite_Detection_PostProcess`."""

from typing import Any

from ai_edge_litert.interpreter import Interpreter

from models.detector import golden as detector_golden
from models.detector.model import Detector
from models.detector.runtimes.litert import LiteRt
from models.detector.spec import DetectorSpec
from training.detector.importing.golden_images import golden_images
from training.detector.importing.imported import ContractError, Imported

ARTIFACT = "detector.tflite"
_OUTPUT = "TFLite_Detection_PostProcess"


def import_tflite(model: bytes, labels: tuple[str, ...]) -> Imported:
    """Check a TFLite detector and try it.

    A float32 network is fed with -1…1, as all published ones of this kind are trained. Images are
    scaled down with anti-aliasing: the published COCO file gains a point of mAP@.5 by it.

    Args:
        model: The file's content.
        labels: Class names by class index.

    Raises:
        ContractError: Not such a detector; lists every difference.
    """
    try:
        interpreter = Interpreter(model_content=model)
    except ValueError as error:
        raise ContractError(f"not a TFLite file: {error}") from error
    spec = _spec(interpreter.get_input_details(), interpreter.get_output_details(), labels)
    detector = Detector(LiteRt(model), spec)
    image, *others = golden_images()
    try:
        answer = detector.detect(image)
        found = len(answer.entities) + sum(len(detector.detect(o).entities) for o in others)
    except ValueError as error:
        raise ContractError(f"it fails on a photograph: {error}") from error
    return Imported(
        files={ARTIFACT: model, **detector_golden.files(image, answer)},
        spec=spec,
        metrics={"golden_images": 1 + len(others), "golden_detections": found},
        notes={},
    )


def _spec(inputs: Any, outputs: Any, labels: tuple[str, ...]) -> DetectorSpec:
    problems = []
    shapes = [entry["shape"].tolist() for entry in inputs]
    dtypes = {entry["dtype"].__name__ for entry in inputs}
    if len(shapes) != 1 or len(shapes[0]) != 4 or shapes[0][::3] != [1, 3]:
        problems.append(f"inputs of shape {shapes}, not one of [1, height, width, 3]")
    if not dtypes <= {"float32", "uint8"}:
        problems.append(f"the input is {', '.join(dtypes)}, not float32 or uint8")
    names = sorted(entry["name"] for entry in outputs)
    if names != [_OUTPUT, *(f"{_OUTPUT}:{index}" for index in (1, 2, 3))]:
        problems.append(f"outputs {', '.join(names)}, not the four of {_OUTPUT}")
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
        labels=labels,
        max_detections=1000,  # as many as the file itself gives
    )
