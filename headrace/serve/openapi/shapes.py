"""Parts that an OpenAPI document has in many places."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

PROBLEM: dict[str, Any] = {
    "type": "object",
    "description": "A problem document (RFC 9457).",
    "properties": {
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {"type": "array"},
    },
    "required": ["title", "status"],
}
_CONTENT = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}

RETRY: dict[str, Any] = {
    "description": "No call can be taken now: come again.",
    "headers": {"Retry-After": {"schema": {"type": "string"}, "description": "Seconds."}},
    "content": _CONTENT,
}


def json_content(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return content of JSON."""
    return {"application/json": {"schema": dict(schema)}}


def problems(*statuses: int) -> dict[str, Any]:
    """Return responses that are problem documents."""
    return {
        str(status): {"description": HTTPStatus(status).phrase, "content": _CONTENT}
        for status in statuses
    }


def answers(good: dict[str, Any]) -> dict[str, Any]:
    """Return the responses of a path of the server's own."""
    return good | problems(400, 401, 403, 408, 413, 431)
