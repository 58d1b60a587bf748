"""What a publisher tells about an SSD whose graph ends before its postprocessing."""

import msgspec

from models.detector.raw_head import AnchorGrid


class RawOptions(msgspec.Struct, frozen=True, kw_only=True):
    """How raw heads are read, and what the network is fed with.

    Attributes:
        anchors: The grid of anchors.
        box_coder: The scales of the four box encodings: y, x, height, width.
        input_range: What a float32 input holds for pixel values 0 and 255.
        score_threshold: Detections at or below it are dropped.
    """

    anchors: AnchorGrid = "ssd-300"
    box_coder: tuple[float, float, float, float] = (10.0, 10.0, 5.0, 5.0)
    input_range: tuple[float, float] = (-1.0, 1.0)
    score_threshold: float = 0.05
