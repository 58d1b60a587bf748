"""The Open Inference Protocol in an OpenAPI document."""

from collections.abc import Sequence
from typing import Any

from headrace.serve.openapi.shapes import answers, json_content
from headrace.serve.v2.tensors import DTYPES

_ERROR = {
    "type": "object",
    "properties": {"error": {"type": "string"}},
    "required": ["error"],
}
_TENSOR: dict[str, Any] = {
    "type": "object",
    "properties": {
        "name": {"type": "string"},
        "datatype": {"enum": list(DTYPES)},
        "shape": {"type": "array", "items": {"type": "integer"}},
        "data": {"type": "array"},
        "parameters": {"type": "object"},
    },
    "required": ["name", "datatype", "shape"],
}
# What clients leave out, some send as null.
_NO_OBJECT = {"type": ["object", "null"]}
_ASKED = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "parameters": _NO_OBJECT},
    "required": ["name"],
}
_SENT = {
    **_TENSOR,
    "properties": {
        **_TENSOR["properties"],
        "data": {"type": ["array", "null"]},
        "parameters": _NO_OBJECT,
    },
}
_REQUEST = {
    "type": "object",
    "properties": {
        "id": {"type": ["string", "null"]},
        "inputs": {"type": "array", "items": _SENT, "maxItems": 64},
        "outputs": {"type": ["array", "null"], "items": _ASKED},
        "parameters": _NO_OBJECT,
    },
    "required": ["inputs"],
}
_ANSWER = {
    "type": "object",
    "properties": {
        "model_name": {"type": "string"},
        "model_version": {"type": "string"},
        "id": {"type": "string"},
        "outputs": {"type": "array", "items": _TENSOR},
    },
    "required": ["model_name", "model_version", "outputs"],
}
_OBJECT = {"type": "object"}


def protocol_paths(models: Sequence[str]) -> dict[str, Any]:
    """Return the paths for some models, by name; none if there are none."""
    if not models:
        return {}
    model = {
        "name": "model",
        "in": "path",
        "required": True,
        "schema": {"enum": list(models)},
    }
    version = {"name": "version", "in": "path", "required": True, "schema": {"type": "string"}}
    paths: dict[str, Any] = {
        "/v2": {"get": _get("The server, and its extensions.")},
        "/v2/health/live": {"get": _get("Whether the server runs.")},
        "/v2/health/ready": {"get": _get("Whether requests are taken.")},
    }
    for base, parameters in (
        ("/v2/models/{model}", [model]),
        ("/v2/models/{model}/versions/{version}", [model, version]),
    ):
        paths[base] = {"parameters": parameters, "get": _get("What the model takes and gives.")}
        paths[f"{base}/ready"] = {
            "parameters": parameters,
            "get": _get("Whether the model takes requests."),
        }
        paths[f"{base}/infer"] = {"parameters": parameters, "post": _infer()}
    return paths


def _get(summary: str) -> dict[str, Any]:
    good = {"200": {"description": "Yes.", "content": json_content(_OBJECT)}}
    return {"summary": summary, "responses": answers(good) | _errors(404, 501, 503)}


def _infer() -> dict[str, Any]:
    content = json_content(_ANSWER) | {
        "application/octet-stream": {"schema": {"type": "string", "format": "binary"}}
    }
    responses = answers({"200": {"description": "The outputs.", "content": content}})
    return {
        "summary": "Ask the model.",
        "requestBody": {"required": True, "content": json_content(_REQUEST)},
        "responses": responses | _errors(400, 404, 415, 500, 501, 503),
    }


def _errors(*statuses: int) -> dict[str, Any]:
    return {
        str(status): {"description": "What is wrong.", "content": json_content(_ERROR)}
        for status in statuses
    }
