"""An OpenAPI 3.1 document of the workers that are served, from their own schemas."""

from collections.abc import Mapping, Sequence
from typing import Any

from headrace import __version__
from headrace.images.carried import FORM, MEDIA_TYPES
from headrace.input.declared import worker_input
from headrace.serve.openapi.own import model_paths, own_paths
from headrace.serve.openapi.protocol import protocol_paths
from headrace.serve.openapi.shapes import (
    PROBLEM,
    RETRY,
    json_content,
    problems,
)
from headrace.serve.service import Service
from headrace.worker import Worker


def document(services: Sequence[Service], models: Sequence[str]) -> dict[str, Any]:
    """Return the document.

    Args:
        services: The workers, each with an endpoint.
        models: Names of models that the Open Inference Protocol is served for.
    """
    paths: dict[str, Any] = {}
    schemas: dict[str, Any] = {"Problem": PROBLEM}
    for service in services:
        if service.endpoint:
            paths[service.endpoint.path] = {"post": _operation(service, schemas)}
    named = {one.endpoint.model for one in services if one.endpoint and one.endpoint.model}
    paths |= own_paths() | model_paths(sorted(named))
    paths |= protocol_paths(models)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Headrace", "version": __version__},
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{}, {"key": []}],
    }


def _operation(service: Service, schemas: dict[str, Any]) -> dict[str, Any]:
    endpoint = service.endpoint
    assert endpoint is not None  # noqa: S101 - the caller sees to it
    answer: dict[str, Any] = json_content(endpoint.response)
    answer |= {kind: {"schema": {"type": "string"}} for kind in endpoint.produces}
    operation: dict[str, Any] = {
        "operationId": service.name,
        "summary": endpoint.summary,
        "requestBody": {"required": True, "content": _bodies(service, schemas)},
        "responses": {
            "200": {"description": "The answer.", "content": answer},
            "204": {"description": "There is no result."},
            **problems(400, 401, 403, 408, 411, 413, 422, 431, 500, 502, 504),
            "503": RETRY,
        },
    }
    if endpoint.parameters:
        operation["parameters"] = [
            {"name": name, "in": "query", "schema": dict(schema)}
            for name, schema in endpoint.parameters.items()
        ]
    return operation


def _bodies(service: Service, schemas: dict[str, Any]) -> dict[str, Any]:
    endpoint = service.endpoint
    assert endpoint is not None  # noqa: S101 - as above
    bodies: dict[str, Any] = json_content(endpoint.request or _declared(service, schemas))
    if endpoint.example is not None:
        bodies["application/json"]["example"] = endpoint.example
    if endpoint.pictures:
        file = {"type": "string", "format": "binary"}
        bodies |= {kind: {"schema": file} for kind in MEDIA_TYPES}
        form = {"type": "object", "properties": {"image": file}, "required": ["image"]}
        bodies[FORM] = {"schema": form}
    return bodies


def _declared(service: Service, schemas: dict[str, Any]) -> Mapping[str, Any]:
    """Return the schema of the input that the class declares; its types go to the components.

    Workers may have types of the same name, so each has those of its own there.
    """
    declared = worker_input(service.kind, Worker) if service.kind else None
    if declared is None:
        return {}
    schema = declared.schema(f"#/components/schemas/{service.name}.{{}}")
    types = schema.pop("$defs", {})
    schemas.update({f"{service.name}.{name}": one for name, one in types.items()})
    return schema
