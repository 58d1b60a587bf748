"""Which records fall together: by their keys, over the key groups of a partition."""

from collections.abc import Mapping, Sequence
from typing import TypeVar
from zlib import crc32

from headrace.record import Record

G = TypeVar("G")


def spread(
    slots: Sequence[int], records: Sequence[Record], groups: Sequence[G]
) -> Mapping[G, Sequence[int]]:
    """Return the slots of records by group; a record without a key goes to any of them."""
    found: dict[G, list[int]] = {}
    for slot, record in zip(slots, records, strict=True):
        number = slot if record.key is None else _hash(record.key)
        found.setdefault(groups[number % len(groups)], []).append(slot)
    return found


def _hash(key: bytes) -> int:
    # By the rest of this very sum, librdkafka chooses the partition: so all keys of a partition
    # have the same one. The upper half does not tell.
    return crc32(key) >> 16
