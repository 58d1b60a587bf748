"""`headrace demo`: the main job from end to end, with nothing but Python."""

import argparse


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the subcommand."""
    parser = subparsers.add_parser("demo", help="train, produce, classify, account: in one go")
    parser.set_defaults(func=run)


def run(args: argparse.Namespace) -> int:
    """Return 0 only if every step succeeded and every produced record is accounted for."""
    del args
    from demo.steps import main  # noqa: PLC0415 - it imports nearly everything

    return main()
