"""The figures of a run, one JSON line a row, so that a resumed run goes on with them."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec

Row = dict[str, Any]


class History:
    """The rows so far, in memory and in a file."""

    def __init__(self, path: Path, done: int) -> None:
        """Read the file, without what a killed run wrote after its last checkpoint."""
        self._path = path
        self.rows = [row for row in _rows(path) if row["step"] <= done]
        path.write_bytes(msgspec.json.Encoder().encode_lines(self.rows))

    def add(self, row: Row) -> None:
        """Append a row; it has at least a `step`."""
        self.rows.append(row)
        with self._path.open("ab") as file:
            file.write(msgspec.json.encode(row) + b"\n")


def _rows(path: Path) -> Iterator[Row]:
    """Read a file, up to a line that is not whole: its run was killed, or the disk was full."""
    with suppress(msgspec.DecodeError):
        for line in path.read_bytes().splitlines() if path.exists() else ():
            yield msgspec.json.decode(line, type=Row)
