"""`headrace models list` and `show`: what the store holds."""

import argparse
from typing import Any

import msgspec

from headrace import settings
from headrace.commands.models.arguments import SHORT, add_version, write
from headrace.commands.subcommand import Subparsers, add_subcommand
from headrace.readable import printable
from headrace.store.aliases import Alias
from headrace.store.errors import StoreError
from headrace.store.model_store import ModelStore
from headrace.store.settings import StoreSettings
from headrace.store.version import Version


def add_parsers(commands: "Subparsers[argparse.ArgumentParser]") -> None:
    """Describe the two actions."""
    text = "List all versions, and the aliases that stand for them."
    listing = add_subcommand(commands, "list", text, "headrace models list tumor --json")
    listing.add_argument(
        "model", metavar="MODEL", nargs="?", help="The model. Default: every model."
    )
    listing.add_argument("--json", action="store_true", help="Print JSON.")
    listing.set_defaults(func=_list)

    text = "Show what a version holds."
    show = add_subcommand(commands, "show", text, "headrace models show tumor current")
    add_version(show)
    show.add_argument("--json", action="store_true", help="Print JSON.")
    show.set_defaults(func=_show)


def _list(args: argparse.Namespace) -> int:
    store = _store()
    models = [args.model] if args.model else store.models()
    rows = [row for model in models for row in _rows(store, model)]
    if args.json:
        write(_pretty(rows))
    elif rows:
        write(_table(rows))
    else:
        write(f"no versions {f'of {args.model} ' if args.model else ''}in {store.root}")
    return 0


def _rows(store: ModelStore, model: str) -> list[dict[str, Any]]:
    aliases: dict[str, Alias] = {}
    rows: list[dict[str, Any]] = []
    try:
        aliases = store.aliases(model)
    except StoreError as error:  # one bad alias must not hide the versions, nor other models
        shown = {"model": model, "version": "?", "created": None, "problem": str(error)}
        rows.append({**shown, "aliases": []})
    return rows + [
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
    lines: list[tuple[str, ...]] = [("MODEL", "VERSION", "CREATED", "ALIASES", "")]
    for row in rows:
        created, aliases = row["created"] or "?", ",".join(row["aliases"]) or "-"
        problem = f"BAD: {row['problem']}" if row["problem"] else ""
        cells = (row["model"], row["version"][:SHORT], created, aliases, problem)
        lines.append(tuple(map(printable, cells)))
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join("  ".join(map(str.ljust, line, widths)).rstrip() for line in lines)


def _show(args: argparse.Namespace) -> int:
    version = _store().open(args.model, args.version)
    write(_pretty(version.manifest) if args.json else _description(version))
    return 0


def _description(version: Version) -> str:
    manifest = version.manifest
    lines = [
        f"{version.model} {version.name}",
        f"created        {manifest.created}",
        f"training data  {manifest.training_data or '-'}",
        *(f"library        {name} {wanted}" for name, wanted in sorted(manifest.libraries.items())),
        *(f"metric         {name} {value:.6g}" for name, value in sorted(manifest.metrics.items())),
        *(f"file           {entry.path}, {entry.size:,} bytes" for entry in manifest.files),
    ]
    return "\n".join(map(printable, lines))


def _store() -> ModelStore:
    return settings.read(StoreSettings).store()


def _pretty(value: Any) -> str:
    text = msgspec.json.format(msgspec.json.encode(value), indent=2).decode()
    return printable(text, keep="\n")
