"""`headrace models`: look at the model store, roll back, collect old versions, make a key pair."""

import argparse
import os
import sys
from pathlib import Path
from typing import Any

import msgspec

from headrace import settings
from headrace.commands.subcommand import Subparsers, add_subcommand
from headrace.store.aliases import Alias
from headrace.store.errors import StoreError
from headrace.store.model_store import CURRENT, ModelStore
from headrace.store.settings import PublisherSettings, StoreSettings
from headrace.store.version import Version

_SHORT = 12  # digits of a version's name that tell it apart well enough for people


def add_parser(subparsers: "Subparsers[argparse.ArgumentParser]") -> None:
    """Describe the subcommand and its own subcommands."""
    parser = add_subcommand(
        subparsers,
        "models",
        "Look at the model store, roll back and clean it.",
        "headrace models list",
        "headrace models rollback tumor",
        details="The store is the folder that HEADRACE_MODEL_ROOT names. Default: var/models.",
    )
    commands = parser.add_subparsers(required=True, metavar="ACTION")

    text = "List all versions, and the aliases that stand for them."
    listing = add_subcommand(commands, "list", text, "headrace models list tumor --json")
    listing.add_argument(
        "model", metavar="MODEL", nargs="?", help="The model. Default: every model."
    )
    _finish(listing, _list, json=True)

    show = add_subcommand(
        commands, "show", "Show what a version holds.", "headrace models show tumor current"
    )
    _add_version(show)
    _finish(show, _show, json=True)

    text = "Read a version whole and check every byte of it."
    verify = add_subcommand(commands, "verify", text, "headrace models verify tumor 0b167a7c")
    _add_version(verify)
    _finish(verify, _verify)

    text = "Point an alias at the version before, or at another one."
    rollback = add_subcommand(commands, "rollback", text, "headrace models rollback tumor")
    _add_model(rollback)
    rollback.add_argument(
        "version",
        metavar="VERSION",
        nargs="?",
        help="The version to point at. Default: the one before the last move.",
    )
    rollback.add_argument("--alias", default=CURRENT, help="The alias to move. Default: current.")
    _finish(rollback, _roll_back)

    text = "Delete old versions that no alias stands for."
    collect = add_subcommand(commands, "collect", text, "headrace models collect tumor --keep 5")
    _add_model(collect)
    collect.add_argument(
        "--keep", type=int, default=3, help="How many earlier versions to keep. Default: 3."
    )
    collect.add_argument(
        "--older-than",
        type=float,
        default=3600.0,
        metavar="SECONDS",
        help="The least age of a version that is deleted. Default: 3600.",
    )
    _finish(collect, _collect)

    text = "Make a key pair to sign versions with."
    keygen = add_subcommand(commands, "keygen", text, "headrace models keygen signing.pem")
    keygen.add_argument(
        "file",
        metavar="FILE",
        type=Path,
        help="Where the signing key is written. A file that exists is never overwritten.",
    )
    _finish(keygen, _keygen)


def _finish(parser: argparse.ArgumentParser, func: Any, *, json: bool = False) -> None:
    if json:
        parser.add_argument("--json", action="store_true", help="Print JSON.")
    parser.set_defaults(func=func)


def _add_model(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", metavar="MODEL", help="The model.")


def _add_version(parser: argparse.ArgumentParser) -> None:
    _add_model(parser)
    parser.add_argument(
        "version",
        metavar="VERSION",
        nargs="?",
        default=CURRENT,
        help="The version's name, the beginning of it, or an alias. Default: current.",
    )


def _list(args: argparse.Namespace) -> int:
    store = _store()
    models = [args.model] if args.model else store.models()
    rows = [row for model in models for row in _rows(store, model)]
    if args.json:
        _write(_pretty(rows))
    elif rows:
        _write(_table(rows))
    else:
        _write(f"no versions in {store.root}")
    return 0


def _rows(store: ModelStore, model: str) -> list[dict[str, Any]]:
    aliases = store.aliases(model)
    return [
        {"model": model, "version": name, "aliases": _standing_for(name, aliases)}
        | _glance(store, model, name)
        for name in store.versions(model)
    ]


def _standing_for(name: str, aliases: dict[str, Alias]) -> list[str]:
    return [alias for alias, state in aliases.items() if state.version == name]


def _glance(store: ModelStore, model: str, name: str) -> dict[str, Any]:
    try:
        version = store.open(model, name)
    except StoreError as error:  # one bad version must not hide the others
        return {"created": None, "problem": str(error)}
    return {"created": version.manifest.created, "problem": None}


def _table(rows: list[dict[str, Any]]) -> str:
    lines = [("MODEL", "VERSION", "CREATED", "ALIASES", "")]
    for row in rows:
        created, aliases = row["created"] or "?", ",".join(row["aliases"]) or "-"
        problem = f"BAD: {row['problem']}" if row["problem"] else ""
        lines.append((row["model"], row["version"][:_SHORT], created, aliases, problem))
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join("  ".join(map(str.ljust, line, widths)).rstrip() for line in lines)


def _show(args: argparse.Namespace) -> int:
    version = _store().open(args.model, args.version)
    _write(_pretty(version.manifest) if args.json else _description(version))
    return 0


def _description(version: Version) -> str:
    manifest = version.manifest
    lines = [
        f"{version.model} {version.name}",
        f"created        {manifest.created}",
        f"training data  {manifest.training_data}",
        *(f"library        {name} {wanted}" for name, wanted in sorted(manifest.libraries.items())),
        *(f"metric         {name} {value:.6g}" for name, value in sorted(manifest.metrics.items())),
        *(f"file           {entry.path}, {entry.size:,} bytes" for entry in manifest.files),
    ]
    return "\n".join(lines)


def _verify(args: argparse.Namespace) -> int:
    version = _store().verify(args.model, args.version)
    files = version.manifest.files
    size = sum(entry.size for entry in files)
    _write(f"{version.model} {version.name[:_SHORT]} is sound: {len(files)} files, {size:,} bytes")
    return 0


def _roll_back(args: argparse.Namespace) -> int:
    publisher = settings.read(PublisherSettings).publisher()
    if args.version:
        version = publisher.point(args.model, args.version, args.alias)
    else:
        version = publisher.roll_back(args.model, args.alias)
    _write(f"{args.model} {args.alias} is now {version.name[:_SHORT]}")
    return 0


def _collect(args: argparse.Namespace) -> int:
    publisher = settings.read(PublisherSettings).publisher()
    collected = publisher.collect(args.model, args.keep, args.older_than)
    for name in collected:
        _write(f"deleted {args.model} {name[:_SHORT]}")
    _write(f"{len(collected)} versions deleted")
    return 0


def _keygen(args: argparse.Namespace) -> int:
    from headrace.store.signing import SigningKey  # noqa: PLC0415 - only this action needs cryptography

    key = SigningKey.generate()
    try:
        descriptor = os.open(args.file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise StoreError(f"cannot write the signing key: {error}") from error
    with os.fdopen(descriptor, "w") as file:
        file.write(key.pem())
    _write(f"signing key    {args.file}: for publishers only, as HEADRACE_MODEL_SIGNING_KEY")
    _write(f"verifying key  HEADRACE_MODEL_VERIFY_KEY={key.verify_key().text()}")
    return 0


def _store() -> ModelStore:
    return settings.read(StoreSettings).store()


def _pretty(value: Any) -> str:
    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode()


def _write(text: str) -> None:
    sys.stdout.write(text + "\n")
