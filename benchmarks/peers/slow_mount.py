"""A folder mounted a second time, read-only, with a network's latency: what EFS is like, simulated.

`python slow_mount.py FOLDER MOUNTPOINT COUNTS` serves until it is unmounted, then writes how many
operations it served and how many bytes it gave. Runs in the peers' environment.
"""

import json
import os
import sys
import threading
import time
from pathlib import Path
from typing import Any

from mfusepy import FUSE, Operations

LATENCY_SECONDS = 0.001
# As an NFS client does, the kernel keeps what it has read, and attributes for three seconds.
_CACHE_SECONDS = 3.0


class SlowMount(Operations):
    """Passes everything on to the folder, after the latency. Symbolic links are followed."""

    use_ns = True

    def __init__(self, folder: str, counts: str) -> None:
        self._folder = folder
        self._counts = Path(counts)
        self._lock = threading.Lock()
        self._operations = 0
        self._bytes = 0

    def getattr(self, path: str, fh: int | None = None) -> dict[str, Any]:
        """A file's attributes."""
        del fh
        status = self._there(path).stat()
        return {name: getattr(status, name) for name in dir(status) if name.startswith("st_")}

    def readdir(self, path: str, fh: int) -> list[str]:
        """The names in a folder."""
        del fh
        return [".", "..", *(entry.name for entry in self._there(path).iterdir())]

    def open(self, path: str, flags: int) -> int:
        """Open for reading."""
        return os.open(self._there(path), flags)

    def read(self, path: str, size: int, offset: int, fh: int) -> bytes:
        """Some bytes."""
        del path
        self._serve()
        data = os.pread(fh, size, offset)
        with self._lock:
            self._bytes += len(data)
        return data

    def release(self, path: str, fh: int) -> int:
        """Close; a client does not wait for this."""
        del path
        os.close(fh)
        return 0

    def destroy(self, path: str) -> None:
        """Unmounted: write the counts."""
        del path
        figures = {"operations": self._operations, "bytes": self._bytes}
        self._counts.write_text(json.dumps(figures))

    def _there(self, path: str) -> Path:
        self._serve()
        return Path(self._folder + path)

    def _serve(self) -> None:
        with self._lock:
            self._operations += 1
        time.sleep(LATENCY_SECONDS)


if __name__ == "__main__":
    source, mountpoint, counts_file = sys.argv[1:]
    FUSE(
        SlowMount(source, counts_file),
        mountpoint,
        foreground=True,
        ro=True,
        kernel_cache=True,
        allow_other=os.geteuid() == 0,  # a container's user reads it; others may not allow that
        attr_timeout=_CACHE_SECONDS,
        entry_timeout=_CACHE_SECONDS,
        negative_timeout=0,
    )
