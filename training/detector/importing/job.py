"""Importing a published detector into the model store.

    python -m training.detector.importing.job [SOURCE] [--sha256 DIGEST] [--labels FILE]

SOURCE is a SavedModel as a `.tar.gz`, or a `.tflite` file with its labels: a path, or a URL. The
store and the signing key are those of HEADRACE_MODEL_ROOT and HEADRACE_MODEL_SIGNING_KEY.
"""

import hashlib
import os
import sys
import tempfile
from collections.abc import Sequence
from functools import partial
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

from headrace.errors import HeadraceError
from models.detector.spec import RuntimeName
from training.detector.importing.archive import unpack
from training.detector.importing.fetch import digest, fetch
from training.detector.importing.imported import Imported
from training.detector.importing.labels import read_labels
from training.detector.importing.options import RUNTIMES, parser, raw_options
from training.detector.importing.publish import publish
from training.detector.importing.raw_options import RawOptions
from training.store import open_store

DOWNLOADS = Path("var/downloads")
MAX_DOWNLOAD_BYTES = 1_000_000_000
MAX_UNPACKED_BYTES = 4_000_000_000

_TFLITE_MAGIC = b"TFL3"  # at offset 4


class SourceError(HeadraceError):
    """The source is not what can be imported; the message says what is wrong."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Import as the command line says; returns the exit status."""
    options = parser().parse_args(arguments)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    console = Console(stderr=True, highlight=False)
    try:
        store = open_store(options.model)  # not after minutes of converting
        path = _obtain(options.source, options.sha256, console)
        with _bar(console, TimeElapsedColumn()) as bar:
            task = bar.add_task("check and convert", total=2)
            runtimes = tuple(options.runtime or RUNTIMES)
            imported = import_file(path, options.labels, runtimes, raw_options(options))
            bar.update(task, advance=1, description="publish")
            origin = {"name": options.source.partition("?")[0], "sha256": digest(path)}
            version = publish(store, imported, options.model, origin)
            bar.update(task, advance=1, description="imported")
    except (HeadraceError, OSError) as error:
        console.print(f"error: {error}", soft_wrap=True, markup=False)
        return 1
    for runtime, reason in imported.notes.get("not_converted", {}).items():
        console.print(f"not for {runtime}: {reason}", soft_wrap=True, markup=False)
    sys.stdout.write(f"{version.model} {version.name} served by {imported.spec.runtime}\n")
    return 0


def import_file(
    path: Path,
    labels: Path | None = None,
    runtimes: Sequence[RuntimeName] = RUNTIMES,
    raw: RawOptions | None = None,
) -> Imported:
    """Import a file, whichever of the two kinds it is.

    Args:
        path: A `.tar.gz` with a SavedModel, or a `.tflite` file.
        labels: The label file, which a `.tflite` file needs and a SavedModel does not.
        runtimes: What may serve it, the most wanted first; a `.tflite` file is served by LiteRT.
        raw: How a `.tflite` file without postprocessing is read; None for one that has it.

    Raises:
        SourceError: Neither of the two, without its labels, or for other runtimes.
        ArchiveError: An unsafe archive.
        ContractError: Not a detector that we can serve.
        LabelError: Not a label file.
    """
    with path.open("rb") as file:
        head = file.read(8)
    if head[4:] == _TFLITE_MAGIC:
        if labels is None:
            raise SourceError(f"{path.name} is a TFLite file: give its label file with --labels")
        if "litert" not in runtimes:
            raise SourceError(f"{path.name} is a TFLite file: litert alone serves those")
        from training.detector.importing.tflite import import_tflite  # noqa: PLC0415

        return import_tflite(path.read_bytes(), partial(read_labels, labels), raw)
    if raw is not None:
        raise SourceError(f"{path.name} is no TFLite file: --heads raw is for those")
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


if __name__ == "__main__":
    sys.exit(main())
