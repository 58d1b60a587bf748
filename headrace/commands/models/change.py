"""`headrace models verify`, `rollback` and `collect`: which version serves, and which may go."""

import argparse
import math

from headrace import settings
from headrace.commands.models.arguments import SHORT, add_load, add_model, add_version, write
from headrace.commands.models.trying import load_of, tried
from headrace.commands.subcommand import Subparsers, add_subcommand
from headrace.store.model_store import CURRENT
from headrace.store.settings import PublisherSettings, StoreSettings


def add_parsers(commands: "Subparsers[argparse.ArgumentParser]") -> None:
    """Describe the three actions."""
    text = "Read a version whole, check every byte of it, and load it in a process of its own."
    verify = add_subcommand(commands, "verify", text, "headrace models verify tumor 0b167a7c")
    add_version(verify)
    add_load(verify)
    verify.set_defaults(func=_verify)

    text = "Point an alias at the version before, or at another one."
    rollback = add_subcommand(commands, "rollback", text, "headrace models rollback tumor")
    add_model(rollback)
    rollback.add_argument(
        "version",
        metavar="VERSION",
        nargs="?",
        help="The version to point at. Default: the one before the last move.",
    )
    rollback.add_argument("--alias", default=CURRENT, help="The alias to move. Default: current.")
    add_load(rollback)
    rollback.set_defaults(func=_roll_back)

    text = "Delete old versions that no alias stands for."
    collect = add_subcommand(commands, "collect", text, "headrace models collect tumor --keep 5")
    add_model(collect)
    collect.add_argument(
        "--keep", type=int, default=3, help="How many earlier versions to keep. Default: 3."
    )
    collect.add_argument(
        "--older-than",
        type=_seconds,
        default=3600.0,
        metavar="SECONDS",
        help="The least age of a version that is deleted. Default: 3600.",
    )
    collect.set_defaults(func=_collect)


def _seconds(text: str) -> float:
    seconds = float(text)
    if not math.isfinite(seconds):
        raise argparse.ArgumentTypeError(f"{text} is no number of seconds")
    return seconds


def _verify(args: argparse.Namespace) -> int:
    from headrace.store.trial import attempt  # noqa: PLC0415 - only actions that try a version

    configured = settings.read(StoreSettings)
    store = configured.store()
    version = store.verify(args.model, args.version)
    load = load_of(version, args.load)
    seconds = configured.model_trial_seconds
    if load is not None and seconds:
        attempt(load, version, store.verify_key, seconds)
    elif load is not None:
        load(version)
    sizes = [entry.size for entry in version.manifest.files]
    files = "1 file" if len(sizes) == 1 else f"{len(sizes)} files"
    write(
        f"{version.model} {version.name[:SHORT]} is sound:"
        f" {files}, {sum(sizes):,} bytes; {tried(version, args.load)}"
    )
    return 0


def _roll_back(args: argparse.Namespace) -> int:
    publisher = settings.read(PublisherSettings).publisher()
    if args.version is not None:
        name = publisher.resolve(args.model, args.version)
    else:
        name = publisher.alias(args.model, args.alias).rolled_back().version
    load = load_of(publisher.open(args.model, name), args.load)
    if args.version is not None:
        version = publisher.point(args.model, name, args.alias, load=load)
    else:
        version = publisher.roll_back(args.model, args.alias, load=load)
    write(f"{args.model} {args.alias} is now {version.name[:SHORT]}")
    return 0


def _collect(args: argparse.Namespace) -> int:
    publisher = settings.read(PublisherSettings).publisher()
    collected = publisher.collect(args.model, args.keep, args.older_than)
    for name in collected:
        write(f"deleted {args.model} {name[:SHORT]}")
    write(f"{len(collected)} versions deleted")
    return 0
