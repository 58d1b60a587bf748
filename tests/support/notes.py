"""What workers have noted in a file that they append to, read as it grows."""

from pathlib import Path

Note = tuple[str, int]


class Notes:
    """The notes of a file. A line is a key and a number.

    Args:
        path: of the file; it may be made later.

    Attributes:
        all: what was read of it so far, in order.
        distinct: the same, each once.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.all: list[Note] = []
        self.distinct: set[Note] = set()
        self._read = 0

    def count(self) -> int:
        """Read what was added. Returns how many different notes there are."""
        if self.path.exists():
            with self.path.open("rb") as file:
                file.seek(self._read)
                lines = file.read()
            whole = lines[: lines.rfind(b"\n") + 1]
            self._read += len(whole)
            added = [(key, int(n)) for key, n in map(str.split, whole.decode().splitlines())]
            self.all += added
            self.distinct.update(added)
        return len(self.distinct)

    def skipped(self) -> list[str]:
        """Where a key went on beyond its next number. It may go back, as after a kill."""
        reached: dict[str, int] = {}
        found = []
        for key, number in self.all:
            if number > reached.get(key, -1) + 1:
                found.append(f"{key}: {number} after {reached.get(key)}")
            reached[key] = max(number, reached.get(key, -1))
        return found
