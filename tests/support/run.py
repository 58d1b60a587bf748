"""The arguments of `headrace run`, parsed."""

import argparse

from headrace.commands.run import command


def parse(*arguments: str) -> argparse.Namespace:
    """What `headrace run` is given on its command line."""
    parser = argparse.ArgumentParser()
    command.add_parser(parser.add_subparsers())
    return parser.parse_args(["run", *arguments])
