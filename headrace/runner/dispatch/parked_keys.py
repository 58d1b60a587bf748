"""The keys of which a record failed: it waits for its next attempt, and later ones behind it."""

import heapq
import itertools
import math

import msgspec

from headrace.record import Record

# What a record holds back by: its key, or its own slot if it has none.
Holder = bytes | int


class _Chain(msgspec.Struct):
    """One key: the slot that failed, when it is tried again, and the slots behind it."""

    head: int
    retry_at: float
    followers: list[int]


class ParkedKeys:
    """The parked keys of one key group. Pure state: no lock, no clock.

    Attributes:
        count: how many records wait here.
    """

    def __init__(self) -> None:
        self.count = 0
        self._chains: dict[Holder, _Chain] = {}
        self._due: list[tuple[float, int, Holder]] = []  # hints, as heads may be parked anew
        self._heads: list[tuple[int, Holder]] = []  # hints, lowest slot first
        self._serial = itertools.count()

    def __bool__(self) -> bool:
        return bool(self._chains)

    def __contains__(self, holder: Holder) -> bool:
        return holder in self._chains

    def park(self, holder: Holder, slot: int, retry_at: float) -> None:
        """Have a record that failed wait until a time; again, if it was tried in between.

        If another record holds its key back already, it waits behind that one.
        """
        chain = self._chains.get(holder)
        if chain is None:
            self._chains[holder] = _Chain(slot, retry_at, [])
            self.count += 1
            heapq.heappush(self._heads, (slot, holder))
        elif chain.head == slot:
            chain.retry_at = retry_at
        else:
            self.follow(holder, slot)
            return
        heapq.heappush(self._due, (retry_at, next(self._serial), holder))

    def follow(self, holder: Holder, slot: int) -> None:
        """Have a record wait behind the one of its key that failed."""
        self._chains[holder].followers.append(slot)
        self.count += 1

    def release(self, holder: Holder) -> list[int]:
        """End a key's wait: its head is done. Returns the slots that waited behind it."""
        chain = self._chains.pop(holder)
        self.count -= 1 + len(chain.followers)
        return chain.followers

    def take_due(self, now: float, most: int) -> list[int]:
        """Return the slots of heads whose time has come, ascending; they are tried now."""
        taken: list[int] = []
        while len(taken) < most and self.next_due() <= now:
            chain = self._chains[heapq.heappop(self._due)[2]]
            chain.retry_at = math.inf
            taken.append(chain.head)
        return sorted(taken)

    def next_due(self) -> float:
        """Return when the next head is to be tried again; infinity if none waits for a time."""
        while self._due:
            retry_at, _, holder = self._due[0]
            chain = self._chains.get(holder)
            if chain is not None and chain.retry_at == retry_at:
                return retry_at
            heapq.heappop(self._due)
        return math.inf

    def first(self) -> float:
        """Return the lowest slot that waits here; infinity if none does."""
        while self._heads:
            slot, holder = self._heads[0]
            chain = self._chains.get(holder)
            if chain is not None and chain.head == slot:
                return slot
            heapq.heappop(self._heads)
        return math.inf


def holder_of(record: Record, slot: int) -> Holder:
    """Return what a record holds back by, and is held back by."""
    return slot if record.key is None else record.key
