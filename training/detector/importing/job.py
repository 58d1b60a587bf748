"""Importing a published detector into the model store.

    python -m training.detector.importing.job [SOURCE] [--sha256 DIGEST] [--labels FILE]

SOURCE is a SavedModel as a `.tar.gz`, or a `.tflite` file with its labels: a path, or a URL. The
store and the signing key are those of HEADRACE_MODEL_ROOT and HEADRACE_MODEL_SIGNING_KEY.
"""

import argparse
import hashlib
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    ProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TransferSpeedColumn,
)

from headrace.errors import SettingsError
from headrace.settings import read
from headrace.store.errors import StoreError
from headrace.store.settings import PublisherSettings
from headrace.store.version import Version
from models.detector.spec import RuntimeName
from training.detector.description import describe
from training.detector.importing.archive import ArchiveError, unpack
from training.detector.importing.fetch import FetchError, digest, fetch
from training.detector.importing.imported import ContractError, Imported
from training.detector.importing.labels import LabelError, parse_labels

# The SSD MobileNetV2 of Open Images V4 (600 classes), where tfhub.dev's models live now.
DEFAULT_SOURCE = (
    "https://www.kaggle.com/api/v1/models/google/mobilenet-v2/tensorFlow1"
    "/openimages-v4-ssd-mobilenet-v2/1/download"
)
DOWNLOADS = Path("var/downloads")
MAX_DOWNLOAD_BYTES = 1_000_000_000
MAX_UNPACKED_BYTES = 4_000_000_000
RUNTIMES: tuple[RuntimeName, ...] = ("litert", "onnxruntime", "tensorflow")

_TFLITE_MAGIC = b"TFL3"  # at offset 4


class SourceError(Exception):
    """The source is not what can be imported; the message says what is wrong."""


_ERRORS = (
    ArchiveError,
    ContractError,
    FetchError,
    LabelError,
    OSError,
    SettingsError,
    SourceError,
    StoreError,
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Import as the command line says; returns the exit status."""
    options = _parser().parse_args(arguments)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    console = Console(stderr=True, highlight=False)
    try:
        path = _obtain(options.source, options.sha256, console)
        with _bar(console, TimeElapsedColumn()) as bar:
            task = bar.add_task("check and convert", total=2)
            imported = import_file(path, options.labels, tuple(options.runtime or RUNTIMES))
            bar.update(task, advance=1, description="publish")
            version = _publish(imported, path, options.source, options.model)
            bar.update(task, advance=1, description="imported")
    except _ERRORS as error:
        console.print(f"error: {error}", soft_wrap=True, markup=False)
        return 1
    for runtime, reason in imported.notes.get("not_converted", {}).items():
        console.print(f"not for {runtime}: {reason}", soft_wrap=True, markup=False)
    sys.stdout.write(f"{version.model} {version.name} served by {imported.spec.runtime}\n")
    return 0


def import_file(
    path: Path, labels: Path | None = None, runtimes: Sequence[RuntimeName] = RUNTIMES
) -> Imported:
    """Import a file, whichever of the two kinds it is.

    Args:
        path: A `.tar.gz` with a SavedModel, or a `.tflite` file.
        labels: The label file, which a `.tflite` file needs and a SavedModel does not.
        runtimes: What may serve a SavedModel, the most wanted first.

    Raises:
        SourceError: Neither of the two, or without its labels.
        ArchiveError: An unsafe archive.
        ContractError: Not a detector that we can serve.
        LabelError: Not a label file.
    """
    with path.open("rb") as file:
        head = file.read(8)
    if head[4:] == _TFLITE_MAGIC:
        if labels is None:
            raise SourceError(f"{path.name} is a TFLite file: give its label file with --labels")
        from training.detector.importing.tflite import import_tflite  # noqa: PLC0415

        return import_tflite(path.read_bytes(), parse_labels(labels.read_text()))
    if not head.startswith(b"\x1f\x8b"):
        raise SourceError(f"{path.name} is neither a .tar.gz nor a .tflite file")
    return _import_archive(path, runtimes)


def _import_archive(path: Path, runtimes: Sequence[RuntimeName]) -> Imported:
    from training.detector.importing.savedmodel import import_savedmodel  # noqa: PLC0415 - TensorFlow

    with tempfile.TemporaryDirectory(prefix="import-") as private:
        unpack(path, Path(private), max_bytes=MAX_UNPACKED_BYTES)
        imported = import_savedmodel(Path(private), runtimes)
        content = {
            name: file if isinstance(file, bytes) else file.read_bytes()
            for name, file in imported.files.items()
        }
        return msgspec.structs.replace(imported, files=content)


def _obtain(source: str, sha256: str | None, console: Console) -> Path:
    if urlsplit(source).scheme not in ("http", "https"):
        path = Path(source)
        if sha256 and digest(path) != sha256.lower():
            raise SourceError(f"{source}: sha256 is {digest(path)}, expected {sha256.lower()}")
        return path
    DOWNLOADS.mkdir(parents=True, exist_ok=True)
    path = DOWNLOADS / hashlib.sha256(source.encode()).hexdigest()[:16]
    with _bar(console, DownloadColumn(), TransferSpeedColumn()) as bar:
        task = bar.add_task("download", total=None)
        fetch(
            source,
            path,
            max_bytes=MAX_DOWNLOAD_BYTES,
            sha256=sha256,
            progress=lambda done, total: bar.update(task, completed=done, total=total),
        )
    return path


def _bar(console: Console, *columns: ProgressColumn) -> Progress:
    return Progress(TextColumn("{task.description}"), BarColumn(), *columns, console=console)


def _publish(imported: Imported, path: Path, source: str, model: str) -> Version:
    settings = read(PublisherSettings)
    origin = {"name": source.partition("?")[0], "sha256": digest(path)}
    description = describe(
        model,
        imported.spec,
        metrics=imported.metrics,
        training_data="",
        attributes={"source": origin, **imported.notes},
    )
    key = settings.signing_key()
    return settings.store().publish(imported.files, description, signing_key=key)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="import_model", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("source", nargs="?", default=DEFAULT_SOURCE, help="path or URL")
    parser.add_argument("--sha256", help="the digest that the source must have")
    parser.add_argument("--labels", type=Path, help="label file of a .tflite: .pbtxt or lines")
    parser.add_argument("--model", default="detector", help="name in the model store")
    parser.add_argument(
        "--runtime",
        action="append",
        choices=RUNTIMES,
        help="serve by this runtime only; repeat in the order of preference",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
