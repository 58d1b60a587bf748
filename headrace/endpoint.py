"""How a worker is reached over HTTP, under `headrace serve`."""

import re

import msgspec

_PATH = re.compile(r"(/[A-Za-z0-9._~-]+)+")
_RESERVED = ("/healthz", "/readyz", "/metrics", "/openapi.json", "/api", "/page", "/models", "/v2")


class Endpoint(msgspec.Struct, frozen=True, kw_only=True):
    """A worker's own path. A class attribute of that name holds it.

        class Orders(Worker):
            endpoint = Endpoint(path="/orders")

    Attributes:
        path: Where requests go, such as `/orders`.

    Raises:
        ValueError: The path is none, or one of the server's own.
    """

    path: str

    def __post_init__(self) -> None:
        if not _PATH.fullmatch(self.path):
            raise ValueError(f"an endpoint cannot have the path {self.path!r}: write /orders")
        if any(self.path == own or self.path.startswith(f"{own}/") for own in _RESERVED):
            raise ValueError(f"the path {self.path!r} is one of the server's own")
