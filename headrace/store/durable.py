"""Writing so that a crash leaves either the old state or the new one, nothing in between."""

import errno
import fcntl
import hashlib
import os
import stat
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from headrace.store.errors import StoreError

_CHUNK = 1 << 20
_LOCK_POLL_SECONDS = 0.005
_LOCK_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


def write_file(target: Path, source: BinaryIO) -> tuple[int, str]:
    """Write a new file and have the disk confirm it.

    Returns:
        The size in bytes and the SHA-256 of what was written.
    """
    digest, size = hashlib.sha256(), 0
    with target.open("xb") as file:
        while chunk := source.read(_CHUNK):
            file.write(chunk)
            digest.update(chunk)
            size += len(chunk)
        sync_file(file)
    return size, digest.hexdigest()


def sync_file(file: BinaryIO) -> None:
    """Have the disk confirm what was written to an open file."""
    file.flush()
    os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Have the disk confirm the names in a folder."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_folder(folder: Path) -> None:
    """Make a folder and those above it that are missing, each confirmed by the disk."""
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    for path in reversed(missing):
        path.mkdir(exist_ok=True)
        sync_folder(path.parent)


def move(source: Path, target: Path) -> None:
    """Rename, replacing a file or an empty folder in one step, and have the disk confirm it."""
    source.rename(target)
    sync_folder(target.parent)
    sync_folder(source.parent)


def replace_file(target: Path, content: bytes, scratch: Path) -> None:
    """Put a file in place in one step.

    Args:
        target: The file, there or not.
        content: What it holds afterwards.
        scratch: A folder on the same file system, where the new file is written first.
    """
    temporary = scratch / uuid.uuid4().hex
    try:
        with temporary.open("xb") as file:
            file.write(content)
            sync_file(file)
        move(temporary, target)
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def locked(path: Path, patience_seconds: float) -> Iterator[None]:
    """Hold a lock file, which the kernel gives back if its holder dies. Works on NFS 4 as well.

    Args:
        path: The lock file; made if it is not there, never followed if it is a link.
        patience_seconds: How long to wait for another holder.

    Raises:
        StoreError: Somebody else held it all that time, or it is not a plain file.
        OSError: It cannot be opened.
    """
    deadline = time.monotonic() + patience_seconds
    with open(_open_lock(path), "ab") as file:
        while not _try_lock(file):
            if time.monotonic() > deadline:
                message = f"another process has been writing for {patience_seconds:g} s: {path}"
                raise StoreError(message)
            time.sleep(_LOCK_POLL_SECONDS)
        yield


def _open_lock(path: Path) -> int:
    try:
        descriptor = os.open(path, _LOCK_FLAGS, 0o644)
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENXIO, errno.EISDIR):
            raise StoreError(f"the lock is a link or no plain file: {path}") from error
        raise
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise StoreError(f"the lock is a link or no plain file: {path}")
    return descriptor


def _try_lock(file: BinaryIO) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
