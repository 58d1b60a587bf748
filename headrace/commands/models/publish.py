"""`headrace models publish`: a model of one's own becomes a version that ModelWorker serves."""

import argparse
import math
from contextlib import suppress
from pathlib import Path
from typing import Any

from headrace import json_text, settings
from headrace.commands.models.arguments import SHORT, write
from headrace.commands.subcommand import Subparsers, add_subcommand
from headrace.errors import SettingsError
from headrace.extras import needs
from headrace.runtimes.names import EXTRAS, RUNTIMES, RuntimeName, runtime_for
from headrace.settings import pairs
from headrace.store.model_store import CURRENT
from headrace.store.settings import PublisherSettings
from headrace.whole_file import content

_MOST_BYTES = 1_000_000  # of a card or a schema; both are for people
_MOST_BYTES_OF_SAMPLES = 100_000_000


def add_parser(commands: "Subparsers[argparse.ArgumentParser]") -> None:
    """Describe the action."""
    parser = add_subcommand(
        commands,
        "publish",
        "Publish a model: ONNX, TFLite, XGBoost (UBJSON or JSON), or a SavedModel.",
        "headrace models publish houses model.ubj",
        "headrace models publish iris iris.onnx --golden samples.jsonl --card card.md",
        details="It is loaded in a process of its own first, and answers its golden samples there."
        " What has passed is served by every ModelWorker of that model, without a restart.",
    )
    parser.add_argument("model", metavar="NAME", help="What the model is called.")
    parser.add_argument(
        "files",
        metavar="FILE",
        nargs="+",
        type=_named,
        help="The model's file, and others that belong to it. A SavedModel is a folder.",
    )
    parser.add_argument(
        "--golden",
        metavar="FILE",
        type=Path,
        help='Samples, a JSON object a line: {"input": row, "output": answer}. The version is'
        " served only where it answers them so. An answer that is left out is recorded.",
    )
    parser.add_argument("--card", metavar="FILE", type=Path, help="The model card, in Markdown.")
    parser.add_argument(
        "--input",
        metavar="FILE",
        type=Path,
        help="The JSON Schema of a row. Default: what the model itself says that it takes.",
    )
    parser.add_argument(
        "--runtime",
        choices=RUNTIMES,
        help="What runs the model. Default: as the file's name says; never tensorflow.",
    )
    parser.add_argument(
        "--signature",
        metavar="NAME",
        help="The signature of a SavedModel that serves. Default: serving_default.",
    )
    parser.add_argument(
        "--metric",
        metavar="NAME=VALUE",
        action="append",
        default=[],
        help="A figure for the manifest, such as auc=0.98; may be given again.",
    )
    parser.add_argument(
        "--tolerance",
        type=float,
        default=1e-3,
        help="How far a number may lie from its golden sample, absolutely or by that part of it."
        " Default: 0.001.",
    )
    parser.add_argument(
        "--alias", default=CURRENT, help="What to point at the version. Default: current."
    )
    parser.set_defaults(func=_publish)


def _publish(args: argparse.Namespace) -> int:
    try:
        from headrace.inference.publishing import publish  # noqa: PLC0415 - NumPy
    except ModuleNotFoundError as error:
        raise needs(EXTRAS[args.runtime or _runtime_of(args.files)], error) from None

    publisher = settings.read(PublisherSettings).publisher()
    version = publish(
        publisher,
        args.model,
        args.files,
        runtime=args.runtime,
        signature=args.signature,
        schema=_schema(args.input),
        samples=_content(args.golden, _MOST_BYTES_OF_SAMPLES),
        card=_content(args.card),
        metrics=_metrics(args.metric),
        tolerance=args.tolerance,
        alias=args.alias,
    )
    write(f"{version.model} {args.alias} is now {version.name[:SHORT]}")
    if not args.golden:
        write("no golden samples: nothing proves that it answers right where it is served")
    return 0


def _named(text: str) -> Path:
    """Return a path; the empty one, of a variable that is not set, would be this very folder."""
    if not text:
        raise argparse.ArgumentTypeError("the name of a file is empty")
    return Path(text)


def _runtime_of(paths: list[Path]) -> RuntimeName:
    found = (runtime_for(path.name) for path in paths)
    return next((name for name in found if name), "onnxruntime")


def _content(path: Path | None, most: int = _MOST_BYTES) -> bytes | None:
    return None if path is None else content(path, most)


def _schema(path: Path | None) -> dict[str, Any] | None:
    text = _content(path)
    if text is None:
        return None
    try:
        schema = json_text.decode(text)
    except json_text.JsonError as error:
        raise SettingsError(f"{path}: {error}") from None
    if not isinstance(schema, dict):
        raise SettingsError(f"{path}: not a JSON Schema")
    return schema


def _metrics(texts: list[str]) -> dict[str, float]:
    return {name: _figure(name, text) for name, text in pairs("--metric", texts).items()}


def _figure(name: str, text: str) -> float:
    with suppress(ValueError):
        if math.isfinite(value := float(text)):
            return value
    raise SettingsError(f"--metric: {name}={text}: {text!r} is no number")
