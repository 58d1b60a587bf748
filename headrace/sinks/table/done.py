"""Which records have their rows already: what the ledger in the database says of them.

A record of Kafka is one bit: its partition's offsets are kept in blocks of 16,384, each a row of
the ledger. So it is known exactly which offsets are done, those beyond a record that failed and
waits for its next attempt too, and a batch changes a row or two. A block that is done as a whole
holds no bits any more. A record of any other source is known by its id, a row for each.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from headrace.record import KafkaPosition, KinesisPosition, Position

BLOCK = 1 << 14
"""Offsets of a block."""

_ALL = b"\xff" * (BLOCK // 8)


class Block(NamedTuple):
    """A run of offsets of one partition: `source` is its name, `number` counts blocks from 0."""

    source: str
    number: int


class Places(NamedTuple):
    """Where the ledger keeps the records of a batch.

    Attributes:
        bits: of each block, the index of each message and the bit of its record.
        ids: the id of each record that is no bit, by the index of its message.
    """

    bits: dict[Block, list[tuple[int, int]]]
    ids: dict[int, str]

    @property
    def blocks(self) -> list[Block]:
        """The blocks, in the order in which they are to be locked."""
        return sorted(self.bits)


def places(positions: Sequence[Position | None], indices: Iterable[int]) -> Places:
    """Return where the ledger keeps records; those without a position are kept nowhere.

    Args:
        positions: of all records.
        indices: which of them are asked for.
    """
    found = Places({}, {})
    blocks: dict[tuple[str, int, int], list[tuple[int, int]]] = {}  # plain: it is for each record
    for index in indices:
        position = positions[index]
        if isinstance(position, KafkaPosition):
            number, bit = divmod(position.offset, BLOCK)
            place = position.topic, position.partition, number
            if place not in blocks:
                blocks[place] = found.bits[Block(f"{place[0]}-{place[1]}", number)] = []
            blocks[place].append((index, bit))
        elif position is not None:
            stream = f"{position.stream}:" if isinstance(position, KinesisPosition) else ""
            found.ids[index] = f"{stream}{position}"
    return found


def sort_out(
    places: Places, bits: dict[Block, bytes | None]
) -> tuple[set[int], dict[Block, bytes | None]]:
    """Return which messages are done, and the bits of each block once the others are, too.

    Args:
        places: of the messages.
        bits: of each block, as the ledger has them.
    """
    done, after = set[int](), dict[Block, bytes | None]()
    for block, wanted in places.bits.items():
        before = bits[block]
        known = {index for index, bit in wanted if is_done(before, bit)} if before != b"" else set()
        done |= known
        fresh = [bit for index, bit in wanted if index not in known]
        if fresh:
            after[block] = marked(before, fresh)
    return done, after


def is_done(bits: bytes | None, bit: int) -> bool:
    """Return whether an offset is done, given the bits of its block; None: the whole block is."""
    if bits is None:
        return True
    place = bit >> 3
    return place < len(bits) and bool(bits[place] >> (bit & 7) & 1)


def marked(bits: bytes | None, done: Iterable[int]) -> bytes | None:
    """Return the bits of a block with further offsets done."""
    if bits is None:
        return None
    found = bytearray(bits)
    for bit in done:
        place = bit >> 3
        if place >= len(found):
            found.extend(bytes(place + 1 - len(found)))
        found[place] |= 1 << (bit & 7)
    return None if found == _ALL else bytes(found)
