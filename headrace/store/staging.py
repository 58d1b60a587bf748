"""Laying out a version in a staging folder, complete and on the disk, before anybody can see it."""

import io
import os
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from headrace.store.collecting import delete
from headrace.store.durable import make_folder, sync_folder, write_file
from headrace.store.errors import PublishError, VersionCorruptError
from headrace.store.formats import HEAD_BYTES, why_refused
from headrace.store.manifest import (
    MANIFEST,
    SIGNATURE,
    Description,
    FileEntry,
    Manifest,
    check_paths,
    parse_manifest,
    write_manifest,
)
from headrace.store.model_folder import ModelFolder
from headrace.store.version import Version

if TYPE_CHECKING:
    from headrace.store.signing import SigningKey


def stage(
    folder: Path,
    files: Mapping[str, bytes | Path],
    description: Description,
    signing_key: "SigningKey | None",
) -> Manifest:
    """Write a version's files, manifest and signature into a new folder, and sync all of it.

    Args:
        folder: The folder to make.
        files: Content, or a plain file that holds it, by path inside the version.
        description: What the publisher says about the version.
        signing_key: Signs the manifest, if given.

    Raises:
        PublishError: Names the file or field that cannot be published.
    """
    _check(files)
    folder.mkdir()
    entries = [_stage_file(folder, path, files[path]) for path in sorted(files)]
    content = write_manifest(description, entries)
    write_file(folder / MANIFEST, io.BytesIO(content))
    if signing_key is not None:
        write_file(folder / SIGNATURE, io.BytesIO(signing_key.sign(content)))
    for path, _, _ in os.walk(folder, topdown=False):
        sync_folder(Path(path))
    return parse_manifest(content)


@contextmanager
def as_store(folder: ModelFolder, staged: Path, manifest: Manifest) -> Iterator[Version]:
    """Show a staged version in a store that holds nothing else, before anybody can see it.

    Args:
        folder: Of its model; has room for that store.
        staged: Where the version lies, before and afterwards.
        manifest: The version's.
    """
    root = folder.scratch()
    place = root / manifest.model / "versions" / manifest.name
    place.parent.mkdir(parents=True)
    staged.rename(place)
    try:
        yield Version(root, manifest.model, manifest.name, manifest)
    finally:
        place.rename(staged)
        delete(root)


def _check(files: Mapping[str, bytes | Path]) -> None:
    if not files:
        raise PublishError("a version needs at least one file")
    try:
        check_paths(list(files))
    except VersionCorruptError as error:
        raise PublishError(str(error)) from error


def _stage_file(folder: Path, path: str, source: bytes | Path) -> FileEntry:
    target = folder / path
    make_folder(target.parent)
    with closing(_open(path, source)) as file:
        if reason := why_refused(path, file.read(HEAD_BYTES)):
            raise PublishError(f"{path}: {reason}")
        file.seek(0)
        size, digest = write_file(target, file)
    return FileEntry(path=path, size=size, sha256=digest)


def _open(path: str, source: bytes | Path) -> BinaryIO:
    if isinstance(source, bytes):
        return io.BytesIO(source)
    try:
        if not source.is_symlink() and source.is_file():
            return os.fdopen(os.open(source, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC), "rb")
    except OSError as error:
        raise PublishError(f"{path}: cannot read {source}: {error}") from error
    raise PublishError(f"{path}: {source} is not a plain file")
