"""An object detector: load a version once, detect many times, whatever runtime it needs."""

from typing import Self, cast

import numpy as np

from headrace.runtimes.base import Outputs, Runtime, open_runtime
from headrace.store.errors import VersionCorruptError
from headrace.store.version import Version
from models.detector import golden
from models.detector.detections import Detections
from models.detector.preparation import Pixels, prepare
from models.detector.raw_head import RawHead, decode, logit, sigmoid
from models.detector.spec import SIGNATURE, DetectorSpec, read_spec
from models.detector.suppression import Floats, Indices, suppress


class Detector:
    """A graph that finds objects in an image. Safe in many threads.

    Attributes:
        spec: How the graph is fed and read; `spec.input_size` is a good size to decode images to.
    """

    def __init__(self, runtime: Runtime, spec: DetectorSpec) -> None:
        self.spec = spec
        self._runtime = runtime
        (self._input,) = runtime.inputs

    @classmethod
    def load(cls, version: Version) -> Self:
        """Load a version and warm it up on its golden sample, which it must answer as recorded.

        Raises:
            VersionCorruptError: No usable description, or another answer than the recorded one.
            HeadraceError: Its runtime is not installed.
        """
        try:
            spec = read_spec(version.manifest.attributes)
        except ValueError as error:
            raise VersionCorruptError(f"attributes.detector of {version.name}: {error}") from error
        detector = cls(open_graph(spec, version), spec)
        golden.check(detector.detect, version)
        return detector

    def detect(self, image: Pixels) -> Detections:
        """Find the objects in one image.

        Args:
            image: uint8 [H, W, 3], any size.

        Returns:
            At most `spec.max_detections`, best first, boxes within the image.

        Raises:
            ValueError: Not such an image, or the graph's answer is not what the spec says.
        """
        outputs = self._runtime.run({self._input: prepare(image, self.spec)})
        try:
            boxes, scores, entities = _HEADS[self.spec.head](outputs, self.spec)
        except (KeyError, IndexError) as error:
            message = f"the outputs {sorted(outputs)} are not a {self.spec.head!r} head: {error!r}"
            raise ValueError(message) from error
        return Detections(np.clip(boxes, 0, 1), scores, entities)


def open_graph(spec: DetectorSpec, version: Version) -> Runtime:
    """Open the graph of a version with the runtime that its spec names."""
    options = {"signature": SIGNATURE} if spec.runtime == "tensorflow" else {}
    return open_runtime(spec.runtime, version, spec.artifact, **options)


def _decoded(outputs: Outputs, spec: DetectorSpec) -> tuple[Floats, Floats, tuple[str, ...]]:
    boxes = _floats(outputs["boxes"]).reshape(-1, 4)
    scores = _floats(outputs["scores"]).reshape(len(boxes), -1)
    rows, classes = suppress(
        boxes,
        scores,
        score_threshold=spec.score_threshold,
        iou_threshold=spec.iou_threshold,
        max_detections=spec.max_detections,
    )
    return boxes[rows], scores[rows, classes], _names(classes, spec)


def _postprocessed(outputs: Outputs, spec: DetectorSpec) -> tuple[Floats, Floats, tuple[str, ...]]:
    # The names are TFLite_Detection_PostProcess, …:1, …:2, …:3: in this order.
    boxes, classes, scores, count = (_floats(outputs[name])[0] for name in sorted(outputs))
    chosen = np.flatnonzero(scores[: int(count)] > spec.score_threshold)[: spec.max_detections]
    return boxes[chosen], scores[chosen], _names(classes[chosen].astype(np.intp), spec)


def _contract(outputs: Outputs, spec: DetectorSpec) -> tuple[Floats, Floats, tuple[str, ...]]:
    scores = _floats(outputs["detection_scores"]).reshape(-1)
    boxes = _floats(outputs["detection_boxes"]).reshape(-1, 4)
    entities = outputs["detection_class_entities"].reshape(-1).tolist()
    order = np.argsort(-scores, kind="stable")
    chosen = order[scores[order] > spec.score_threshold][: spec.max_detections]
    return boxes[chosen], scores[chosen], tuple(_text(entities[index]) for index in chosen)


def _raw(outputs: Outputs, spec: DetectorSpec) -> tuple[Floats, Floats, tuple[str, ...]]:
    head = cast("RawHead", spec.raw)  # the spec sees to it that there is one
    boxes = decode(_floats(outputs[head.boxes])[0], head)
    logits = _floats(outputs[head.scores])[0, :, 1:]  # without the background
    rows, classes = suppress(
        boxes,
        logits,
        score_threshold=logit(spec.score_threshold),
        iou_threshold=spec.iou_threshold,
        max_detections=spec.max_detections,
    )
    return boxes[rows], sigmoid(logits[rows, classes]), _names(classes, spec)


def _floats(values: object) -> Floats:
    return np.asarray(values, np.float32)


def _text(entity: bytes | str) -> str:
    return entity.decode() if isinstance(entity, bytes) else entity


def _names(classes: Indices, spec: DetectorSpec) -> tuple[str, ...]:
    return tuple(spec.labels[index] for index in classes)


_HEADS = {"decoded": _decoded, "postprocessed": _postprocessed, "contract": _contract, "raw": _raw}
