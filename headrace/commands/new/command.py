"""`headrace new`: write a small project, with its worker, tests, image and stack."""

import argparse
import re
import sys
from pathlib import Path
from typing import get_args

from headrace.commands.new.answers import Answers, Model, Source
from headrace.commands.new.project import files_of, write
from headrace.commands.subcommand import Subparsers, add_subcommand
from headrace.errors import SettingsError

_NAME = re.compile(r"(?=.{1,40}\Z)[a-z](-?[a-z0-9])*")  # fit for a container image and for a stack


def add_parser(subparsers: "Subparsers[argparse.ArgumentParser]") -> None:
    """Describe the subcommand."""
    parser = add_subcommand(
        subparsers,
        "new",
        "Write a small project to begin with.",
        "headrace new shop",
        "headrace new prices --source http --model onnx",
        details="It has a worker, its tests, an image, a stack for AWS, and two commands that work"
        " at once: `make demo` and `make test`. Nothing is asked, and nothing is overwritten.",
    )
    parser.add_argument(
        "name",
        metavar="NAME",
        help="The project's name: lower-case letters, digits and hyphens. Its folder is made here.",
    )
    parser.add_argument(
        "--source",
        choices=get_args(Source),
        default="kafka",
        help="Where records come from. Default: kafka.",
    )
    parser.add_argument(
        "--model",
        choices=get_args(Model),
        default="none",
        help="What runs the worker's model, if it has one. Default: none.",
    )
    parser.set_defaults(func=run)


def run(args: argparse.Namespace) -> int:
    """Write the project, and say what comes next."""
    if not _NAME.fullmatch(args.name):
        raise SettingsError(
            f"{args.name!r} is no name for a project: at most 40 lower-case letters, digits and"
            " single hyphens between them, a letter first"
        )
    files = files_of(Answers(args.name, args.source, args.model))
    write(files, Path(args.name))
    sys.stdout.write(f"{args.name}: {len(files)} files\n\n  cd {args.name}\n  make demo\n")
    return 0
