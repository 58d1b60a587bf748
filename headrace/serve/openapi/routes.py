"""The paths at which the document and its page are."""

from collections.abc import Sequence
from typing import Any

from headrace import json_text
from headrace.serve.openapi.document import document
from headrace.serve.openapi.page import api_page
from headrace.serve.service import Service
from headrace.serve.v2.routes import InferenceProtocol
from headrace.web.answer import Answer
from headrace.web.route import Route, plain

_JSON = (("content-type", "application/json"),)


def openapi_routes(services: Sequence[Service], protocol: InferenceProtocol) -> dict[str, Route]:
    """Return them.

    Args:
        services: The workers, each with an endpoint.
        protocol: Which of them have tensors.
    """

    def made() -> dict[str, Any]:
        return document(services, sorted(protocol.models))

    return {
        "/openapi.json": Route("GET", plain(lambda: Answer(200, _JSON, json_text.encode(made())))),
        "/api": Route("GET", plain(lambda: api_page(made()))),
    }
