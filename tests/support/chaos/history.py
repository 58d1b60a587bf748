"""What one runner process did: a file of lines, each written at once, so that a kill hides none.

    p k17 3 5 1234 81230051 81250377

is: processed key k17, number 3, from partition 5 at offset 1234, begun and ended at these
nanoseconds of the machine's monotonic clock, which all its processes share.
"""

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

PROCESSED = "p"
FAILED = "f"  # an attempt at a poisoned record
BURIED = "d"  # its dead letter was acknowledged
ASSIGNED = "a"
LOST = "l"  # an assignment was over before the runner knew
COMMITTING = "c"  # a commit of `offset` is about to be requested
KILLED = "k"  # by its own hand; `key` names the moment


class Event(NamedTuple):
    """One line, and the process that wrote it. Fields that say nothing are "-" and -1."""

    kind: str
    key: str
    sequence: int
    partition: int
    offset: int
    began: int
    ended: int
    runner: str


class History:
    """The file of this process. Lines of several threads do not mix."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)

    def note(
        self,
        kind: str,
        key: str = "-",
        sequence: int = -1,
        partition: int = -1,
        offset: int = -1,
        began: int | None = None,
    ) -> None:
        """Append one event that ends now; it began now, too, unless said otherwise."""
        now = time.monotonic_ns()
        began = now if began is None else began
        line = f"{kind} {key} {sequence} {partition} {offset} {began} {now}\n"
        os.write(self._file, line.encode())


def read(folder: Path) -> list[Event]:
    """All events of all processes, in the order of their ends."""
    events = [event for path in sorted(folder.glob("*.history")) for event in _events(path)]
    return sorted(events, key=lambda event: event.ended)


def processed(folder: Path) -> set[tuple[str, int]]:
    """The records that some process has processed: key, and number within it."""
    return {(event.key, event.sequence) for event in read(folder) if event.kind == PROCESSED}


def _events(path: Path) -> Iterator[Event]:
    *lines, _torn = path.read_text().split("\n")  # a kill may cut the last line short
    for line in lines:
        kind, key, *numbers = line.split(" ")
        sequence, partition, offset, began, ended = map(int, numbers)
        yield Event(kind, key, sequence, partition, offset, began, ended, path.stem)
