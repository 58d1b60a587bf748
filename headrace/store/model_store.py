"""Versions of models on a mounted file system: publish, open, verify, point, roll back, collect.

    <root>/<model>/versions/<name>/   manifest.json, manifest.sig and the files; never changes
    <root>/<model>/aliases/<alias>    a small file that says which version the alias stands for
    <root>/<model>/staging/           what is being written, or is about to be deleted
    <root>/<model>/lock               held by whoever renames; readers do not need it

A version is written in staging, synced, and renamed to its place in one step; the alias moves in
one more. Whoever reads sees the old version or the new one, whenever the writer dies.
"""

import logging
import os
import re
import shutil
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import msgspec

from headrace.store import aliases
from headrace.store.aliases import MAX_ALIAS_BYTES, Alias, check_name
from headrace.store.durable import locked, make_folder, move, replace_file
from headrace.store.errors import StoreError, VersionCorruptError, VersionNotFoundError
from headrace.store.manifest import MANIFEST, MAX_MANIFEST_BYTES, SIGNATURE, Description
from headrace.store.safe_read import again, read_file
from headrace.store.staging import stage
from headrace.store.version import Version

if TYPE_CHECKING:  # keeps `cryptography` out of a process that has no key
    from headrace.store.signing import SigningKey, VerifyKey

__all__ = ["CURRENT", "ModelStore", "StoreError", "Version"]

T = TypeVar("T")

CURRENT = "current"
_NAME = re.compile(r"[0-9a-f]{64}")
_PREFIX = re.compile(r"[0-9a-f]{6,63}")
_LOCK_PATIENCE = 60.0
_HOUR = 3600.0
_STALE = 24 * _HOUR  # no publisher takes longer over one version

_log = logging.getLogger(__name__)


