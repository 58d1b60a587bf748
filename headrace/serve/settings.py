"""How a worker is served over HTTP."""

from typing import Annotated

import msgspec
from msgspec import Meta

from headrace.settings import LogLevel


class ServeSettings(msgspec.Struct, frozen=True, kw_only=True):
    """How a worker is served. Every field is a variable and, without `serve_`, a flag.

    Attributes:
        serve_host: The address to listen at. A container listens at every one: 0.0.0.0.
        serve_port: The port to listen at. With 0, a free one is taken.
        serve_concurrency: How many calls may run at once. Further calls wait for their turn.
        serve_max_body_bytes: The largest request body that is taken. The default is API Gateway's.
        function_timeout_seconds: How long a call may take. With a timeout, the worker runs in child
            processes, one for each call at once, which are ended if they take longer. Unless it is
            set, the worker runs in this process.
        drain_timeout_seconds: How long to wait for running calls when the server stops.
        log_level: The least severe messages that are logged.
    """

    serve_host: str = "127.0.0.1"
    serve_port: Annotated[int, Meta(ge=0, le=65_535)] = 8080
    serve_concurrency: Annotated[int, Meta(ge=1)] = 4
    serve_max_body_bytes: Annotated[int, Meta(ge=0)] = 10 * 1024 * 1024
    function_timeout_seconds: Annotated[float, Meta(gt=0)] | None = None
    drain_timeout_seconds: Annotated[float, Meta(ge=0)] = 20.0
    log_level: LogLevel = "INFO"
