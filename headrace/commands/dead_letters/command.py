"""The command line of `headrace dead-letters`, and what only looks: list and show."""

import argparse
from collections.abc import Callable
from contextlib import closing

from headrace import json_text
from headrace.commands.dead_letters.choice import choose, letters_of, say
from headrace.commands.dead_letters.replay import replay
from headrace.commands.dead_letters.view import describe, table
from headrace.commands.subcommand import Subparsers, add_subcommand
from headrace.dead_letters.boxes.base import open_box
from headrace.log import silence_libraries
from headrace.readable import printable


def add_parser(subparsers: "Subparsers[argparse.ArgumentParser]") -> None:
    """Describe `dead-letters list | show | replay`."""
    parser = add_subcommand(
        subparsers,
        "dead-letters",
        "List, show or replay the records that could not be processed.",
        "headrace dead-letters list file:dead.jsonl",
    )
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    for name, func, text, example in (
        ("list", _list, "Print a line for each dead letter.", "list sqs://orders-dead-letters"),
        ("show", _show, "Print all about some dead letters, as JSON.", "show file:dead.jsonl 3f2a"),
        (
            "replay",
            replay,
            "Write records back to where they came from.",
            "replay file:dead.jsonl --error-type KeyError --source orders --dry-run",
        ),
    ):
        action = add_subcommand(actions, name, text, f"headrace dead-letters {example}")
        action.add_argument(
            "url",
            metavar="URL",
            help="The place of the dead letters: file:PATH, kafka://HOSTS/TOPIC, sqs://QUEUE or"
            " s3://BUCKET.",
        )
        if name != "list":
            nargs = "+" if name == "show" else "*"
            action.add_argument("ids", nargs=nargs, metavar="ID", help="The id of a dead letter.")
        if name != "show":
            action.add_argument(
                "--error-type", metavar="NAME", help="Choose dead letters with this type of error."
            )
        action.set_defaults(func=_quietly(func), ids=[], error_type=None)
        if name == "replay":
            _add_replay(action)


def _add_replay(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--all", action="store_true", help="Replay every dead letter.")
    parser.add_argument(
        "--source",
        metavar="NAME",
        action="append",
        default=[],
        help="A topic or a stream that records may be written back to. May be repeated.",
    )
    parser.add_argument(
        "--to", metavar="URL", help="The sink for all records, in place of where they came from."
    )
    parser.add_argument(
        "--keep", action="store_true", help="Remove nothing from the queue or bucket."
    )
    parser.add_argument(
        "--dry-run", action="store_true", help="Say what would be done, and do nothing."
    )


def _quietly(func: Callable[[argparse.Namespace], int]) -> Callable[[argparse.Namespace], int]:
    def run(args: argparse.Namespace) -> int:
        silence_libraries()
        return func(args)

    return run


def _list(args: argparse.Namespace) -> int:
    with closing(open_box(args.url)) as box:
        found = (letter for chunk in choose(box, args) for letter in letters_of(chunk))
        for line in table(found):
            say(line)
    return 0


def _show(args: argparse.Namespace) -> int:
    with closing(open_box(args.url)) as box:
        for chunk in choose(box, args):
            for letter in letters_of(chunk):
                text = json_text.encode(describe(letter), indent=True).decode()
                say(printable(text, keep="\n"))
    return 0
