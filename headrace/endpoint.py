"""How a worker is reached and described over HTTP, under `headrace serve`."""

import re
from collections.abc import Callable, Mapping
from typing import Any, Literal

import msgspec

_PATH = re.compile(r"(/[A-Za-z0-9._~-]+)+")
_RESERVED = ("/healthz", "/readyz", "/metrics", "/openapi.json", "/api", "/page", "/models", "/v2")


class Endpoint(msgspec.Struct, frozen=True, kw_only=True):
    """A worker's own path, and what is sent there. A class attribute of that name holds it.

        class Orders(Worker):
            endpoint = Endpoint(path="/orders")

    Attributes:
        path: Where requests go, such as `/orders`; they are sent by POST.
        summary: What the worker does, in one line.
        request: The JSON Schema (2020-12) of a request's body. Unless it is given, that of the
            input that the worker's class declares.
        response: That of an answer.
        example: A request that is answered.
        pictures: Whether a picture itself may be sent, too, or a form with one in it.
        produces: Media types of answers beside `application/json`.
        parameters: JSON Schemas of query parameters, by name.
        model: The name of the model that answers; the server tells of its versions.
        view: How the server's page shows the worker; None: it does not.
        tensors: Makes, of the worker that is set up, what answers the Open Inference Protocol for
            the model: a `headrace.serve.v2.tensors.TensorModel`. None: the protocol has no such
            model.

    Raises:
        ValueError: The path is none, or one of the server's own.
    """

    path: str
    summary: str = ""
    request: Mapping[str, Any] = {}
    response: Mapping[str, Any] = {}
    example: Any = None
    pictures: bool = False
    produces: tuple[str, ...] = ()
    parameters: Mapping[str, Mapping[str, Any]] = {}
    model: str | None = None
    view: Literal["classifier", "detector"] | None = None
    tensors: Callable[[Any], Any] | None = None

    def __post_init__(self) -> None:
        if not _PATH.fullmatch(self.path):
            raise ValueError(f"an endpoint cannot have the path {self.path!r}: write /orders")
        if any(self.path == own or self.path.startswith(f"{own}/") for own in _RESERVED):
            raise ValueError(f"the path {self.path!r} is one of the server's own")
