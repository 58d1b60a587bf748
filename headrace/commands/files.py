"""Files that a command reads as a whole."""

from pathlib import Path
from typing import BinaryIO

from headrace.errors import SettingsError


def content(path: Path, most: int) -> bytes:
    """Return what a file, a pipe or a device holds.

    Raises:
        SettingsError: it has more bytes than that; one may never end.
    """
    with path.open("rb") as file:
        return read(file, str(path), most)


def read(file: BinaryIO, name: str, most: int) -> bytes:
    """Return what is left of an open file. Raises as `content` does."""
    found = file.read(most + 1)
    if len(found) > most:
        raise SettingsError(f"{name}: more than {most:,} bytes")
    return found
