"""The classifier by the Open Inference Protocol: rows in, probabilities and labels out."""

import numpy as np

from headrace.errors import Reject
from headrace.serve.v2.tensors import Arrays, TensorMetadata
from models.tumor.features import FEATURES
from models.tumor.model import TumorModel


class TumorTensors:
    """A version of the classifier.

    Args:
        model: It.
    """

    platform = "xgboost_ubj"
    inputs = (TensorMetadata("features", "FP32", (-1, len(FEATURES))),)
    outputs = (
        TensorMetadata("probability", "FP32", (-1,)),
        TensorMetadata("label", "BYTES", (-1,)),
    )

    def __init__(self, model: TumorModel) -> None:
        self.version = model.version
        self._model = model

    def infer(self, inputs: Arrays) -> Arrays:
        """Answer rows in the order of the features.

        Raises:
            Reject: a number is not finite.
        """
        rows = np.ascontiguousarray(inputs["features"], np.float32)
        if not np.isfinite(rows).all():
            raise Reject("a feature is not finite")
        if not len(rows):
            return {"probability": np.empty(0, np.float32), "label": np.empty(0, object)}
        probabilities = self._model.predict(rows)
        labels = [label.encode() for label in self._model.labels(probabilities)]
        return {"probability": probabilities, "label": np.array(labels, object)}
