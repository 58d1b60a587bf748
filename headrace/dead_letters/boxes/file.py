"""Dead letters in a file of JSON lines, as the `file:` sink writes them."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import msgspec

from headrace.dead_letters.boxes.base import Stored
from headrace.sinks import lines
from headrace.sinks.url import SinkUrl

_CHUNK = 500


def open_box(url: SinkUrl) -> "FileBox":
    """Open `file:/path`; the file must exist."""
    path = Path(url.path)
    if not path.is_file():
        raise url.wrong("no such file")
    return FileBox(path)


class FileBox:
    """The lines of a file. A line that is torn is handed over as it is."""

    removes = False
    unread = 0

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> Iterator[list[Stored]]:
        """The lines, in their order."""
        with self._path.open("rb") as file:
            rows = (_stored(row) for row in file if row.strip())
            while chunk := list(islice(rows, _CHUNK)):
                yield chunk

    def remove(self, stored: Stored) -> None:
        """Lines stay: another process may be appending to the file."""

    def close(self) -> None:
        """Nothing to let go of."""


def _stored(row: bytes) -> Stored:
    try:
        return Stored(lines.decode(row).value or b"")
    except msgspec.DecodeError:
        return Stored(row)
