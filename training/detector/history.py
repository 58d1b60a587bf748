"""The figures of a run, one JSON line a row, so that a resumed run goes on with them."""

from pathlib import Path
from typing import Any

import msgspec

Row = dict[str, Any]


class History:
    """The rows so far, in memory and in a file."""

    def __init__(self, path: Path, done: int) -> None:
        """Read the file, without what a killed run wrote after its last checkpoint."""
        self._path = path
        rows = msgspec.json.Decoder(Row).decode_lines(path.read_bytes()) if path.exists() else []
        self.rows = [row for row in rows if row["step"] <= done]
        path.write_bytes(msgspec.json.Encoder().encode_lines(self.rows))

    def add(self, row: Row) -> None:
        """Append a row; it has at least a `step`."""
        self.rows.append(row)
        with self._path.open("ab") as file:
            file.write(msgspec.json.encode(row) + b"\n")
