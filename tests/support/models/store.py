"""Versions to publish in tests, and publishers that die on the way."""

import io
import os
import signal
import sys
from pathlib import Path
from typing import Any

from headrace.store import durable
from headrace.store.manifest import Description
from headrace.store.publisher import Publisher
from headrace.store.version import Version

FILES = {"model.ubj": b"weights", "variables/data-00000": b"more weights"}
UNSERVED_FILES = {"weights": b"weights", "variables/data-00000": b"more weights"}
MODEL = "tumor"

_CHANGES = {"open", "os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.scandir", "fcntl.flock"}


def description(**changes: Any) -> Description:
    """A description that differs from the others only where asked to."""
    fields = {
        "model": MODEL,
        "input_schema": {"type": "object"},
        "output_schema": {"type": "string"},
        "metrics": {"auc": 0.99},
        "libraries": {"msgspec": ">=0.18,<1"},
        "training_data": "0" * 64,
    }
    return Description(**(fields | changes))


def publish(store: Publisher, number: int, **options: Any) -> Version:
    """Publish a version that has a number for its weights."""
    return store.publish({"model.ubj": b"weights %d" % number}, description(), **options)


def content(version: Version) -> dict[str, bytes]:
    """All files of a version, read as a loader would."""
    return {entry.path: version.read(entry.path) for entry in version.manifest.files}


def version_folder(version: Version) -> Path:
    """Where a version lies."""
    return version.root / version.model / "versions" / version.name


def die_in(action: str, root: Path, step: int, files: dict[str, bytes]) -> None:
    """Runs one of the store's writing actions, and is killed just before its n-th step.

    A step is a system call that opens, makes, renames, removes or syncs something, or takes the
    lock, and each chunk of data that is written.
    """
    store = Publisher(root)
    count = 0

    def die_when_due(event: str, _arguments: object = None) -> None:
        nonlocal count
        if event in _CHANGES or event == "step":
            count += 1
            if count >= step:
                os.kill(os.getpid(), signal.SIGKILL)

    durable._CHUNK = 200  # several chunks even for small files

    def fsync(_descriptor: int) -> None:
        die_when_due("step")

    class Source(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            die_when_due("step")
            return super().read(size)

    os.fsync = fsync
    io.BytesIO = Source
    sys.addaudithook(die_when_due)
    if action == "publish":
        store.publish(files, description())
    elif action == "roll back":
        store.roll_back(MODEL)
    else:
        store.collect(MODEL, keep=1, older_than_seconds=-1)
