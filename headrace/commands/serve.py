"""`headrace serve`: a worker behind HTTP, as a plain container or a local process."""

import argparse
import os
import signal
import threading

import msgspec

from headrace.commands.flags import add_flag, described
from headrace.commands.subcommand import Subparsers, add_subcommand
from headrace.errors import SettingsError
from headrace.plan.misspelt import warn_of_misspelt
from headrace.serve.settings import ServeSettings
from headrace.settings import read, variable

_PREFIX = "serve_"


def add_parser(subparsers: "Subparsers[argparse.ArgumentParser]") -> None:
    """Describe the subcommand."""
    parser = add_subcommand(
        subparsers,
        "serve",
        "Serve a worker over HTTP.",
        "headrace serve orders --port 8080",
        "headrace serve app.orders:handler --host 0.0.0.0 --concurrency 8",
        details="A request becomes an API Gateway event, so the code is the one that runs on AWS"
        " Lambda. /healthz answers at once, and /readyz once the worker is set up. SIGTERM lets"
        " running calls end; the exit code is 0 if all of them were answered. Every flag is a"
        " variable, too: --port is HEADRACE_SERVE_PORT.",
    )
    parser.add_argument(
        "worker", metavar="WORKER", help="The worker, as MODULE or MODULE:ATTRIBUTE."
    )
    texts = described(ServeSettings)
    for field in msgspec.structs.fields(ServeSettings):
        add_flag(parser, field, texts[field.name], _flag(field.name))
    parser.set_defaults(func=run)


def run(args: argparse.Namespace) -> int:
    """Serve until a signal; 0 if every call that had begun was answered."""
    # Imported here, so that the other commands start without it.
    from headrace.loading import find_handler  # noqa: PLC0415
    from headrace.log import logger  # noqa: PLC0415
    from headrace.serve.function import ServedFunction  # noqa: PLC0415
    from headrace.serve.http import Server  # noqa: PLC0415

    warn_of_misspelt(os.environ)
    settings = _settings(args)
    handler = find_handler(args.worker)
    log = logger("serve", settings.log_level)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    function = ServedFunction(settings.serve_concurrency, settings.function_timeout_seconds)
    address = (settings.serve_host, settings.serve_port)
    try:
        server = Server(address, function, settings.serve_max_body_bytes, log)
    except OSError as error:
        reason = error.strerror or error
        raise SettingsError(f"cannot listen at {address[0]}:{address[1]}: {reason}") from None
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
    flags = {name: text for name in names if (text := getattr(args, name)) is not None}
    values = os.environ | {variable(name): text for name, text in flags.items()}
    return read(ServeSettings, values, {name: _flag(name) for name in flags})


def _flag(setting: str) -> str:
    return "--" + setting.removeprefix(_PREFIX).replace("_", "-")
