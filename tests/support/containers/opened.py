"""Which files below a folder are opened, by any process and through any mount: inotify."""

import ctypes
import os
import struct
from pathlib import Path

_OPENED = 0x20
_IS_FOLDER = 0x40000000
_HEAD = struct.Struct("iIII")  # watch, what happened, cookie, length of the name
_libc = ctypes.CDLL(None, use_errno=True)


class Opened:
    """Notes from now on what is opened below a folder; use it in a `with` statement."""

    def __init__(self, folder: Path) -> None:
        self._descriptor = _checked(_libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC))
        self._folders = {self._watch(path): path for path in (folder, *folder.rglob("*/"))}

    def __enter__(self) -> "Opened":
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._descriptor)

    def files(self) -> list[Path]:
        """The files opened since the last call, each as often as it was, in that order."""
        found = []
        while events := self._read():
            while events:
                watch, mask, _, length = _HEAD.unpack_from(events)
                name = events[_HEAD.size : _HEAD.size + length].rstrip(b"\0").decode()
                events = events[_HEAD.size + length :]
                if not mask & _IS_FOLDER:
                    found.append(self._folders[watch] / name)
        return found

    def _watch(self, path: Path) -> int:
        return _checked(_libc.inotify_add_watch(self._descriptor, bytes(path), _OPENED))

    def _read(self) -> bytes:
        try:
            return os.read(self._descriptor, 1 << 16)
        except BlockingIOError:
            return b""


def _checked(result: int) -> int:
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result
