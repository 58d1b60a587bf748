"""`headrace`: one command, one file per subcommand.

A subcommand's module has `add_parser(subparsers)`, which sets `func`, a function from the parsed
arguments to the exit code. It imports what it works with only when it is called.
"""

import argparse
import os
import sys
import traceback
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn

from headrace import __version__
from headrace.commands.reload import run_reloading
from headrace.errors import HeadraceError, message_of
from headrace.loading_errors import described
from headrace.plan.misspelt import warn_of_misspelt
from headrace.settings import variable
from headrace.standard_streams import output_trouble, prepare

_ABOUT = """\
Headrace brings streams to your code and your models. Write a worker, a class with a
method `process(record)`, once. It runs unchanged on Kafka and Kinesis (run), behind
HTTP (serve), on AWS Lambda, and once by hand (invoke). Nothing is lost, each key is
processed in order, and a record that fails harms no other."""
_EXAMPLES = """\
Examples:
  headrace invoke orders --event order.json
  headrace run orders --kafka localhost:9092 --topic orders
  headrace serve orders --port 8080"""
_COMMANDS = {
    "new": "new.command",
    "run": "run.command",
    "serve": "serve",
    "invoke": "invoke",
    "describe": "describe",
    "produce": "produce",
    "models": "models.command",
    "dead-letters": "dead_letters.command",
    "kafka": "kafka",
    "registry": "registry",
}


class Parser(argparse.ArgumentParser):
    """A parser for `headrace` and each of its subcommands: a mistake is one line."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"allow_abbrev": False} | options)

    def parse_known_args(self, *given: Any, **options: Any) -> Any:
        """Refuse what is unknown where it was said: only that command's help has its flags."""
        found, unknown = super().parse_known_args(*given, **options)
        if unknown:
            self.error(f"unrecognized arguments: {' '.join(unknown)}")
        return found, unknown

    def error(self, message: str) -> NoReturn:
        """Say in one line what is wrong with the command line; exit code 2."""
        self.exit(2, _line(f"{self.prog}: {message}; see {self.prog} --help"))


def parser(only: str | None = None) -> Parser:
    """The command line.

    Args:
        only: the subcommand that is meant: the others are not imported, which is a tenth of a
            second. Anything else: all of them.
    """
    found = Parser(
        prog="headrace",
        description=_ABOUT,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    version = f"headrace {__version__}"
    found.add_argument("--version", action="version", version=version, help="Print the version.")
    subparsers = found.add_subparsers(required=True, metavar="COMMAND")
    for name in (only,) if only in _COMMANDS else _COMMANDS:
        import_module(f"headrace.commands.{_COMMANDS[name]}").add_parser(subparsers)
    return found


def main(argv: Sequence[str] | None = None) -> int:
    """Run one subcommand; an error is one line and exit code 1.

    HEADRACE_LOG_LEVEL=DEBUG adds the trace of an error that does not explain itself.
    """
    prepare()
    arguments = sys.argv[1:] if argv is None else argv
    args = parser(arguments[0] if arguments else None).parse_args(
        arguments, argparse.Namespace(arguments=arguments)
    )
    # boto3 reads but the latter; AWS's other tools, and what runs containers, set the former.
    if region := os.environ.get("AWS_REGION"):
        os.environ.setdefault("AWS_DEFAULT_REGION", region)
    try:
        _check_folder()
        if getattr(args, "reload", False):
            return run_reloading(arguments)
        warn_of_misspelt(os.environ)
        code = int(args.func(args))
        sys.stdout.flush()  # if nobody takes what was said, it has not been said
        return code
    except KeyboardInterrupt:
        return 130
    except HeadraceError as error:
        message = message_of(error)
    except BaseException as error:  # noqa: BLE001 - of whatever a worker calls, SystemExit too
        message = _unexpected(error)
    if isinstance(output_trouble(), BrokenPipeError):
        return 1  # whoever read the output has left, as `head` does: there is nobody to tell
    sys.stderr.write(_line(f"headrace: {message}"))
    return 1


def _check_folder() -> None:
    """Raise HeadraceError if the working directory was removed, which much here depends on."""
    try:
        Path.cwd()
    except FileNotFoundError:
        raise HeadraceError("the working directory is not there any longer") from None


def _line(text: str) -> str:
    """Return text as one line, whatever control characters were in what it quotes."""
    from headrace.readable import printable  # noqa: PLC0415 - only if something is wrong

    return printable(text) + "\n"


def _unexpected(error: BaseException) -> str:
    """Return a line for an error that does not explain itself."""
    if os.environ.get(variable("log_level"), "").upper() == "DEBUG":
        sys.stderr.write("".join(traceback.format_exception(error)))
    if isinstance(error, OSError) and error.filename is not None:
        return f"{os.fsdecode(error.filename)}: {error.strerror}"
    return described(error, [Path.cwd()])
