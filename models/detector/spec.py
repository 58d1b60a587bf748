"""What a version of a detector says about itself, so that any runtime can load and feed it.

It lives in the manifest, under `attributes["detector"]`. Trainers and importers write it;
`models.detector.model` reads it.
"""

from typing import Any, Literal

import msgspec

from models.detector.raw_head import RawHead

RuntimeName = Literal["litert", "onnxruntime", "tensorflow"]
SIGNATURE = "default"
"""What the published contract calls the signature of a SavedModel."""


class DetectorSpec(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How to load a detector's graph, what to feed it and how to read its answer.

    Attributes:
        runtime: What serves this version. `tensorflow` only if nothing faster converts.
        artifact: The file the runtime loads; for a SavedModel, the folder that holds it.
        head: What the graph answers.
            `decoded`: two outputs *named* `boxes`, float32 [A, 4], and `scores`, float32 [A, C]
            (C classes, no background; a leading batch dimension of 1 is allowed), before
            suppression: class-wise suppression is ours.
            `postprocessed`: the four outputs of `TFLite_Detection_PostProcess`, in its order.
            `contract`: `detection_boxes`, `detection_scores`, `detection_class_entities`.
            `raw`: box encodings and class logits for each anchor, as `raw` describes them.
            Boxes are ymin, xmin, ymax, xmax, relative to the image.
        input_size: Height and width of the input; None if the graph takes any size.
        input_dtype: `float32` or `uint8` (0…255 as decoded).
        input_range: What a float32 input holds for pixel values 0 and 255.
        antialias: Whether the graph was trained on anti-aliased down-scaling (as Pillow and
            `tf.image.resize(antialias=True)` do it) or on plain bilinear sampling
            (`tf.image.resize` by default).
        raw: How a `raw` head is read; None for the others.
        labels: Class names by index; empty if the graph itself answers with names.
        score_threshold: Detections at or below it are dropped.
        iou_threshold: A box that overlaps a better one of its class by more is dropped.
        max_detections: At most so many detections per image.
        draw_threshold: Detections below it are not drawn unless the request names a score: many
            detectors answer with a hundred boxes, most of them guesses.
    """

    runtime: RuntimeName
    artifact: str
    head: Literal["decoded", "postprocessed", "contract", "raw"]
    input_size: tuple[int, int] | None
    input_dtype: Literal["float32", "uint8"] = "float32"
    input_range: tuple[float, float] = (0.0, 1.0)
    antialias: bool = False
    raw: RawHead | None = None
    labels: tuple[str, ...] = ()
    score_threshold: float = 0.0
    iou_threshold: float = 0.6
    max_detections: int = 100
    draw_threshold: float = 0.5

    def __post_init__(self) -> None:
        if (self.head == "raw") != (self.raw is not None):
            raise ValueError("`raw` describes a head of that kind, and no other")


def read_spec(attributes: dict[str, Any]) -> DetectorSpec:
    """Return the detector's part of a manifest's attributes.

    Raises:
        msgspec.ValidationError: If there is none or it is not well-formed.
    """
    return msgspec.convert(attributes.get("detector"), DetectorSpec)
