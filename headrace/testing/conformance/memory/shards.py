"""The shards of a stream in memory, and how far they were read."""

import threading
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

Entry = Mapping[str, Any]


class Part(NamedTuple):
    """What comes next in a shard.

    Attributes:
        entries: as the service tells them.
        iterator: where to go on; None: this was the end of a closed shard.
    """

    entries: list[Entry]
    iterator: str | None


class MemoryShards:
    """Appended to by a test, read by a poller's threads.

    Args:
        count: how many there are.
        parents: shards that came of another one, which is closed: the parent of each.

    Attributes:
        logs: the entries of each shard.
        parents: as given.
        served: how many entries were handed out.
    """

    def __init__(self, count: int, parents: Mapping[int, int]) -> None:
        self.logs: list[list[Entry]] = [[] for _ in range(count)]
        self.parents = parents
        self.served = 0
        self._read = [0] * count
        self._asked: set[int] = set()
        self._lock = threading.Lock()

    @property
    def is_read(self) -> bool:
        """Return whether each shard was read to its end."""
        with self._lock:
            return all(map(self._is_at_end, range(len(self.logs))))

    @property
    def is_settled(self) -> bool:
        """Return whether each shard that anybody began to read was read to its end."""
        with self._lock:
            return all(map(self._is_at_end, self._asked))

    def append(self, shard: int, make: Callable[[str], Entry]) -> str:
        """Append what is made of its sequence number. Returns that."""
        with self._lock:
            number = f"{1_000_000 * (shard + 1) + len(self.logs[shard]):020d}"
            self.logs[shard].append(make(number))
            return number

    def begin(self, shard: int, is_before: Callable[[Entry], bool]) -> str:
        """Return an iterator behind the entries that come before a place."""
        with self._lock:
            start = sum(map(is_before, self.logs[shard]))
            self._read[shard] = max(self._read[shard], start)
            self._asked.add(shard)
        return f"{shard}:{start}"

    def read(self, iterator: str, limit: int) -> Part:
        """Return what comes next."""
        shard, start = map(int, iterator.split(":"))
        with self._lock:
            found = self.logs[shard][start : start + limit]
            self.served += len(found)
            self._read[shard] = end = start + len(found)
            is_over = self.is_closed(shard) and end == len(self.logs[shard])
        return Part(found, None if is_over else f"{shard}:{end}")

    def is_closed(self, shard: int) -> bool:
        """Return whether nothing more comes to a shard."""
        return shard in self.parents.values()

    def _is_at_end(self, shard: int) -> bool:
        return self._read[shard] == len(self.logs[shard])


def shard_name(number: int) -> str:
    """Return a shard's id."""
    return f"shardId-{number:012d}"


def shard_number(name: str) -> int:
    """Return the number of a shard's id."""
    return int(name.rpartition("-")[2])
