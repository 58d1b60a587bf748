"""The detector by the Open Inference Protocol: a picture's pixels in, detections out."""

import numpy as np

from headrace.errors import Reject
from headrace.serve.v2.tensors import Arrays, TensorMetadata
from models.detector.model import Detector


class DetectorTensors:
    """A version of the detector.

    Args:
        detector: It.
        version: Its name.
    """

    inputs = (TensorMetadata("image", "UINT8", (-1, -1, 3)),)
    outputs = (
        TensorMetadata("detection_boxes", "FP32", (-1, 4)),
        TensorMetadata("detection_scores", "FP32", (-1,)),
        TensorMetadata("detection_class_entities", "BYTES", (-1,)),
    )

    def __init__(self, detector: Detector, version: str) -> None:
        self.version = version
        self.platform = detector.spec.runtime
        self._detector = detector

    def infer(self, inputs: Arrays) -> Arrays:
        """Find objects in one picture, uint8 [H, W, 3].

        Raises:
            Reject: the picture has no pixels.
        """
        image = inputs["image"]
        if not image.size:
            raise Reject("the image has no pixels")
        found = self._detector.detect(np.ascontiguousarray(image, np.uint8))
        names = [name.encode() for name in found.entities]
        return {
            "detection_boxes": found.boxes,
            "detection_scores": found.scores,
            "detection_class_entities": np.array(names, object),
        }
