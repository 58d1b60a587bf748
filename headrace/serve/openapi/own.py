"""The server's own paths in an OpenAPI document."""

from collections.abc import Sequence
from typing import Any

from headrace.serve.openapi.shapes import RETRY, answers, json_content, problems

_OBJECT = {"type": "object"}


def own_paths() -> dict[str, Any]:
    """Return the paths that every server has."""
    text = {"text/plain": {"schema": {"type": "string"}}}
    empty = {"description": "Yes."}
    return {
        "/healthz": {
            "get": {
                "summary": "Whether the server works.",
                "security": [{}],
                "responses": {"200": empty, "503": {"description": "Only a restart helps."}},
            }
        },
        "/readyz": {
            "get": {
                "summary": "Whether requests are taken.",
                "security": [{}],
                "responses": {"200": empty, "503": {"description": "Not yet, or no longer."}},
            }
        },
        "/metrics": {
            "get": {
                "summary": "Counts and times, for Prometheus.",
                "responses": answers({"200": {"description": "Metrics.", "content": text}}),
            }
        },
        "/openapi.json": {
            "get": {
                "summary": "This document.",
                "responses": answers(
                    {"200": {"description": "It.", "content": json_content({"type": "object"})}}
                ),
            }
        },
    }


def model_paths(models: Sequence[str]) -> dict[str, Any]:
    """Return the paths of models' versions, by the names of the models."""
    model = {"name": "model", "in": "path", "required": True, "schema": {"enum": list(models)}}
    said = {"200": {"description": "They.", "content": json_content(_OBJECT)}, "503": RETRY}
    paths: dict[str, Any] = {
        "/models": {
            "get": {
                "summary": "The workers, and the versions of their models.",
                "responses": answers(said) | problems(500),
            }
        }
    }
    if models:
        paths["/models/{model}/rollback"] = {
            "parameters": [model],
            "post": {
                "summary": "Point a model back to the version before, where that is allowed.",
                "parameters": [
                    {
                        "name": "to",
                        "in": "query",
                        "description": "Refuse if this is not the version before.",
                        "schema": {"type": "string"},
                    }
                ],
                "responses": answers(said) | problems(404, 409, 411, 500),
            },
        }
    return paths
