"""A folder mounted a millisecond away by `peers/slow_mount.py`, which counts what is read of it."""

import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import orjson

from benchmarks.process import PEERS, ROOT


class Counts(NamedTuple):
    """What a mount served, from its start to its end."""

    operations: int
    bytes: int


def can_mount() -> bool:
    """Whether this machine has FUSE."""
    return Path("/dev/fuse").exists() and shutil.which("fusermount3") is not None


@contextmanager
def mounted(folder: Path, mount: Path) -> Iterator[None]:
    """Mount the folder there while the context lasts; afterwards `counts` knows what was read.

    Raises:
        RuntimeError: It could not be mounted.
    """
    mount.mkdir(parents=True)
    script = str(ROOT / "benchmarks/peers/slow_mount.py")
    server = subprocess.Popen([PEERS, script, str(folder), str(mount), str(_counts(mount))])
    while not mount.is_mount():
        if server.poll() is not None:
            raise RuntimeError(f"{mount} could not be mounted")
        time.sleep(0.05)
    try:
        yield
    finally:
        subprocess.run(["fusermount3", "-u", "-z", str(mount)], check=True)
        server.wait(60)


def counts(mount: Path) -> Counts:
    """What was read of a mount that is over."""
    return Counts(**orjson.loads(_counts(mount).read_bytes()))


def _counts(mount: Path) -> Path:
    return mount.with_suffix(".json")
