"""What workers have noted in a file that they append to, read as it grows."""

from pathlib import Path

Note = tuple[str, int]


class Growing:
    """A file that others append lines to; it may be made later."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._read = 0

    def added(self) -> list[str]:
        """Return the lines since the last look; one that is half written comes when it is whole."""
        if not self.path.exists():
            return []
        with self.path.open("rb") as file:
            file.seek(self._read)
            lines = file.read()
        whole = lines[: lines.rfind(b"\n") + 1]
        self._read += len(whole)
        return whole.decode().splitlines()


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
        self._file = Growing(path)
        self.all: list[Note] = []
        self.distinct: set[Note] = set()

    def count(self) -> int:
        """Read what was added. Returns how many different notes there are."""
        added = [(key, int(n)) for key, n in map(str.split, self._file.added())]
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
