"""Files that are read as a whole, up to a bound: a device or a pipe may never end."""

from pathlib import Path
from typing import BinaryIO

from headrace.errors import SettingsError

MOST_BYTES = 1_000_000
"""Far more than secrets, schemas and what else is told by a file need."""


def content(path: Path | str, most: int = MOST_BYTES) -> bytes:
    """Return what a file, a pipe or a device holds.

    Args:
        path: of the file.
        most: how many bytes it may have.

    Raises:
        OSError: it cannot be read.
        SettingsError: it has more bytes.
    """
    with Path(path).open("rb") as file:
        return read(file, str(path), most)


def text(path: Path | str, most: int = MOST_BYTES) -> str:
    """Return the text of such a file. Raises as `content` does, and UnicodeDecodeError."""
    return content(path, most).decode("utf-8-sig")  # some editors begin with a byte order mark


def read(file: BinaryIO, name: str, most: int) -> bytes:
    """Return what is left of an open file. Raises as `content` does."""
    found = file.read(most + 1)
    if len(found) > most:
        raise SettingsError(f"{name}: more than {most:,} bytes")
    return found
