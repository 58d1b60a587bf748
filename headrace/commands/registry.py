"""`headrace registry`: a small schema registry in the background, for development."""

import argparse
import sys
from pathlib import Path

from headrace.commands.background import Background, port_up_to, say
from headrace.commands.subcommand import Subparsers, add_subcommand
from headrace.errors import SettingsError
from headrace.testing.brokers.process import Service, command_of, is_free, stop_by_pid

_FOLDER = Path("var/registry")
"""What a registry in the background leaves in the working directory: its schemas, log, number."""

_PORT = 8081
_MODULE = "headrace.testing.schema_registry"
_STARTUP_SECONDS = 20
_BACKGROUND = Background(
    _FOLDER / "registry.json", lambda state: _MODULE in command_of(state["pid"])
)


def add_parser(subparsers: "Subparsers[argparse.ArgumentParser]") -> None:
    """Describe `registry start|stop|status`."""
    parser = add_subcommand(
        subparsers,
        "registry",
        "Start or stop a small schema registry for development.",
        "headrace registry start",
        "headrace registry stop",
        details="It has the interface of Confluent's on loopback, for Avro, Protobuf and JSON"
        " Schema. A new version must be able to read what the one before it wrote (BACKWARD): of"
        " Avro and JSON Schema that is checked, Protobuf is taken as it is.",
    )
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    start = add_subcommand(
        actions,
        "start",
        "Start a registry in the background.",
        "headrace registry start --port 18081",
        details="Its schemas are kept in var/registry.",
    )
    start.add_argument(
        "--port", type=port_up_to(65_535), help=f"The loopback port. Default: {_PORT}."
    )
    start.add_argument(
        "--forget", action="store_true", help="Keep the schemas in memory, until it is stopped."
    )
    start.set_defaults(func=_start)
    text = "Stop the registry that runs in the background; its schemas stay."
    add_subcommand(actions, "stop", text, "headrace registry stop").set_defaults(func=_stop)
    text = "Say whether a registry of ours runs, and where; the exit code is 1 if none does."
    add_subcommand(actions, "status", text, "headrace registry status").set_defaults(func=_status)


def _start(args: argparse.Namespace) -> int:
    if _BACKGROUND.running_at(args.port):
        return _status(args)
    port = args.port or _PORT
    if not is_free(port):
        raise SettingsError(f"port {port} is taken: give --port")
    journal = [] if args.forget else [str(_FOLDER / "schemas.jsonl")]
    command = [sys.executable, "-m", _MODULE, str(port), *journal]
    service = Service(command, _FOLDER / "registry.log", leashed=False)
    service.wait_until(lambda: _answers(port), _STARTUP_SECONDS)
    state = {"port": port, "pid": service.pid, "log": str(service.log)}
    _BACKGROUND.note(state)
    return _status(args)


def _stop(_: argparse.Namespace) -> int:
    state = _BACKGROUND.running()
    if state is None:
        say("no registry of ours is running")
        return 0
    stop_by_pid(state["pid"])
    _BACKGROUND.forget()
    say("stopped")
    return 0


def _status(_: argparse.Namespace) -> int:
    state = _BACKGROUND.running()
    if state is None:
        say("not running")
        return 1
    say(
        f"a schema registry answers at http://127.0.0.1:{state['port']}:"
        f" pid {state['pid']}, log {state['log']}"
    )
    return 0


def _answers(port: int) -> bool:
    import urllib.request  # noqa: PLC0415 - slow, and only for this

    try:
        urllib.request.urlopen(f"http://127.0.0.1:{port}/subjects", timeout=2).close()
    except OSError:
        return False
    return True
