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

_ALL = (1 << BLOCK) - 1


class Block(NamedTuple):
    """A run of offsets of one partition: `source` is its name, `number` counts blocks from 0."""

    source: str
    number: int


class Run(NamedTuple):
    """Records of one block: the index of each message, and the bit of its record."""

    indices: list[int]
    bits: list[int]


class Places(NamedTuple):
    """Where the ledger keeps the records of a batch.

    Attributes:
        runs: of each block.
        ids: the id of each record that is no bit, by the index of its message.
    """

    runs: dict[Block, Run]
    ids: dict[int, str]

    @property
    def blocks(self) -> list[Block]:
        """The blocks, in the order in which they are to be locked."""
        return sorted(self.runs)


def places(positions: Sequence[Position | None], indices: Iterable[int]) -> Places:
    """Return where the ledger keeps records; those without a position are kept nowhere.

    Args:
        positions: of all records.
        indices: which of them are asked for.
    """
    found = Places({}, {})
    topic, partition, first, end = "", -1, 0, 0  # the block of the record before
    run = Run([], [])
    for index in indices:
        position = positions[index]
        if isinstance(position, KafkaPosition):
            offset = position.offset
            there = position.partition == partition and position.topic == topic
            if not there or not first <= offset < end:
                topic, partition, number = position.topic, position.partition, offset // BLOCK
                first, end = number * BLOCK, (number + 1) * BLOCK
                run = found.runs.setdefault(Block(f"{topic}-{partition}", number), Run([], []))
            run.indices.append(index)
            run.bits.append(offset - first)
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
        bits: of each block, as the ledger has them; None: the whole block is done.
    """
    done, after = set[int](), dict[Block, bytes | None]()
    for block, run in places.runs.items():
        before = _ALL if (known := bits[block]) is None else int.from_bytes(known, "little")
        wanted = _mask(run.bits)
        if before & wanted:
            pairs = zip(run.indices, run.bits, strict=True)
            done.update(index for index, bit in pairs if before >> bit & 1)
        if (now := before | wanted) != before:
            after[block] = None if now == _ALL else _bytes(now)
    return done, after


def _mask(bits: Sequence[int]) -> int:
    """A number with these bits. Mostly, they follow each other."""
    first, count = bits[0], len(bits)
    if bits == [*range(first, first + count)]:
        return ((1 << count) - 1) << first
    found = bytearray(BLOCK // 8)
    for bit in bits:
        found[bit >> 3] |= 1 << (bit & 7)
    return int.from_bytes(found, "little")


def _bytes(bits: int) -> bytes:
    return bits.to_bytes((bits.bit_length() + 7) // 8, "little")
