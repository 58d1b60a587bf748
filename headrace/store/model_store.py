"""Reading versions of models on a mounted file system: resolve a reference, open, verify.

    <root>/<model>/versions/<name>/   manifest.json, manifest.sig and the files; never changes
    <root>/<model>/aliases/<alias>    a small file that says which version the alias stands for
    <root>/<model>/staging/           what is being written, or is about to be deleted
    <root>/<model>/lock               held by whoever renames; readers do not need it

A version is written in staging, synced, and renamed to its place in one step; the alias moves in
one more. Whoever reads sees the old version or the new one, whenever the writer dies.
"""

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from headrace.store import aliases
from headrace.store.aliases import MAX_ALIAS_BYTES, Alias, check_name, is_name
from headrace.store.errors import StoreError, VersionNotFoundError
from headrace.store.safe_read import again, read_file
from headrace.store.version import Version

if TYPE_CHECKING:  # keeps `cryptography` out of a process that has no key
    from headrace.store.signing import VerifyKey

T = TypeVar("T")

CURRENT = "current"
_NAME = re.compile(r"[0-9a-f]{64}")
_PREFIX = re.compile(r"[0-9a-f]{6,63}")


class ModelStore:
    """Versions of models below one folder, for readers.

    Args:
        root: The folder, mounted or local.
        verify_key: Who must have signed every manifest; None: signatures are not checked.
    """

    def __init__(self, root: Path, verify_key: "VerifyKey | None" = None) -> None:
        self.root = root
        self.verify_key = verify_key

    def open(self, model: str, reference: str = CURRENT) -> Version:
        """Open a version for reading; its manifest is verified here, each file as it is read.

        Args:
            model: The model's name.
            reference: An alias, a version's name, or the first six digits of one or more.

        Raises:
            VersionNotFoundError: No such model, alias or version.
            VersionCorruptError: The version is not what its manifest, or its name, says.
            SignatureError: The manifest is not signed by the configured key.
        """
        return self._opened(model, reference, Version.check_names)

    def verify(self, model: str, reference: str = CURRENT) -> Version:
        """Open a version and read all of it.

        Raises:
            VersionNotFoundError: No such model, alias or version.
            VersionCorruptError: Names all extra, missing and changed files.
            SignatureError: The manifest is not signed by the configured key.
        """
        return self._opened(model, reference, Version.verify)

    def resolve(self, model: str, reference: str = CURRENT) -> str:
        """Return the name of the version that a reference stands for now: one small read.

        Raises:
            VersionNotFoundError: No such model, alias or version.
            VersionCorruptError: The alias file is not one.
        """
        return self._again(model, reference, lambda: self._resolve(model, reference))

    def alias(self, model: str, alias: str = CURRENT) -> Alias:
        """Return what an alias stands for, and stood for before.

        Raises:
            VersionNotFoundError: No such model or alias.
            VersionCorruptError: The alias file is not one.
        """
        return self._again(model, alias, lambda: self._alias(model, alias))

    def models(self) -> list[str]:
        """Return the names of all models in the store, sorted; what is no name is no model.

        Raises:
            StoreError: the root is there but is no folder.
        """
        if self.root.exists() and not self.root.is_dir():
            raise StoreError(f"the model store {self.root} is no folder")
        names = (path.parent.name for path in self.root.glob("*/versions"))
        return sorted(name for name in names if is_name(name))

    def versions(self, model: str) -> list[str]:
        """Return the names of all versions of a model, the latest made first."""
        check_name(model, "a model")
        folders = [path for path in (self.root / model / "versions").glob("*") if _is_version(path)]
        return [path.name for path in sorted(folders, key=changed, reverse=True)]

    def aliases(self, model: str) -> dict[str, Alias]:
        """Return all aliases of a model by name; what is no name is no alias."""
        check_name(model, "a model")
        paths = sorted((self.root / model / "aliases").glob("*"))
        return {path.name: self.alias(model, path.name) for path in paths if is_name(path.name)}

    def _opened(self, model: str, reference: str, check: Callable[[Version], None]) -> Version:
        def attempt() -> Version:
            name = self._resolve(model, reference)
            version = Version.load(self.root, model, name, self.verify_key)
            check(version)
            return version

        return self._again(model, reference, attempt)

    def _resolve(self, model: str, reference: str) -> str:
        if _NAME.fullmatch(reference):
            return reference
        try:
            return self._alias(model, reference).version
        except FileNotFoundError:
            if not _PREFIX.fullmatch(reference):
                raise
        matches = [name for name in self.versions(model) if name.startswith(reference)]
        if len(matches) > 1:
            raise VersionNotFoundError(f"{reference} stands for {len(matches)} versions of {model}")
        return matches[0] if matches else reference

    def _alias(self, model: str, alias: str) -> Alias:
        path = f"{check_name(model, 'a model')}/aliases/{check_name(alias, 'an alias')}"
        return aliases.parse(read_file(self.root, path, MAX_ALIAS_BYTES), path)

    def _again(self, model: str, reference: str, attempt: Callable[[], T]) -> T:
        check_name(model, "a model")
        try:
            return again(attempt)
        except FileNotFoundError as error:
            raise VersionNotFoundError(self._absent(model, reference)) from error
        except OSError as error:
            raise StoreError(f"cannot read {model} {reference}: {error}") from error

    def _absent(self, model: str, reference: str) -> str:
        if reference != CURRENT and (self.root / model).is_dir():
            return f"no {model} {reference} in {self.root}"
        return (
            f"no version of {model} is {reference} in {self.root}:"
            f" publish one with `headrace models publish {model} FILE`"
        )


def changed(path: Path) -> float:
    """Return when a file or folder was last changed, in seconds since the epoch."""
    try:
        return path.lstat().st_mtime
    except FileNotFoundError:  # its writer finished while we looked
        return time.time()


def _is_version(path: Path) -> bool:
    return _NAME.fullmatch(path.name) is not None
