"""What the manifest of a detector says, whoever made it."""

from typing import Any

import msgspec

from headrace.runtimes.names import libraries_of
from headrace.store.manifest import Description
from models.detector.spec import DetectorSpec

INPUT_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"url": {"type": "string", "description": "where the image is"}},
    "required": ["url"],
}
OUTPUT_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "detection_boxes": {
            "description": "ymin, xmin, ymax, xmax, relative to the image",
            "type": "array",
            "items": {
                "type": "array",
                "items": {"type": "number", "minimum": 0, "maximum": 1},
                "minItems": 4,
                "maxItems": 4,
            },
        },
        "detection_scores": {"type": "array", "items": {"type": "number"}},
        "detection_class_entities": {"type": "array", "items": {"type": "string"}},
    },
    "required": ["detection_boxes", "detection_scores", "detection_class_entities"],
}


def describe(
    model: str,
    spec: DetectorSpec,
    *,
    metrics: dict[str, float],
    training_data: str,
    attributes: dict[str, Any] | None = None,
) -> Description:
    """Describe a version of a detector.

    Args:
        model: The model's name in the store.
        spec: How the version is loaded, fed and read.
        metrics: Finite figures by name.
        training_data: SHA-256 of the training data; empty if its publisher does not say.
        attributes: What else the manifest should say, beside `detector`.
    """
    return Description(
        model=model,
        input_schema=INPUT_SCHEMA,
        output_schema=OUTPUT_SCHEMA,
        metrics=metrics,
        libraries=libraries_of(spec.runtime),
        training_data=training_data,
        attributes={**(attributes or {}), "detector": msgspec.to_builtins(spec)},
    )
