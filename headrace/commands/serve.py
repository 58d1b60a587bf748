"""`headrace serve`: a worker behind HTTP, as a plain container or a local process."""

import argparse
import asyncio
import gc
import os
import signal
from typing import TYPE_CHECKING, Any

import msgspec

from headrace.commands.flags import add_flag, described, over_variables
from headrace.commands.reload import add_reload
from headrace.commands.subcommand import Subparsers, add_subcommand
from headrace.errors import SettingsError
from headrace.extras import needs
from headrace.serve.settings import ServeSettings

if TYPE_CHECKING:
    from headrace.log import Log
    from headrace.serve.app import App
    from headrace.web.api_key import ApiKey
    from headrace.web.server import Server

_PREFIX = "serve_"


def add_parser(subparsers: "Subparsers[argparse.ArgumentParser]") -> None:
    """Describe the subcommand."""
    parser = add_subcommand(
        subparsers,
        "serve",
        "Serve a worker over HTTP.",
        "headrace serve orders --port 8080",
        "headrace serve app.orders:handler --host 0.0.0.0 --concurrency 8",
        "headrace serve orders refunds",
        details="A request becomes an API Gateway event, so the code is the one that runs on AWS"
        " Lambda. /healthz answers at once, and /readyz once the worker is set up. SIGTERM lets"
        " running calls end; the exit code is 0 if all of them were answered. Every flag is a"
        " variable, too: --port is HEADRACE_SERVE_PORT.",
    )
    parser.add_argument(
        "workers",
        metavar="WORKER",
        nargs="+",
        help="A worker, as MODULE or MODULE:ATTRIBUTE. Several are each at a path of its own.",
    )
    texts = described(ServeSettings)
    for field in msgspec.structs.fields(ServeSettings):
        add_flag(parser, field, texts[field.name], _flag(field.name))
    add_reload(parser)
    parser.set_defaults(func=run)


def run(args: argparse.Namespace) -> int:
    """Serve until a signal; 0 if every call that had begun was answered."""
    # Imported here, so that the other commands start without it.
    from headrace.loading import find_handler  # noqa: PLC0415
    from headrace.log import log_libraries, logger  # noqa: PLC0415
    from headrace.web.api_key import ApiKey  # noqa: PLC0415
    from headrace.window_handler import WindowHandler  # noqa: PLC0415

    settings = _settings(args)
    if settings.serve_invocations and len(args.workers) > 1:
        raise SettingsError("--invocations is for one worker: an event does not say whose it is")
    key = ApiKey.from_environment(os.environ)
    log_libraries(settings.log_level)
    handlers = [find_handler(name) for name in args.workers]
    for name, handler in zip(args.workers, handlers, strict=True):
        if isinstance(handler, WindowHandler) and not settings.serve_invocations:
            raise SettingsError(f"{name} is for tumbling windows: no request is part of one")
    log = logger("serve", settings.log_level)
    app = _app(args.workers, handlers, settings, log, key)
    server = _server(app, settings, log)
    try:
        with asyncio.Runner(loop_factory=_loop) as runner:
            drained = runner.run(_serve(server, app, handlers, settings, log))
    finally:
        app.close()
        for handler in handlers:
            handler.close()
    log.info("stopped", drained=drained)
    return 0 if drained else 1


def _loop() -> asyncio.AbstractEventLoop:
    """Make an event loop: uvloop's, which is faster, if it is installed."""
    try:
        import uvloop  # noqa: PLC0415 - an extra
    except ModuleNotFoundError:
        return asyncio.new_event_loop()
    return uvloop.new_event_loop()


def _app(
    names: list[str], handlers: list[Any], settings: ServeSettings, log: "Log", key: "ApiKey"
) -> "App":
    try:
        from headrace.serve.app import App  # noqa: PLC0415
        from headrace.serve.metrics import ServeMetrics  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise needs("serve", error) from None
    from headrace.serve.names import named  # noqa: PLC0415
    from headrace.serve.service import Service  # noqa: PLC0415

    metrics = ServeMetrics()
    services = [
        Service(name, settings, log, metrics.count_batch)
        for name in named(names, [handler.worker_class for handler in handlers])
    ]
    return App(services, settings, log, key, metrics)


def _server(app: "App", settings: ServeSettings, log: "Log") -> "Server":
    try:
        from headrace.web.server import Bounds, Server  # noqa: PLC0415
        from headrace.web.tls.files import Tls  # noqa: PLC0415
        from headrace.web.tls.server import TlsServer  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise needs("serve", error) from None
    host, port = settings.serve_host, settings.serve_port
    bounds = Bounds(settings.serve_max_connections, settings.serve_idle_seconds)
    try:
        if settings.serve_certificate and settings.serve_certificate_key:
            tls = Tls(
                settings.serve_certificate,
                settings.serve_certificate_key,
                settings.serve_client_ca,
                settings.serve_client_revoked,
            )
            return TlsServer(app, (host, port), log, bounds, tls)
        return Server(app, (host, port), log, bounds)
    except OSError as error:
        reason = error.strerror or error
        raise SettingsError(f"cannot listen at {host}:{port}: {reason}") from None


async def _serve(
    server: "Server", app: "App", handlers: list[Any], settings: ServeSettings, log: "Log"
) -> bool:
    """Serve until a signal. Returns whether every call that had begun was answered."""
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)  # whichever thread the kernel gives it to
    server.start()
    drained = True
    try:
        opening = asyncio.create_task(app.open(handlers))  # probes are answered meanwhile
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait({opening, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if opening.done():
            opening.result()
            gc.freeze()  # what was loaded stays: the collector need not look at it again and again
            log.info("ready", host=settings.serve_host, port=server.port)
            await stopping
    finally:
        drained = await app.drain(server, settings.drain_timeout_seconds)
    return drained


def _settings(args: argparse.Namespace) -> ServeSettings:
    return over_variables(ServeSettings, args, _flag)


def _flag(setting: str) -> str:
    return "--" + setting.removeprefix(_PREFIX).replace("_", "-")
