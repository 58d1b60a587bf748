"""`headrace describe`: what a worker is and what it takes, as JSON."""

import argparse
import inspect
import os
import sys
from typing import Any

from headrace import json_text
from headrace.commands.subcommand import Subparsers, add_subcommand
from headrace.errors import SettingsError
from headrace.input.declared import worker_input
from headrace.kafka.brokers import wrong_brokers
from headrace.loading import find_handler
from headrace.names import is_topic
from headrace.settings import variable
from headrace.worker import Worker


def add_parser(subparsers: "Subparsers[argparse.ArgumentParser]") -> None:
    """Describe the subcommand."""
    parser = add_subcommand(
        subparsers,
        "describe",
        "Print what a worker takes.",
        "headrace describe orders",
        "headrace describe app.orders:handler",
        "headrace describe orders --asyncapi --topic orders --kafka localhost:9092",
        details="The worker is not set up. Its input is a JSON Schema, or null if its class"
        " declares none.",
    )
    parser.add_argument(
        "worker", metavar="WORKER", help="The worker, as MODULE or MODULE:ATTRIBUTE."
    )
    parser.add_argument(
        "--asyncapi",
        action="store_true",
        help="Print an AsyncAPI 3 document: what it reads, and what it writes to Kafka. Its other"
        " settings are those of the variables.",
    )
    parser.add_argument("--topic", metavar="TOPIC", help="The topic that it reads, for --asyncapi.")
    parser.add_argument(
        "--kafka", metavar="HOST:PORT", help="The brokers of the topic, for --asyncapi."
    )
    parser.set_defaults(func=run)


def run(args: argparse.Namespace) -> int:
    """Print the description as JSON."""
    if not args.asyncapi and (args.topic or args.kafka):
        raise SettingsError("--topic and --kafka go with --asyncapi")
    handler = find_handler(args.worker)
    kind = handler.worker_class
    found = _asyncapi(args, handler.settings, kind) if args.asyncapi else describe(kind)
    sys.stdout.write(json_text.encode(found, indent=True).decode() + "\n")
    return 0


def describe(kind: type[Worker]) -> dict[str, Any]:
    """Return a worker's name, the first line of its docstring, and the JSON Schema of its input."""
    declared = worker_input(kind, Worker)
    about = inspect.cleandoc(vars(kind).get("__doc__") or "").partition("\n")[0]
    return {
        "worker": kind.__name__,
        "module": kind.__module__,
        "about": about,
        "input": None if declared is None else declared.schema(),
    }


def _asyncapi(args: argparse.Namespace, settings: Any, kind: type[Worker]) -> dict[str, Any]:
    from headrace.commands.asyncapi import Place, document  # noqa: PLC0415 - if it is asked for

    told = {name: os.environ.get(variable(name)) or None for name in _OF_THE_PLACE}
    protocol, signs_in = told["security_protocol"], told["sasl_mechanism"]
    is_secure = protocol.upper().endswith("SSL") if protocol else signs_in is not None
    brokers, topic = args.kafka or told["bootstrap_servers"], args.topic or told["topic"]
    if brokers and (wrong := wrong_brokers(brokers)):
        raise SettingsError(f"--kafka: {wrong}")
    if topic and not is_topic(topic):
        raise SettingsError(f"--topic: {topic!r} is no name of a topic")
    return document(kind, settings, Place(topic, brokers, is_secure))


_OF_THE_PLACE = ("topic", "bootstrap_servers", "security_protocol", "sasl_mechanism")
