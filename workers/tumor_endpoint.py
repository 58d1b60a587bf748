"""How the breast-cancer classifier is reached and described over HTTP."""

from typing import Any

from headrace import Endpoint
from models.tumor.features import FEATURES

_NUMBER = {"type": "number", "minimum": -1e30, "maximum": 1e30}  # what float32 can hold


def _tensors(worker: Any) -> Any:
    from models.tumor.tensors import TumorTensors  # noqa: PLC0415 - seldom asked for

    return TumorTensors(worker.model.current())


ENDPOINT = Endpoint(
    path="/tumor",
    summary="Say whether a breast tumour is benign or malignant.",
    request={
        "type": "object",
        "properties": {
            **dict.fromkeys(FEATURES, _NUMBER),
            "id": {"type": ["string", "integer", "null"]},
            "explain": {"type": "boolean"},
        },
        "required": list(FEATURES),
        "additionalProperties": False,
    },
    response={
        "type": "object",
        "properties": {
            "result": {"enum": ["B", "M"]},
            "id": {"type": ["string", "integer"]},
            "probability": {"type": "number"},
            "model_version": {"type": "string"},
            "margin": {"type": "number"},
            "bias": {"type": "number"},
            "contributions": {"type": "object", "additionalProperties": {"type": "number"}},
        },
        "required": ["result"],
    },
    model="tumor",
    view="classifier",
    tensors=_tensors,
)
