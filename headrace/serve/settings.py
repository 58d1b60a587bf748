"""How a worker is served over HTTP."""

from typing import Annotated

import msgspec
from msgspec import Meta

from headrace.settings import LogLevel

Seconds = Annotated[float, Meta(gt=0)]


class ServeSettings(msgspec.Struct, frozen=True, kw_only=True):
    """How a worker is served. Every field is a variable and, without `serve_`, a flag.

    Attributes:
        serve_host: The address to listen at. A container listens at every one: 0.0.0.0.
        serve_port: The port to listen at. With 0, a free one is taken.
        serve_concurrency: How many calls may run at once. Further calls wait for their turn. A
            worker that takes batches gets one at a time: all that has come meanwhile.
        serve_invocations: Whether events are taken, too, at the path of the Lambda runtime
            interface, if one worker is served. Whoever can reach the port can then forge an event
            of any source, and reads the text of every error.
        serve_rollback: Whether callers may point a model back to the version before, as the page
            offers it then. The server must be able to write to the model store.
        serve_certificate: The server's certificate, and what signed it, as a PEM file: then it
            speaks HTTPS alone, by TLS 1.2 or 1.3.
        serve_certificate_key: The certificate's private key, as a PEM file without a password.
        serve_client_ca: Authorities, as a PEM file: then every client must show a certificate that
            one of them has signed. Probes are no exception.
        serve_client_revoked: Revocation lists, a PEM file each: if there are any, one of every
            authority in a client's chain is needed.
        serve_max_connections: How many connections may be open at once. Further ones wait.
        serve_max_body_bytes: The largest request body that is taken. The default is API Gateway's.
        serve_body_seconds: How long a request body may take to arrive.
        serve_idle_seconds: How long a connection may take to send the head of its next request,
            and how long it may take nothing of an answer. The default is longer than load balancers
            keep a connection that nobody uses.
        serve_hang_seconds: When calls hang: if every call that may run has run for so long,
            /healthz fails, so that the server is started again. A timeout ends such calls instead.
        function_timeout_seconds: How long a call may take. With a timeout, the worker runs in child
            processes, one for each call at once, which are ended if they take longer. Unless it is
            set, the worker runs in this process.
        drain_timeout_seconds: How long to wait for running calls when the server stops.
        log_level: The least severe messages that are logged.
    """

    serve_host: str = "127.0.0.1"
    serve_port: Annotated[int, Meta(ge=0, le=65_535)] = 8080
    serve_concurrency: Annotated[int, Meta(ge=1, le=1_000)] = 4
    serve_invocations: bool = False
    serve_rollback: bool = False
    serve_certificate: str | None = None
    serve_certificate_key: str | None = None
    serve_client_ca: str | None = None
    serve_client_revoked: tuple[str, ...] = ()
    serve_max_connections: Annotated[int, Meta(ge=1)] = 512
    serve_max_body_bytes: Annotated[int, Meta(ge=0)] = 10 * 1024 * 1024
    serve_body_seconds: Seconds = 30.0
    serve_idle_seconds: Seconds = 65.0
    serve_hang_seconds: Seconds = 120.0
    function_timeout_seconds: Seconds | None = None
    drain_timeout_seconds: Annotated[float, Meta(ge=0)] = 20.0
    log_level: LogLevel = "INFO"

    def __post_init__(self) -> None:
        if (self.serve_certificate is None) != (self.serve_certificate_key is None):
            raise ValueError("`serve_certificate` and `serve_certificate_key` go together")
        if self.serve_client_ca and not self.serve_certificate:
            raise ValueError("`serve_client_ca` needs `serve_certificate`")
        if self.serve_client_revoked and not self.serve_client_ca:
            raise ValueError("`serve_client_revoked` needs `serve_client_ca`")
