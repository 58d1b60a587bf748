"""`headrace serve`: a worker behind HTTP, as a plain container or a local process."""

import argparse
import os
import signal
import threading
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from headrace.settings import read, variable

_PREFIX = "serve_"


class ServeSettings(msgspec.Struct, frozen=True, kw_only=True):
    """How a worker is served. Every field is a variable and, without `serve_`, a flag.

    Attributes:
        serve_host: the address to listen at; 0.0.0.0 is every one, as a container needs it.
        serve_port: the port; 0 takes a free one.
        serve_concurrency: how many calls may run at once; the others wait for their turn.
        serve_max_body_bytes: a longer request is refused. The default is API Gateway's.
        function_timeout_seconds: how long a call may take. With it, the worker runs in processes
            of its own, one for each call at once, which are ended when they take longer; without,
            in this process.
        drain_timeout_seconds: how long a stop waits for running calls.
        log_level: DEBUG, INFO, WARNING or ERROR.
    """

    serve_host: str = "127.0.0.1"
    serve_port: Annotated[int, Meta(ge=0, le=65_535)] = 8080
    serve_concurrency: Annotated[int, Meta(ge=1)] = 4
    serve_max_body_bytes: Annotated[int, Meta(ge=0)] = 10 * 1024 * 1024
    function_timeout_seconds: Annotated[float, Meta(gt=0)] | None = None
    drain_timeout_seconds: Annotated[float, Meta(ge=0)] = 20.0
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the subcommand."""
    parser = subparsers.add_parser("serve", help="serve a worker over HTTP")
    parser.add_argument("worker", help="module:attribute, or a file in workers/: tumor_classifier")
    for field in msgspec.structs.fields(ServeSettings):
        flag = "--" + field.name.removeprefix(_PREFIX).replace("_", "-")
        text = None if field.default is None else f"default: {field.default}"
        parser.add_argument(flag, dest=field.name, metavar="VALUE", help=text)
    parser.set_defaults(func=run)


def run(args: argparse.Namespace) -> int:
    """Serve until a signal; 0 where every call that had begun was answered."""
    # Imported here, so that the other commands start without it.
    from headrace.loading import find_handler  # noqa: PLC0415
    from headrace.log import logger  # noqa: PLC0415
    from headrace.serve.function import ServedFunction  # noqa: PLC0415
    from headrace.serve.http import Server  # noqa: PLC0415

    settings = _settings(args)
    handler = find_handler(args.worker)
    log = logger("serve", settings.log_level)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    function = ServedFunction(settings.serve_concurrency, settings.function_timeout_seconds)
    address = (settings.serve_host, settings.serve_port)
    server = Server(address, function, settings.serve_max_body_bytes, log)
    server.start()
    drained = True
    try:
        function.open(handler)  # probes are answered meanwhile
        log.info("ready", host=settings.serve_host, port=server.server_port)
        stop.wait()
    finally:
        drained = server.drain(settings.drain_timeout_seconds)
        function.close()
        handler.close()
    log.info("stopped", drained=drained)
    return 0 if drained else 1


def _settings(args: argparse.Namespace) -> ServeSettings:
    """Flags over variables; both are parsed and checked in one way."""
    names = ServeSettings.__struct_fields__
    flags = {variable(name): text for name in names if (text := getattr(args, name)) is not None}
    return read(ServeSettings, {**os.environ, **flags})
