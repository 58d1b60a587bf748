"""One published version: a verified manifest, and files that are verified as they are read."""

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from headrace.store.errors import (
    SignatureError,
    StoreError,
    VersionCorruptError,
    VersionNotFoundError,
)
from headrace.store.formats import why_refused
from headrace.store.libraries import check_libraries
from headrace.store.manifest import (
    MANIFEST,
    MAX_MANIFEST_BYTES,
    SIGNATURE,
    Manifest,
    parse_manifest,
)
from headrace.store.safe_read import again, list_files, read_file

if TYPE_CHECKING:  # keeps `cryptography` out of a process that has no key
    from headrace.store.signing import VerifyKey

_MAX_SIGNATURE_BYTES = 1024
_OPEN_ELSEWHERE = ".nfs"  # what NFS calls a file that was replaced while somebody had it open
_SHOWN = 5


class Version:
    """An immutable version of a model.

    Attributes:
        root: The store's folder.
        model: The model's name.
        name: The version's name, a digest of its content.
        manifest: What it holds and what its publisher says about it.
    """

    def __init__(self, root: Path, model: str, name: str, manifest: Manifest) -> None:
        self.root = root
        self.model = model
        self.name = name
        self.manifest = manifest

    @classmethod
    def load(cls, root: Path, model: str, name: str, verify_key: "VerifyKey | None") -> "Version":
        """Read a version's manifest and prove that it is the one it should be.

        Raises:
            VersionCorruptError: The manifest is invalid, or belongs to another model or version.
            SignatureError: A key was given, and its signature is missing or wrong.
            OSError: The manifest cannot be read.
        """
        folder = _folder(model, name)
        content = read_file(root, f"{folder}/{MANIFEST}", MAX_MANIFEST_BYTES)
        if verify_key is not None:
            verify_key.verify(_signature(root, folder), content)
        try:
            manifest = parse_manifest(content)
        except VersionCorruptError as error:
            raise VersionCorruptError(f"{folder}: {error}") from error
        if (manifest.model, manifest.name) != (model, name):
            raise VersionCorruptError(f"the manifest is not that of {model} {name}: {folder}")
        for entry in manifest.files:
            if reason := why_refused(entry.path, b""):
                raise VersionCorruptError(f"{folder}/{entry.path}: {reason}")
        return cls(root, model, name, manifest)

    def read(self, path: str) -> bytes:
        """Read a file and return the very bytes that were checked against the manifest.

        Args:
            path: The file's path as the manifest lists it.

        Raises:
            VersionCorruptError: Not in the manifest, missing, changed, a link, or a refused format.
            VersionNotFoundError: The version is gone; open the alias again.
            StoreError: The file system failed.
        """
        entry = self.manifest.entry(path)
        where = f"{_folder(self.model, self.name)}/{path}"
        if entry is None:
            raise VersionCorruptError(f"not listed in the manifest: {where}")
        try:
            content = again(lambda: read_file(self.root, where, entry.size))
        except FileNotFoundError as error:
            if not self._exists():
                raise self.gone() from error
            raise VersionCorruptError(f"missing file: {where}") from error
        except OSError as error:
            raise StoreError(f"cannot read {where}: {error}") from error
        if len(content) != entry.size or hashlib.sha256(content).hexdigest() != entry.sha256:
            raise VersionCorruptError(f"changed file: {where}")
        if reason := why_refused(path, content):
            raise VersionCorruptError(f"{where}: {reason}")
        return content

    def unpack(self, destination: Path, prefix: str = "") -> None:
        """Write verified files below a folder of the caller's, for loaders that insist on a path.

        Args:
            destination: A private folder; a file at `prefix/a/b` comes to lie at `destination/a/b`.
            prefix: The folder of the version to unpack; everything if empty.

        Raises:
            VersionCorruptError: As in `read`, or nothing lies below the prefix.
        """
        start = f"{prefix.strip('/')}/" if prefix else ""
        paths = [entry.path for entry in self.manifest.files if entry.path.startswith(start)]
        if not paths:
            raise VersionCorruptError(f"no files below {prefix!r} in {self.model} {self.name}")
        for path in paths:
            target = destination / path.removeprefix(start)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(self.read(path))

    def check_names(self) -> None:
        """Check, without reading them, that the files are those of the manifest and no others.

        Raises:
            VersionCorruptError: Names extra and missing files.
            OSError: A folder cannot be read, or the version is gone.
        """
        _report(self._misplaced(), self)

    def verify(self) -> None:
        """Read every file and check everything.

        Raises:
            VersionCorruptError: Names extra, missing and changed files.
            OSError: A folder cannot be read, or the version is gone.
        """
        problems = self._misplaced()
        for entry in self.manifest.files:
            try:
                self.read(entry.path)
            except VersionCorruptError as error:
                problems.setdefault(entry.path, str(error))
        _report(problems, self)

    def check_libraries(self) -> None:
        """Check that the installed libraries may load this version.

        Raises:
            LibraryError: Names each library that is absent or out of range.
        """
        check_libraries(self.manifest.libraries)

    def gone(self) -> VersionNotFoundError:
        """Return the error of a version that is not there (any more)."""
        return VersionNotFoundError(f"{self.model} has no version {self.name} in {self.root}")

    def _misplaced(self) -> dict[str, str]:
        folder = _folder(self.model, self.name)
        found = set(list_files(self.root, folder)) - {MANIFEST, SIGNATURE}
        listed = {entry.path for entry in self.manifest.files}
        extra = {
            path: f"extra file: {folder}/{path}"
            for path in sorted(found - listed)
            if not path.rpartition("/")[2].startswith(_OPEN_ELSEWHERE)
        }
        missing = {path: f"missing file: {folder}/{path}" for path in sorted(listed - found)}
        if missing and not self._exists():  # it was collected while we looked
            raise FileNotFoundError(str(self.gone()))
        return extra | missing

    def _exists(self) -> bool:
        return (self.root / _folder(self.model, self.name)).is_dir()


def _folder(model: str, name: str) -> str:
    return f"{model}/versions/{name}"


def _signature(root: Path, folder: str) -> bytes:
    try:
        return read_file(root, f"{folder}/{SIGNATURE}", _MAX_SIGNATURE_BYTES)
    except FileNotFoundError as error:
        if (root / folder).is_dir():
            raise SignatureError(f"not signed, and a key is configured: {folder}") from error
        raise


def _report(problems: dict[str, str], version: Version) -> None:
    if problems:
        shown = "; ".join(list(problems.values())[:_SHOWN])
        more = f"; and {len(problems) - _SHOWN} more" if len(problems) > _SHOWN else ""
        raise VersionCorruptError(f"{version.model} {version.name}: {shown}{more}")
