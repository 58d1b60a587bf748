"""The folder of one model, as its publishers change it: one at a time, and never through a link."""

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from headrace.store.aliases import Alias, check_name
from headrace.store.durable import locked, make_folder, replace_file
from headrace.store.errors import StoreError, VersionNotFoundError

_LOCK_SECONDS = 60.0


class ModelFolder:
    """Where a model's versions, aliases and scratch files lie.

    Args:
        root: The store's folder.
        model: The model's name.

    Raises:
        StoreError: The name is not one, or there is a link or a file where the store has a folder:
            whoever may write to the mount must not lead a publisher to write elsewhere.
    """

    def __init__(self, root: Path, model: str) -> None:
        self._root = root
        self._model = check_name(model, "a model")
        self._folder = root / model
        self.versions = self._folder / "versions"
        self.aliases = self._folder / "aliases"
        self.staging = self._folder / "staging"
        for path in (self._folder, self.versions, self.aliases, self.staging):
            if path.is_symlink() or (os.path.lexists(path) and not path.is_dir()):
                raise StoreError(f"a link or file where the store has a folder: {path}")

    def make(self) -> None:
        """Make the folders that are missing."""
        for path in (self.versions, self.aliases, self.staging):
            make_folder(path)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Keep all other publishers of this model out.

        Raises:
            VersionNotFoundError: There is no such model.
            StoreError: Another publisher was at work for a minute, or the disk refused something.
        """
        if not self._folder.is_dir():
            raise VersionNotFoundError(f"no model {self._model} in {self._root}")
        try:
            with locked(self._folder / "lock", _LOCK_SECONDS):
                yield
        except OSError as error:
            raise StoreError(f"cannot write to {self._folder}: {error}") from error

    def scratch(self) -> Path:
        """Return a new path that nothing lies at, on the same file system as the versions."""
        return self.staging / uuid.uuid4().hex

    def replace(self, target: Path, content: bytes) -> None:
        """Put a file in place in one step."""
        replace_file(target, content, self.staging)

    def write_alias(self, alias: str, state: Alias) -> None:
        """Put an alias in place in one step."""
        self.replace(self.aliases / alias, msgspec.json.encode(state))
