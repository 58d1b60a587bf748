"""What several actions of `headrace models` take, and how they print."""

import argparse
import sys

from headrace.store.model_store import CURRENT

SHORT = 12  # digits of a version's name that tell it apart well enough for people


def add_model(parser: argparse.ArgumentParser) -> None:
    """Take the name of a model."""
    parser.add_argument("model", metavar="MODEL", help="The model.")


def add_version(parser: argparse.ArgumentParser) -> None:
    """Take the name of a model and a version of it."""
    add_model(parser)
    parser.add_argument(
        "version",
        metavar="VERSION",
        nargs="?",
        default=CURRENT,
        help="The version's name, the beginning of it, or an alias. Default: current.",
    )


def add_load(parser: argparse.ArgumentParser) -> None:
    """Take the function that a worker loads the model with."""
    parser.add_argument(
        "--load",
        metavar="MODULE:FUNCTION",
        help="The function or class method that a worker loads the version with, such as"
        " app.models:Houses.load. Default: what ModelWorker does.",
    )


def write(text: str) -> None:
    """Print a line."""
    sys.stdout.write(text + "\n")
