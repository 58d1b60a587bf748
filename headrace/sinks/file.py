"""`file:/path/to/file.jsonl` appends one JSON line for each message (see `headrace.sinks.lines`).

A line is acknowledged when it is synced to the disk. Each batch is one write in append mode, so
that several processes may share a file, and opens the file anew, so that it may be moved away. A
line torn by a crash stays alone: the next batch starts on a line of its own.
"""

import errno
import fcntl
import os
import stat
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from headrace.sinks import lines
from headrace.sinks.base import Message
from headrace.sinks.url import SinkUrl

_FLAGS = os.O_RDWR | os.O_APPEND | os.O_CLOEXEC


def open_url(url: SinkUrl) -> "FileSink":
    """Open `file:/absolute`, `file:///absolute` or `file:relative`; folders are created."""
    with _path(url) as path:
        return FileSink(path)


def check_url(url: SinkUrl) -> None:
    """See whether the file could be opened. Neither it nor its folder is created."""
    with _path(url) as path:
        if path.exists():
            os.close(os.open(path, _FLAGS))
            return
        folder = next(parent for parent in path.absolute().parents if parent.exists())
        wrong = 0 if os.access(folder, os.W_OK | os.X_OK) else errno.EACCES
        if not folder.is_dir():
            wrong = errno.ENOTDIR
        if wrong:
            raise OSError(wrong, os.strerror(wrong))


@contextmanager
def _path(url: SinkUrl) -> Iterator[Path]:
    """Give the path that a URL names. An OSError about it becomes a SettingsError."""
    url.allow(())
    if url.host:
        raise url.wrong(f"a host is not possible: write file:{url.host}{url.path} or file:///…")
    if not url.path:
        raise url.wrong("the path is missing: file:/path/to/file.jsonl")
    try:
        yield Path(url.path)
    except OSError as error:
        raise url.wrong(f"cannot be opened for appending: {error.strerror}") from None


class FileSink:
    """Lines appended to a file, which is created if it is missing."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(_open(path))

    def send(self, messages: Sequence[Message]) -> list[Exception | None]:
        """Append in one write and sync; a failed write fails every message of the batch."""
        failures: list[Exception | None] = [None] * len(messages)
        data = bytearray()
        for index, message in enumerate(messages):
            try:
                data += lines.encode(message) + b"\n"
            except ValueError as error:
                failures[index] = error
        try:
            self._append(data)
        except OSError as error:
            error.filename = str(self._path)  # a full disk names no file
            return [failure or error for failure in failures]
        return failures

    def close(self) -> None:
        """Nothing to let go of: the file is closed after each batch."""

    def _append(self, data: bytearray) -> None:
        with self._lock:
            file = _open(self._path)
            try:
                with _alone(file):
                    _write(file, b"\n" + data if _ends_in_torn_line(file) else data)
                if stat.S_ISREG(os.fstat(file).st_mode):  # a device or a pipe keeps nothing
                    os.fsync(file)
            finally:
                os.close(file)


def _open(path: Path) -> int:
    try:
        return os.open(path, _FLAGS)
    except FileNotFoundError:
        file = os.open(path, _FLAGS | os.O_CREAT, 0o600)  # it may hold what is confidential
    folder = os.open(path.parent, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(folder)  # makes the file's name as durable as its content
    finally:
        os.close(folder)
    return file


@contextmanager
def _alone(file: int) -> Iterator[None]:
    """Keep other processes out: what one of them has written half of would look like a torn line.

    Where a file system has no locks, that may cost an empty line.
    """
    with suppress(OSError):
        fcntl.flock(file, fcntl.LOCK_EX)
    try:
        yield
    finally:
        with suppress(OSError):
            fcntl.flock(file, fcntl.LOCK_UN)


def _write(file: int, data: bytes | bytearray) -> None:
    rest = memoryview(data)
    while rest:  # a full disk may cut a write short; the next one then says so
        rest = rest[os.write(file, rest) :]


def _ends_in_torn_line(file: int) -> bool:
    size = os.fstat(file).st_size
    return size > 0 and os.pread(file, 1, size - 1) != b"\n"
