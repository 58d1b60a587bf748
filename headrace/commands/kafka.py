"""`headrace kafka`: a real Apache Kafka in the background, for development."""

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from headrace.testing.brokers.apache_kafka import KafkaBroker
from headrace.testing.brokers.compose import ComposeKafka, check_docker
from headrace.testing.brokers.jars import VAR, check_tools, kafka_version
from headrace.testing.brokers.process import (
    BrokerError,
    ToolsMissingError,
    command_of,
    is_free,
    stop_by_pid,
)

_Command = Callable[[argparse.Namespace], int]


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds `kafka start|stop|status`."""
    parser = subparsers.add_parser("kafka", help="start or stop a real Apache Kafka")
    actions = parser.add_subparsers(required=True, metavar="action")
    start = actions.add_parser("start", help="start one in the background")
    start.add_argument("--port", type=_port, default=9092, help="loopback port (default: 9092)")
    how = start.add_mutually_exclusive_group()
    how.add_argument("--docker", action="store_const", const="docker", dest="how")
    how.add_argument("--jars", action="store_const", const="jars", dest="how")
    start.set_defaults(func=_told(_start))
    stop = actions.add_parser("stop", help="stop it; its data stays")
    stop.set_defaults(func=_told(_stop))
    status = actions.add_parser("status", help="say whether it runs, and where")
    status.set_defaults(func=_told(_status))


def _told(command: _Command) -> _Command:
    """Makes a failure of a command one clear message on stderr and status 1."""

    def run(args: argparse.Namespace) -> int:
        try:
            return command(args)
        except BrokerError as error:
            sys.stderr.write(f"headrace kafka: {error}\n")
            return 1

    return run


def _port(text: str) -> int:
    port = int(text)
    if not 0 < port < 65535:  # the next one is the controller's
        raise argparse.ArgumentTypeError(f"{port} is not a port between 1 and 65534")
    return port


def _start(args: argparse.Namespace) -> int:
    if _running():
        return _status(args)
    if (args.how or _choose()) == "docker":
        check_docker()
        container = ComposeKafka(port=args.port, auto_create_topics=True).start()
        state = {"how": "docker", "port": container.port}
    else:
        _say(f"starting Apache Kafka {kafka_version()} from its jars (brought once, 45 MB) …")
        broker = KafkaBroker(
            # One folder per port: a KRaft node remembers the addresses it was formatted with.
            VAR / f"data-{args.port}",
            port=args.port,
            auto_create_topics=True,
            leashed=False,
        ).start()
        state = {"how": "jars", "port": broker.port, "pid": broker.pid, "log": str(broker.log)}
    VAR.mkdir(parents=True, exist_ok=True)
    _note().write_text(json.dumps(state))
    return _status(args)


def _stop(_: argparse.Namespace) -> int:
    state = _running()
    if state is None:
        _say("no Kafka of ours is running")
        return 0
    if state["how"] == "docker":
        ComposeKafka(port=state["port"]).stop()
    else:
        stop_by_pid(state["pid"])
    _note().unlink()
    _say("stopped")
    return 0


def _status(_: argparse.Namespace) -> int:
    state = _running()
    if state is None:
        _say("not running")
        return 1
    details = ", ".join(f"{name} {state[name]}" for name in ("pid", "log") if name in state)
    _say(
        f"Apache Kafka {kafka_version()} answers on 127.0.0.1:{state['port']} ({state['how']})"
        + (f": {details}" if details else "")
    )
    return 0


def _choose() -> str:
    """Docker where its daemon answers, else the jars."""
    try:
        check_docker()
    except ToolsMissingError:
        pass
    else:
        return "docker"
    try:
        check_tools()
    except ToolsMissingError as error:
        raise ToolsMissingError(
            f"{error}; install Docker, or Java 17 or newer and Maven "
            "(Debian: apt-get install default-jre-headless maven)"
        ) from None
    return "jars"


def _note() -> Path:
    """The file in which `start` notes what it started, for `stop` and `status`."""
    return VAR / "broker.json"


def _running() -> dict[str, Any] | None:
    """What `start` noted, if that broker still lives; the note of a dead one is removed."""
    note = _note()
    if not note.exists():
        return None
    state: dict[str, Any] = json.loads(note.read_text())
    if state["how"] == "docker":
        alive = not is_free(state["port"])
    else:
        # The process number may meanwhile be another program's.
        alive = "kafka.Kafka" in command_of(state["pid"])
    if alive:
        return state
    note.unlink()
    return None


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
