"""`headrace models`: publish a model, look at the store, roll back, clean it, make a key pair."""

import argparse

from headrace.commands.models import change, keys, publish, show
from headrace.commands.subcommand import Subparsers, add_subcommand


def add_parser(subparsers: "Subparsers[argparse.ArgumentParser]") -> None:
    """Describe the subcommand and its own subcommands."""
    parser = add_subcommand(
        subparsers,
        "models",
        "Publish a model, look at the model store, roll back and clean it.",
        "headrace models publish houses model.onnx --golden samples.jsonl",
        "headrace models list",
        "headrace models rollback houses",
        details="The store is the folder that HEADRACE_MODEL_ROOT names. Default: var/models.",
    )
    commands = parser.add_subparsers(required=True, metavar="ACTION")
    publish.add_parser(commands)
    show.add_parsers(commands)
    change.add_parsers(commands)
    keys.add_parser(commands)
