"""`headrace`: one command, one file per subcommand.

A subcommand's module has `add_parser(subparsers)`, which sets `func`, a function from the parsed
arguments to the exit code. It imports what it works with only when it is called.
"""

import argparse
import sys
from collections.abc import Sequence

from demo import __main__ as demo_command
from headrace.commands import (
    dead_letters as dead_letters_command,
)
from headrace.commands import (
    invoke as invoke_command,
)
from headrace.commands import (
    kafka as kafka_command,
)
from headrace.commands import (
    models as models_command,
)
from headrace.commands import (
    produce as produce_command,
)
from headrace.commands import (
    serve as serve_command,
)
from headrace.commands.run import command as run_command
from headrace.errors import HeadraceError
from training import __main__ as train_command

_COMMANDS = (
    run_command,
    produce_command,
    invoke_command,
    serve_command,
    train_command,
    models_command,
    kafka_command,
    dead_letters_command,
    demo_command,
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one subcommand; errors that explain themselves are one line and exit code 1."""
    parser = argparse.ArgumentParser(prog="headrace", description=__doc__.splitlines()[0])
    subparsers = parser.add_subparsers(required=True, metavar="COMMAND")
    for command in _COMMANDS:
        command.add_parser(subparsers)
    args = parser.parse_args(argv)
    try:
        return int(args.func(args))
    except (HeadraceError, OSError) as error:
        sys.stderr.write(f"headrace: {error}\n")
        return 1
    except KeyboardInterrupt:
        return 130
