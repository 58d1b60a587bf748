"""The folder of a run, and whose it is: a run goes on only with its own settings."""

import shutil
from pathlib import Path

import msgspec

from headrace.errors import HeadraceError
from training.detector.presets import Recipe

IDENTITY = "run.json"


class RunError(HeadraceError):
    """The folder holds another run."""


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    """What makes two runs the same one: the gate, checked only at the end, is no part of it."""

    recipe: Recipe
    seed: int
    data: str
    """Sha256 of the training data."""
    start: str | None = None
    """Sha256 of the weights that were the start; None: random ones."""


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
        found = msgspec.json.decode(file.read_bytes(), type=Identity)
        if resume and _gateless(found) != _gateless(identity):
            raise RunError(f"{folder} holds a run with other settings or data: cannot resume it")
        if not resume:
            shutil.rmtree(folder)
    elif folder.exists() and any(folder.iterdir()):
        raise RunError(f"{folder} is not empty and holds no run")
    folder.mkdir(parents=True, exist_ok=True)
    file.write_bytes(msgspec.json.format(msgspec.json.encode(identity), indent=2))


def _gateless(identity: Identity) -> Identity:
    recipe = msgspec.structs.replace(identity.recipe, gate=None)
    return msgspec.structs.replace(identity, recipe=recipe)