class ModelStore:
    """Versions of models below one folder.

    Args:
        root: The folder, mounted or local.
        verify_key: Who must have signed every manifest; None: signatures are not checked.
    """

    def __init__(self, root: Path, verify_key: "VerifyKey | None" = None) -> None:
        self.root = root
        self._verify_key = verify_key
        if verify_key is None:
            _log.warning("model signatures are not checked: no verifying key is configured")

    def publish(
        self,
        files: Mapping[str, bytes | Path],
        description: Description,
        *,
        signing_key: "SigningKey | None" = None,
        alias: str | None = CURRENT,
    ) -> Version:
        """Makes a version of these files, and points an alias at it.

        Publishing the same content again gives the same version, and mends it if it was damaged.

        Args:
            files: Content, or a plain file that holds it, by path inside the version.
            description: What the publisher says about the version.
            signing_key: Signs the manifest.
            alias: What to point at the version; None to point at nothing yet.

        Raises:
            PublishError: Names the file or field that cannot be published.
            SignatureError: The store checks signatures, and this key is not the one it trusts.
            StoreError: A bad name, or another process holds the lock.
        """
        model = check_name(description.model, "a model")
        if alias is not None:
            check_name(alias, "an alias")
        if self._verify_key is not None:
            self._verify_key.check_signer(signing_key)
        staged = self._scratch(model)
        try:
            for part in ("versions", "aliases", "staging"):
                make_folder(self.root / model / part)
            name = stage(staged, files, description, signing_key).name
            with self._writing(model):
                self._install(model, name, staged, signing_key)
                if alias is not None:
                    self._move_alias(model, alias, name)
                return self.open(model, name)
        except OSError as error:
            raise StoreError(f"cannot publish {model}: {error}") from error
        finally:
            shutil.rmtree(staged, ignore_errors=True)

    def open(self, model: str, reference: str = CURRENT) -> Version:
        """Opens a version for reading; its manifest is verified here, each file as it is read.

        Args:
            model: The model's name.
            reference: An alias, a version's name, or the first six digits of one or more.

        Raises:
            VersionNotFoundError: No such model, alias or version.
            VersionCorruptError: The version is not what its manifest, or its name, says.
            SignatureError: The manifest is not signed by the configured key.
        """

        def attempt() -> Version:
            version = self._load(model, self._resolve(model, reference))
            version.check_names()
            return version

        return self._again(model, reference, attempt)

    def verify(self, model: str, reference: str = CURRENT) -> Version:
        """Opens a version and reads all of it.

        Raises:
            VersionNotFoundError: No such model, alias or version.
            VersionCorruptError: Names all extra, missing and changed files.
            SignatureError: The manifest is not signed by the configured key.
        """

        def attempt() -> Version:
            version = self._load(model, self._resolve(model, reference))
            version.verify()
            return version

        return self._again(model, reference, attempt)

    def resolve(self, model: str, reference: str = CURRENT) -> str:
        """The name of the version that a reference stands for now: one small read.

        Raises:
            VersionNotFoundError: No such model, alias or version.
            VersionCorruptError: The alias file is not one.
        """
        return self._again(model, reference, lambda: self._resolve(model, reference))

    def alias(self, model: str, alias: str = CURRENT) -> Alias:
        """What an alias stands for, and stood for before.

        Raises:
            VersionNotFoundError: No such model or alias.
            VersionCorruptError: The alias file is not one.
        """
        return self._again(model, alias, lambda: self._alias(model, alias))

    def models(self) -> list[str]:
        """The names of all models in the store, sorted."""
        return sorted(path.parent.name for path in self.root.glob("*/versions"))

    def versions(self, model: str) -> list[str]:
        """The names of all versions of a model, the latest made first."""
        check_name(model, "a model")
        folders = [path for path in (self.root / model / "versions").glob("*") if _is_version(path)]
        return [path.name for path in sorted(folders, key=_changed, reverse=True)]

    def aliases(self, model: str) -> dict[str, Alias]:
        """All aliases of a model by name."""
        check_name(model, "a model")
        paths = sorted((self.root / model / "aliases").glob("*"))
        return {path.name: self.alias(model, path.name) for path in paths}

    def point(self, model: str, reference: str, alias: str = CURRENT) -> Version:
        """Points an alias at a version, after reading all of it.

        Raises:
            StoreError: As in `verify`; the alias then stays where it was.
        """
        check_name(alias, "an alias")
        with self._writing(model):
            version = self.verify(model, reference)
            self._move_alias(model, alias, version.name)
        return version

    def roll_back(self, model: str, alias: str = CURRENT) -> Version:
        """Points an alias at the version before, after reading all of it.

        Rolling back twice goes two versions back; to go forward again, `point`.

        Raises:
            StoreError: There is none before, or it is not sound; the alias then stays where it was.
        """
        with self._writing(model):
            earlier = self.alias(model, alias).rolled_back()
            version = self.verify(model, earlier.version)
            self._write_alias(model, alias, earlier)
        return version

    def collect(self, model: str, keep: int = 3, older_than: float = _HOUR) -> list[str]:
        """Deletes old versions and what dead publishers left in staging.

        What an alias stands for stays, as do versions before it, to be rolled back to, and those
        that are newer than what any alias stands for, as they may still be wanted.

        Args:
            model: The model's name.
            keep: How many earlier versions of each alias to keep, at least one: a reader may have
                looked at the alias just before it moved.
            older_than: Seconds; everything younger stays: it may still be on its way to an alias.

        Returns:
            The names of the versions that were deleted.

        Raises:
            StoreError: An alias cannot be read, or another process holds the lock.
        """
        if keep < 1:
            raise StoreError(f"keep at least one earlier version, not {keep}")
        with self._writing(model):
            collected = self._collectable(model, keep, time.time() - older_than)
            for name in collected:  # whole, in one step: nobody finds half a version
                aside = self._scratch(model)
                move(self.root / model / "versions" / name, aside)
                _delete(aside)
            for path in (self.root / model / "staging").glob("*"):
                if _changed(path) < time.time() - max(older_than, _STALE):
                    _delete(path)
        return collected

    def _collectable(self, model: str, keep: int, before: float) -> list[str]:
        versions = self.versions(model)  # the latest first
        aliases = self.aliases(model).values()
        kept = {name for alias in aliases for name in (alias.version, *alias.previous(keep))}
        served = [versions.index(alias.version) for alias in aliases if alias.version in versions]
        old = versions[min(served, default=len(versions)) :]
        folder = self.root / model / "versions"
        return [name for name in old if name not in kept and _changed(folder / name) < before]

    def _install(self, model: str, name: str, staged: Path, key: "SigningKey | None") -> None:
        target = self.root / model / "versions" / name
        if os.path.lexists(target):
            if self._is_sound(model, name):
                self._sign(model, name, key)
                return
            move(target, self._scratch(model))
        move(staged, target)

    def _is_sound(self, model: str, name: str) -> bool:
        try:
            Version.load(self.root, model, name, None).verify()
        except (StoreError, OSError):
            return False
        return True

    def _sign(self, model: str, name: str, key: "SigningKey | None") -> None:
        """Signs a version that is there already: it may have been published under another key."""
        if key is not None:
            folder = f"{model}/versions/{name}"
            content = read_file(self.root, f"{folder}/{MANIFEST}", MAX_MANIFEST_BYTES)
            target = self.root / folder / SIGNATURE
            replace_file(target, key.sign(content), self.root / model / "staging")

    def _load(self, model: str, name: str) -> Version:
        return Version.load(self.root, model, name, self._verify_key)

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
        return aliases.parse(read_file(self.root, path, MAX_ALIAS_BYTES))

    def _move_alias(self, model: str, alias: str, name: str) -> None:
        try:
            moved = self._alias(model, alias).moved_to(name)
        except (FileNotFoundError, VersionCorruptError):  # a new alias, or one to mend
            moved = Alias(name)
        self._write_alias(model, alias, moved)

    def _write_alias(self, model: str, alias: str, state: Alias) -> None:
        folder = self.root / model
        replace_file(folder / "aliases" / alias, msgspec.json.encode(state), folder / "staging")

    def _scratch(self, model: str) -> Path:
        return self.root / model / "staging" / uuid.uuid4().hex

    @contextmanager
    def _writing(self, model: str) -> Iterator[None]:
        folder = self.root / check_name(model, "a model")
        if not folder.is_dir():
            raise VersionNotFoundError(f"no model {model} in {self.root}")
        try:
            with locked(folder / "lock", _LOCK_PATIENCE):
                yield
        except OSError as error:
            raise StoreError(f"cannot write to {folder}: {error}") from error

    def _again(self, model: str, reference: str, attempt: Callable[[], T]) -> T:
        check_name(model, "a model")
        try:
            return again(attempt)
        except FileNotFoundError as error:
            raise VersionNotFoundError(f"no {model} {reference} in {self.root}") from error
        except OSError as error:
            raise StoreError(f"cannot read {model} {reference}: {error}") from error


def _is_version(path: Path) -> bool:
    return _NAME.fullmatch(path.name) is not None


def _changed(path: Path) -> float:
    try:
        return path.lstat().st_mtime
    except FileNotFoundError:  # its writer finished while we looked
        return time.time()


def _delete(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
