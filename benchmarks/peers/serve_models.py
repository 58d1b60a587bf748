"""What every server calls: the same models, loaded from the same files."""

import io
import os
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from headrace.store.model_store import ModelStore
from models.detector.model import Detector
from models.tumor.features import FEATURES
from models.tumor.model import TumorModel

_STORE = ModelStore(Path(os.environ["HEADRACE_MODEL_ROOT"]))


class Classifier:
    """The breast-cancer classifier, as arrays."""

    def __init__(self) -> None:
        self._model = TumorModel.load(_STORE.open("tumor"))

    def labels(self, rows: Any) -> list[str]:
        """Answer rows [n, 30]."""
        array = np.asarray(rows, np.float32)
        return self._model.labels(self._model.predict(array))

    @staticmethod
    def row(features: dict[str, float]) -> list[float]:
        """The numbers in the order of the model."""
        return [features[name] for name in FEATURES]


class Pictures:
    """The object detector, as bytes of a file."""

    def __init__(self) -> None:
        self._model = Detector.load(_STORE.open("detector"))

    def find(self, data: bytes) -> dict[str, Any]:
        """Answer one picture."""
        with Image.open(io.BytesIO(data)) as image:
            found = self._model.detect(np.asarray(image.convert("RGB"))).fields()
        return {
            "detection_boxes": found.detection_boxes,
            "detection_scores": found.detection_scores,
            "detection_class_entities": found.detection_class_entities,
        }
