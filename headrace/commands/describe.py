"""`headrace describe`: what a worker is and what it takes, as JSON."""

import argparse
import inspect
import sys
from typing import Any

from headrace import json_text
from headrace.commands.subcommand import Subparsers, add_subcommand
from headrace.input.declared import worker_input
from headrace.loading import find_handler
from headrace.worker import Worker


def add_parser(subparsers: "Subparsers[argparse.ArgumentParser]") -> None:
    """Describe the subcommand."""
    parser = add_subcommand(
        subparsers,
        "describe",
        "Print what a worker takes.",
        "headrace describe orders",
        "headrace describe app.orders:handler",
        details="The worker is not set up. Its input is a JSON Schema, or null if its class"
        " declares none.",
    )
    parser.add_argument(
        "worker", metavar="WORKER", help="The worker, as MODULE or MODULE:ATTRIBUTE."
    )
    parser.set_defaults(func=run)


def run(args: argparse.Namespace) -> int:
    """Print the description as JSON."""
    text = json_text.encode(describe(find_handler(args.worker).worker_class), indent=True)
    sys.stdout.write(text.decode() + "\n")
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
