"""Detectors for tests: the published one and its photographs, and how good its answers are."""

import contextlib
import io
import json
import os
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from PIL import Image
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from models.detector.detections import Detections
from models.detector.model import Detector
from models.detector.suppression import iou

ARCHIVE = "ssd_mobilenet_v1_coco.tar.gz"
TFLITE = "ssd_mobilenet_v1_coco_quant.tflite"
LABELS = "mscoco_label_map.pbtxt"
DIGESTS = {
    ARCHIVE: "1ed7a275c588d0e695d4a09cb00fe47ab26e8cdc97ab38444d139f3cab35b7b2",
    TFLITE: "e4b118e5e4531945de2e659742c7c590f7536f8d0ed26d135abcfe83b4779d13",
}
_BESIDE_THE_CHECKOUT = Path(__file__).parents[4] / "shared" / "acceptance"

Detect = Callable[[np.ndarray], Detections]


def acceptance_folder() -> Path:
    """Where the published detector lies; skips (or fails, where that is strict) if it does not."""
    folder = Path(os.environ.get("ACCEPTANCE_DIR") or _BESIDE_THE_CHECKOUT)
    if not (folder / ARCHIVE).is_file():
        pytest.skip(f"the published detector is not there: set ACCEPTANCE_DIR, not {folder}")
    return folder


@cache
def photograph(folder: Path, name: str) -> np.ndarray:
    """A photograph of the acceptance set, uint8 [H, W, 3]."""
    with Image.open(folder / "photographs" / name) as image:
        return np.asarray(image.convert("RGB"))


def remembering(detector: Detector) -> Detect:
    """Detect on each photograph once, though several figures are made of the answers."""
    answers: dict[int, Detections] = {}  # by the picture itself, which `photograph` keeps

    def detect(pixels: np.ndarray) -> Detections:
        if id(pixels) not in answers:
            answers[id(pixels)] = detector.detect(pixels)
        return answers[id(pixels)]

    return detect


class Agreement(NamedTuple):
    """How many expected detections there are, and which of them were not found."""

    expected: int
    missing: list[str]


def agreement(detect: Detect, folder: Path, *, min_score: float, min_iou: float) -> Agreement:
    """Hold answers to what the SavedModel is known to answer: same class, overlapping box.

    Each answer can stand for one expected detection only.
    """
    count, missing = 0, []
    for name, entry in json.loads((folder / "expected.json").read_text()).items():
        answer = detect(photograph(folder, name))
        free = np.ones(len(answer.entities), bool)
        for wanted in entry["detections"]:
            if wanted["score"] < min_score:
                continue
            count += 1
            box = np.array(wanted["box_ymin_xmin_ymax_xmax"], np.float32)
            same = free & (np.array(answer.entities) == wanted["class"])
            overlap = iou(box, answer.boxes) * same
            if len(overlap) and overlap.max() >= min_iou:
                free[overlap.argmax()] = False
            else:
                missing.append(f"{name} {wanted['class']} {wanted['score']}")
    return Agreement(count, missing)


def mean_average_precision(detect: Detect, folder: Path) -> float:
    """COCO's mAP@.5 on the annotated photographs, 0…1."""
    with contextlib.redirect_stdout(io.StringIO()):  # pycocotools prints as it goes
        truth = COCO(str(folder / "annotations.json"))
        categories = {entry["name"]: entry["id"] for entry in truth.loadCats(truth.getCatIds())}
        answers = [
            answer
            for image in truth.loadImgs(truth.getImgIds())
            for answer in _as_coco(detect, folder, image, categories)
        ]
        evaluation = COCOeval(truth, truth.loadRes(answers), "bbox")
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    return float(evaluation.stats[1])


def _as_coco(detect, folder, image, categories):
    pixels = photograph(folder, image["file_name"])
    height, width = pixels.shape[:2]
    answer = detect(pixels)
    for box, score, entity in zip(answer.boxes, answer.scores, answer.entities, strict=True):
        if entity in categories:
            top, left, bottom, right = (box * (height, width, height, width)).tolist()
            yield {
                "image_id": image["id"],
                "category_id": categories[entity],
                "bbox": [left, top, right - left, bottom - top],
                "score": float(score),
            }
