"""The folder of a run, and whose it is: a run goes on only with its own settings, and alone."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from headrace.errors import HeadraceError
from headrace.store.collecting import delete
from headrace.store.durable import replace_file
from training.detector.presets import Recipe

IDENTITY = "run.json"


class RunError(HeadraceError):
    """The folder holds another run, or what the run needs of it cannot be had."""


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    """What makes two runs the same one: the gate, checked only at the end, is no part of it."""

    recipe: Recipe
    seed: int
    data: str
    """Sha256 of the training data."""
    start: str | None = None
    """Sha256 of the weights that were the start; None: random ones."""


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Keep other runs out of a folder, which is made if need be; the kernel ends that with us.

    Raises:
        RunError: Another run is at work there.
    """
    folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise RunError(f"{folder}: another run is at work there") from None
        yield
    finally:
        os.close(descriptor)


def enter(folder: Path, identity: Identity, *, resume: bool) -> None:
    """Make the folder ready for a run.

    Args:
        folder: Made if need be.
        identity: Of the run.
        resume: Keep what is there; otherwise it is deleted.

    Raises:
        RunError: To be resumed is another run, or the folder is not empty and not a run's.
    """
    file = folder / IDENTITY
    if file.is_file():
        if resume and _gateless(_read(file)) != _gateless(identity):
            raise RunError(f"{folder} holds a run with other settings or data: cannot resume it")
        for path in [] if resume else list(folder.iterdir()):
            delete(path)
    elif folder.exists() and any(folder.iterdir()):
        raise RunError(f"{folder} is not empty and holds no run")
    folder.mkdir(parents=True, exist_ok=True)
    replace_file(file, msgspec.json.format(msgspec.json.encode(identity), indent=2), folder)


def _read(file: Path) -> Identity:
    try:
        return msgspec.json.decode(file.read_bytes(), type=Identity)
    except msgspec.DecodeError as error:
        raise RunError(f"{file} does not say which run it is: {error}") from None


def _gateless(identity: Identity) -> Identity:
    recipe = msgspec.structs.replace(identity.recipe, gate=None)
    return msgspec.structs.replace(identity, recipe=recipe)
