"""Reading below a folder without ever following a link out of it, on a file system that is NFS.

Each step of a path is opened relative to the step before it, so no link is followed and nothing can
be swapped between the check and the use. Only the root itself may be a link: it is the operator's.
"""

import errno
import os
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import TypeVar

from headrace.store.errors import VersionCorruptError

T = TypeVar("T")

MAX_DEPTH = 32  # folders in folders

_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK  # a FIFO must not block us
_PAUSES_SECONDS = (0.02, 0.1, 0.3)  # close-to-open caching settles well within their sum


def again(operation: Callable[[], T]) -> T:
    """Repeat an operation that opens by path while its files move under it.

    A stale handle, or a name that is gone, means on NFS that somebody replaced the file: opening it
    again by path finds the new one.

    Raises:
        OSError: The last attempt's error.
    """
    for pause in _PAUSES_SECONDS:
        try:
            return operation()
        except OSError as error:
            if error.errno not in (errno.ESTALE, errno.ENOENT):
                raise
            time.sleep(pause)
    return operation()


def read_file(root: Path, path: str, limit: int) -> bytes:
    """Read a plain file below a root, whole.

    Args:
        root: Where the path starts.
        path: Relative, with forward slashes.
        limit: The most bytes that the file may have.

    Raises:
        VersionCorruptError: A link or a special file on the way, or a file over the limit.
        OSError: The file cannot be opened or read.
    """
    with (
        _opened(root, path, folder=False) as descriptor,
        open(descriptor, "rb", closefd=False) as file,
    ):
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise VersionCorruptError(f"not a plain file: {path}")
        if status.st_size > limit:
            raise VersionCorruptError(f"larger than {limit} bytes: {path}")
        return file.read(status.st_size)


def list_files(root: Path, path: str) -> list[str]:
    """List all that lies below a folder and is not a folder, as paths relative to it, sorted.

    Raises:
        VersionCorruptError: A link or a special file on the way to the folder, or folders that are
            nested deeper than any version's.
        OSError: A folder cannot be opened or read.
    """
    found: list[str] = []
    pending = [PurePosixPath()]
    while pending:
        folder = pending.pop()
        if len(folder.parts) > MAX_DEPTH:
            raise VersionCorruptError(f"folders nested more than {MAX_DEPTH} deep in {path}")
        with (
            _opened(root, f"{path}/{folder}", folder=True) as descriptor,
            os.scandir(descriptor) as entries,
        ):
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    pending.append(folder / entry.name)
                else:
                    found.append(str(folder / entry.name))
    return sorted(found)


@contextmanager
def _opened(root: Path, path: str, *, folder: bool) -> Iterator[int]:
    parts = PurePosixPath(path).parts
    if not parts or ".." in parts or parts[0] == "/":
        raise VersionCorruptError(f"not a path below the store: {path!r}")
    descriptor = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for count, part in enumerate(parts, start=1):
            directory = os.O_DIRECTORY if folder or count < len(parts) else 0
            parent, descriptor = descriptor, _step(descriptor, part, directory, path)
            os.close(parent)
        yield descriptor
    finally:
        os.close(descriptor)


def _step(parent: int, part: str, directory: int, path: str) -> int:
    try:
        return os.open(part, _FLAGS | directory, dir_fd=parent)
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENOTDIR, errno.ENXIO):
            raise VersionCorruptError(f"a link or special file at {part!r} in {path}") from error
        raise
