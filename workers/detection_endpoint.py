"""How the object detector is reached and described over HTTP."""

from typing import Any

from headrace import Endpoint

_QUESTION: dict[str, Any] = {
    "min_score": {"type": "number", "minimum": 0, "maximum": 1},
    "max_detections": {"type": "integer", "minimum": 1, "maximum": 2**31},
    "draw": {"type": "boolean"},
    "picture": {"type": "boolean"},
}
_NAMES = {"type": "array", "items": {"type": "string"}, "uniqueItems": True}


def _tensors(worker: Any) -> Any:
    from models.detector.tensors import DetectorTensors  # noqa: PLC0415 - seldom asked for

    loaded = worker.model.loaded()
    return DetectorTensors(loaded.model, loaded.version)


ENDPOINT = Endpoint(
    path="/detect",
    summary="Find objects in a picture.",
    request={
        "type": "object",
        "properties": {
            "url": {"type": "string", "minLength": 1, "format": "uri"},
            **_QUESTION,
            "classes": _NAMES,
        },
        "required": ["url"],
        "additionalProperties": False,
    },
    response={
        "type": "object",
        "properties": {
            "detection_boxes": {
                "type": "array",
                "description": "ymin, xmin, ymax, xmax, relative to the picture",
                "items": {
                    "type": "array",
                    "items": {"type": "number"},
                    "minItems": 4,
                    "maxItems": 4,
                },
            },
            "detection_scores": {"type": "array", "items": {"type": "number"}},
            "detection_class_entities": {"type": "array", "items": {"type": "string"}},
            "picture": {"type": "string"},
        },
        "required": ["detection_boxes", "detection_scores", "detection_class_entities"],
    },
    example={"url": "https://example.com/cat.jpg", "min_score": 0.5},
    pictures=True,
    produces=("image/png",),
    parameters=_QUESTION | {"classes": {"type": "string"}},
    model="detector",
    view="detector",
    tensors=_tensors,
)
