"""How many bytes of records a runner of shards holds: a bound on its memory, over all shards.

Half of it may be fed and not done. A quarter is for the answers that readers hold until there is
room, and a quarter for what each of them feeds at once: so a shard that holds nothing may always
read a little, and none waits for another for ever.
"""

import threading

MEGABYTE = 1024 * 1024
DEFAULT = 64 * MEGABYTE
"""Bytes, unless a setting says otherwise."""


class BytesAhead:
    """What all readers hold together. Safe to call from several threads.

    Args:
        most: bytes that may be ahead.
    """

    def __init__(self, most: int = DEFAULT) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._held: dict[str, int] = {}
        self._parking: set[str] = set()

    def note(self, shard: str, held: int, *, parking: bool = False) -> None:
        """Note how many bytes of a shard are fed and not done.

        Args:
            shard: its id.
            held: bytes.
            parking: a record of it is tried again, so that it holds many. These take no room from
                the other shards; it may hold a quarter of all for itself then.
        """
        with self._lock:
            self._held[shard] = held
            (self._parking.add if parking else self._parking.discard)(shard)

    def forget(self, shard: str) -> None:
        """Note that a shard is read no more."""
        with self._lock:
            self._held.pop(shard, None)
            self._parking.discard(shard)

    def is_over(self, shard: str) -> bool:
        """Return whether a shard should be fed no more for now."""
        with self._lock:
            own = self._held.get(shard, 0)
            if shard in self._parking:
                return own > self._most // 4
            counted = sum(n for name, n in self._held.items() if name not in self._parking)
            return own > 0 and counted > self._most // 2

    def answer(self) -> int:
        """Return how many bytes the next answer of a shard may have."""
        with self._lock:
            return self._most // 4 // max(1, len(self._held))
