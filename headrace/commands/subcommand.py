"""How a subcommand introduces itself: what it does, and an example."""

import argparse
import textwrap
from typing import Any

Subparsers = argparse._SubParsersAction  # argparse has no public name for it

_WIDTH = 88


def add_subcommand(
    subparsers: "Subparsers[argparse.ArgumentParser]",
    name: str,
    text: str,
    *examples: str,
    details: str = "",
    **options: Any,
) -> argparse.ArgumentParser:
    """Add a subcommand.

    Args:
        subparsers: what it is added to.
        name: its name.
        text: a sentence that says what it does.
        examples: command lines.
        details: further sentences, for its own help.
        options: for argparse.
    """
    return subparsers.add_parser(
        name,
        help=text,
        description=textwrap.fill(f"{text} {details}".strip(), _WIDTH),
        epilog="\n  ".join(("Example:" if len(examples) == 1 else "Examples:", *examples)),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        **options,
    )
