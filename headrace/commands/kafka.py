"""`headrace kafka`: a real Apache Kafka in the background, for development."""

import argparse
from pathlib import Path

from headrace.commands.background import Background, Running, port_up_to, say
from headrace.commands.subcommand import Subparsers, add_subcommand
from headrace.testing.brokers.jars import check_tools, kafka_version
from headrace.testing.brokers.process import ToolsMissingError, command_of, is_free, stop_by_pid

_FOLDER = Path("var/kafka")
"""What a broker in the background leaves in the working directory: its data, log and number."""

_PORT = 9092
_MOST_PORT = 65_534  # the next one is the controller's


def _is_ours(state: Running) -> bool:
    if state["how"] == "docker":
        return not is_free(state["port"])
    return "kafka.Kafka" in command_of(state["pid"])


_BACKGROUND = Background(_FOLDER / "broker.json", _is_ours)


def add_parser(subparsers: "Subparsers[argparse.ArgumentParser]") -> None:
    """Describe `kafka start|stop|status`."""
    parser = add_subcommand(
        subparsers,
        "kafka",
        "Start or stop a real Apache Kafka for development.",
        "headrace kafka start",
        "headrace kafka stop",
        details="It is one node that listens on loopback. It runs in Docker if a daemon answers,"
        " and otherwise from Kafka's own jars, which Maven brings once, with the Java of this"
        " machine (17 or newer). Topics come into being when they are first named.",
    )
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    start = add_subcommand(
        actions,
        "start",
        "Start a broker in the background.",
        "headrace kafka start --port 19092 --jars",
        details="The data of each port is kept in var/kafka.",
    )
    start.add_argument(
        "--port",
        type=port_up_to(_MOST_PORT),
        help=f"The loopback port. Default: {_PORT}.",
    )
    how = start.add_mutually_exclusive_group()
    for name, text in (
        ("docker", "Run the broker in Docker, even if no daemon answers."),
        ("jars", "Run the broker from its jars, even if Docker is there."),
    ):
        how.add_argument(f"--{name}", action="store_const", const=name, dest="how", help=text)
    start.set_defaults(func=_start)
    text = "Stop the broker that runs in the background; its data stays."
    add_subcommand(actions, "stop", text, "headrace kafka stop").set_defaults(func=_stop)
    text = "Say whether a broker of ours runs, and where; the exit code is 1 if none does."
    add_subcommand(actions, "status", text, "headrace kafka status").set_defaults(func=_status)


def _start(args: argparse.Namespace) -> int:
    if _BACKGROUND.running_at(args.port):
        return _status(args)
    port = args.port or _PORT
    # Imported here, so that the other commands start without Kafka's client.
    from headrace.testing.brokers.apache_kafka import KafkaBroker  # noqa: PLC0415
    from headrace.testing.brokers.compose import ComposeKafka, check_docker  # noqa: PLC0415

    if (args.how or _choose()) == "docker":
        check_docker()
        container = ComposeKafka(port=port, auto_create_topics=True).start()
        state = {"how": "docker", "port": container.port}
    else:
        say(f"starting Apache Kafka {kafka_version()} from its jars (brought once, 45 MB) …")
        broker = KafkaBroker(
            # One folder per port: a KRaft node remembers the addresses it was formatted with.
            _FOLDER / f"data-{port}",
            port=port,
            auto_create_topics=True,
            leashed=False,
        ).start()
        state = {"how": "jars", "port": broker.port, "pid": broker.pid, "log": str(broker.log)}
    _BACKGROUND.note(state)
    return _status(args)


def _stop(_: argparse.Namespace) -> int:
    state = _BACKGROUND.running()
    if state is None:
        say("no Kafka of ours is running")
        return 0
    if state["how"] == "docker":
        from headrace.testing.brokers.compose import ComposeKafka  # noqa: PLC0415

        ComposeKafka(port=state["port"]).stop()
    else:
        stop_by_pid(state["pid"])
    _BACKGROUND.forget()
    say("stopped")
    return 0


def _status(_: argparse.Namespace) -> int:
    state = _BACKGROUND.running()
    if state is None:
        say("not running")
        return 1
    details = ", ".join(f"{name} {state[name]}" for name in ("pid", "log") if name in state)
    say(
        f"Apache Kafka {kafka_version()} answers on 127.0.0.1:{state['port']} ({state['how']})"
        + (f": {details}" if details else "")
    )
    return 0


def _choose() -> str:
    """Docker if its daemon answers, else the jars."""
    from headrace.testing.brokers.compose import check_docker  # noqa: PLC0415

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
