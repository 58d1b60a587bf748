"""Parts of many things, each no larger than what a request or a statement can hold."""

import sys
from collections.abc import Mapping
from typing import TypeVar

K = TypeVar("K")


def by_size(sizes: Mapping[K, int], most_bytes: int, most: int = sys.maxsize) -> list[list[K]]:
    """Cut keys into parts, in their order. One that is too large for any is alone.

    Args:
        sizes: bytes of each.
        most_bytes: of a part.
        most: keys of a part.
    """
    parts: list[list[K]] = []
    room = 0
    for key, size in sizes.items():
        room -= size
        if not parts or room < 0 or len(parts[-1]) == most:
            parts.append([])
            room = most_bytes - size
        parts[-1].append(key)
    return parts
