"""Writing versions: publish, point an alias, roll it back, collect what nobody needs.

Readers get a `ModelStore`; only who trains or operates gets a `Publisher`, and the signing key.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from headrace.store.aliases import Alias, check_name
from headrace.store.collecting import collect, delete
from headrace.store.durable import move
from headrace.store.errors import StoreError, VersionCorruptError, VersionNotFoundError
from headrace.store.manifest import MANIFEST, SIGNATURE, Description
from headrace.store.model_folder import ModelFolder
from headrace.store.model_store import CURRENT, ModelStore
from headrace.store.staging import as_store, stage
from headrace.store.trial import Load, attempt
from headrace.store.version import Version

if TYPE_CHECKING:  # keeps `cryptography` out of a process that has no key
    from headrace.store.signing import SigningKey, VerifyKey

_YOUNG_SECONDS = 3600.0


class Publisher(ModelStore):
    """Versions of models below one folder, for whoever may change them.

    Args:
        root: The folder, mounted or local.
        verify_key: Who must have signed every manifest; None: signatures are not checked.
        signing_key: Signs what is published; None: versions are not signed.
        trial_seconds: How long a version may take to load in a process of its own.
    """

    def __init__(
        self,
        root: Path,
        verify_key: "VerifyKey | None" = None,
        signing_key: "SigningKey | None" = None,
        trial_seconds: float = 300.0,
    ) -> None:
        super().__init__(root, verify_key)
        self._signing_key = signing_key
        self.trial_seconds = trial_seconds

    def publish(
        self,
        files: Mapping[str, bytes | Path],
        description: Description,
        *,
        alias: str | None = CURRENT,
        load: Load | None = None,
    ) -> Version:
        """Make a version of these files, and point an alias at it.

        Publishing the same content again gives the same version, and mends it if it was damaged.

        Args:
            files: Content, or a plain file that holds it, by path inside the version.
            description: What the publisher says about the version.
            alias: What to point at the version; None to point at nothing yet.
            load: What readers load the version with: a function or class method of a module. It is
                tried in a process of its own before anybody can see the version. None: not tried.

        Raises:
            PublishError: Names the file or field that cannot be published.
            TrialError: It did not load, or crashed, or took too long.
            SignatureError: The store checks signatures, and this key is not the one it trusts.
            StoreError: A bad name, a link in place of a folder, or another process holds the lock.
        """
        model = description.model
        folder = ModelFolder(self.root, model)
        if alias is not None:
            check_name(alias, "an alias")
        if self.verify_key is not None:
            self.verify_key.check_signer(self._signing_key)
        staged = folder.scratch()
        try:
            folder.make()
            manifest = stage(staged, files, description, self._signing_key)
            if load is not None:
                with as_store(folder, staged, manifest) as version:
                    attempt(load, version, self.verify_key, self.trial_seconds)
            with folder.writing():
                self._install(folder, model, manifest.name, staged)
                if alias is not None:
                    self._move_alias(folder, model, alias, manifest.name)
                return self.open(model, manifest.name)
        except OSError as error:
            raise StoreError(f"cannot publish {model}: {error}") from error
        finally:
            delete(staged)

    def point(
        self, model: str, reference: str, alias: str = CURRENT, *, load: Load | None = None
    ) -> Version:
        """Point an alias at a version, after reading all of it and, with `load`, a trial.

        Raises:
            StoreError: As in `verify`, or the trial failed; the alias then stays where it was.
        """
        check_name(alias, "an alias")
        folder = ModelFolder(self.root, model)
        name = self._tried(model, self.resolve(model, reference), load)
        with folder.writing():
            version = self.verify(model, name)
            self._move_alias(folder, model, alias, version.name)
        return version

    def roll_back(self, model: str, alias: str = CURRENT, *, load: Load | None = None) -> Version:
        """Point an alias at the version before, after reading all of it and, with `load`, a trial.

        Rolling back twice goes two versions back; to go forward again, `point`.

        Raises:
            StoreError: There is none before, or it is not sound; the alias then stays where it was.
        """
        folder = ModelFolder(self.root, model)
        name = self._tried(model, self.alias(model, alias).rolled_back().version, load)
        with folder.writing():
            earlier = self.alias(model, alias).rolled_back()
            if earlier.version != name:
                raise StoreError(f"another process has just moved {alias} of {model}")
            version = self.verify(model, name)
            folder.write_alias(alias, earlier)
        return version

    def collect(
        self, model: str, keep: int = 3, older_than_seconds: float = _YOUNG_SECONDS
    ) -> list[str]:
        """Delete old versions and what dead publishers left in staging.

        What an alias stands for stays, as do versions before it, to be rolled back to, and those
        that are newer than what any alias stands for, as they may still be wanted.

        Args:
            model: The model's name.
            keep: How many earlier versions of each alias to keep, at least one: a reader may have
                looked at the alias just before it moved.
            older_than_seconds: Everything younger stays: it may still be on its way to an alias.

        Returns:
            The names of the versions that were deleted.

        Raises:
            StoreError: An alias cannot be read, or another process holds the lock.
        """
        if keep < 1:
            raise StoreError(f"keep at least one earlier version, not {keep}")
        folder = ModelFolder(self.root, model)
        with folder.writing():
            versions, aliases = self.versions(model), self.aliases(model).values()
            return collect(folder, versions, aliases, keep, older_than_seconds)

    def _install(self, folder: ModelFolder, model: str, name: str, staged: Path) -> None:
        target = folder.versions / name
        if not os.path.lexists(target):
            move(staged, target)
        elif not self._is_sound(model, name):
            aside = folder.scratch()
            move(target, aside)
            move(staged, target)
            delete(aside)
        elif not self._is_signed_by_us(model, name):
            # The time that its manifest names is not part of its name, and somebody else's word:
            # the manifest is replaced, not signed. Readers who have our key refused the version
            # before, and do so until the signature is there, too.
            for part in (MANIFEST, SIGNATURE):
                folder.replace(target / part, (staged / part).read_bytes())

    def _tried(self, model: str, name: str, load: Load | None) -> str:
        if load is not None:
            attempt(load, self.verify(model, name), self.verify_key, self.trial_seconds)
        return name

    def _is_sound(self, model: str, name: str) -> bool:
        try:
            Version.load(self.root, model, name, None).verify()
        except (StoreError, OSError):
            return False
        return True

    def _is_signed_by_us(self, model: str, name: str) -> bool:
        if self._signing_key is None:
            return True
        try:
            Version.load(self.root, model, name, self._signing_key.verify_key())
        except (StoreError, OSError):
            return False
        return True

    def _move_alias(self, folder: ModelFolder, model: str, alias: str, name: str) -> None:
        try:
            moved = self.alias(model, alias).moved_to(name)
        except (VersionNotFoundError, VersionCorruptError):  # a new alias, or one to mend
            moved = Alias(name)
        folder.write_alias(alias, moved)
