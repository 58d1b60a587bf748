"""Checkpoints in a local SQLite file: how far each shard of a stream is done."""

import sqlite3
import threading
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Self

import msgspec

from headrace.errors import SettingsError
from headrace.record import DynamoDbPosition, KinesisPosition, Position

_SCHEMA = """
CREATE TABLE IF NOT EXISTS checkpoints (
    stream TEXT NOT NULL,
    shard TEXT NOT NULL,
    sequence_number TEXT,                 -- the last one done; NULL before the first
    started_at REAL,                      -- seconds since the epoch, where reading began at LATEST
    finished INTEGER NOT NULL DEFAULT 0,  -- when the shard, closed, was done to its end; 0: not yet
    sub_sequence_number INTEGER,          -- the last one done inside an aggregate; NULL: all of it
    PRIMARY KEY (stream, shard)
)
"""
_ADD_COLUMN = "ALTER TABLE checkpoints ADD COLUMN sub_sequence_number INTEGER"

# Sequence numbers have up to 128 bits and more, so they are compared as decimal strings. All of an
# aggregate is further than any record inside it.
_ADVANCE = """
INSERT INTO checkpoints (stream, shard, sequence_number, sub_sequence_number)
VALUES (?1, ?2, ?3, ?4)
ON CONFLICT (stream, shard) DO UPDATE SET sequence_number = ?3, sub_sequence_number = ?4
WHERE sequence_number IS NULL
   OR (length(?3), ?3, coalesce(?4, 9223372036854775807))
    > (length(sequence_number), sequence_number,
       coalesce(sub_sequence_number, 9223372036854775807))
"""

_LOAD = """
    SELECT shard, sequence_number, started_at, finished, sub_sequence_number
    FROM checkpoints WHERE stream = ?
"""
_BEGIN = """
INSERT OR IGNORE INTO checkpoints (stream, shard, started_at) VALUES (?, ?, ?)
"""

_FINISH = """
INSERT INTO checkpoints (stream, shard, finished) VALUES (?1, ?2, ?3)
ON CONFLICT (stream, shard) DO UPDATE SET finished = ?3
"""
_FORGET = "DELETE FROM checkpoints WHERE stream = ? AND shard = ? AND finished BETWEEN 1 AND ?"
# A listing may lack a shard for a moment; a shard that is finished and was not listed for so long
# is gone.
_GONE_SECONDS = 2 * 24 * 3600

# Shard, sequence number, sub-sequence number; None stands for all of a record.
Advance = tuple[str, str, int | None]


class Checkpoint(msgspec.Struct, frozen=True):
    """How far one shard is done.

    Attributes:
        sequence_number: the last one done; None before the first.
        started_at: seconds since the epoch, where reading began at the end of the shard.
        finished: the shard was closed, and read and processed to its end.
        sub_sequence_number: the last user record that is done inside the aggregate at
            `sequence_number`; None: all of that record is done.
    """

    sequence_number: str | None
    started_at: float | None
    finished: bool
    sub_sequence_number: int | None = None


class Checkpoints:
    """Durable, monotone positions by stream and shard; safe to use from several threads.

    Raises:
        SettingsError: the file cannot be opened, another runner holds it, or it is none of ours.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._database = sqlite3.connect(path, timeout=1, check_same_thread=False)
        except (OSError, sqlite3.DatabaseError) as error:
            reason = getattr(error, "strerror", None) or error
            raise SettingsError(f"checkpoints {path}: {reason}") from None
        try:
            # One runner per stream: the lock that the first write takes is never given back.
            self._database.execute("PRAGMA locking_mode = EXCLUSIVE")
            self._database.execute("PRAGMA journal_mode = WAL")
            # A power cut that took back where reading began at LATEST would lose records.
            self._database.execute("PRAGMA synchronous = FULL")
            with self._database:
                self._prepare()
        except sqlite3.DatabaseError as error:
            self._database.close()
            raise SettingsError(f"checkpoints {path}: {_explain(error)}") from None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def load(self, stream: str) -> dict[str, Checkpoint]:
        """Return the checkpoint of each shard that has one.

        Raises:
            SettingsError: the file is damaged, or its table is somebody else's.
        """
        try:
            with self._lock:
                rows = self._database.execute(_LOAD, (stream,)).fetchall()
        except sqlite3.DatabaseError as error:
            raise SettingsError(f"checkpoints {self._path}: {_explain(error)}") from None
        return {
            shard: Checkpoint(number, started_at, bool(finished), sub)
            for shard, number, started_at, finished, sub in rows
        }

    def begin(self, stream: str, shards: Iterable[str], started_at: float) -> None:
        """Note that shards are read from their end on, so that a restart begins there too."""
        with self._lock, self._database:
            rows = [(stream, shard, started_at) for shard in shards]
            self._database.executemany(_BEGIN, rows)

    def advance(self, stream: str, positions: Iterable[Advance]) -> None:
        """Move shards to these positions, all or none; never backwards."""
        with self._lock, self._database:
            self._database.executemany(_ADVANCE, [(stream, *position) for position in positions])

    def finish(self, stream: str, shard: str) -> None:
        """Note that a closed shard was read and processed to its end."""
        with self._lock, self._database:
            self._database.execute(_FINISH, (stream, shard, int(time.time())))

    def forget(self, stream: str, listed: Iterable[str]) -> None:
        """Drop shards that were finished days ago and are listed no more."""
        before = int(time.time()) - _GONE_SECONDS
        gone = self.load(stream).keys() - set(listed)
        if gone:
            with self._lock, self._database:
                self._database.executemany(_FORGET, [(stream, shard, before) for shard in gone])

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._database.close()

    def _prepare(self) -> None:
        self._database.execute(_SCHEMA)
        columns = self._database.execute("SELECT name FROM pragma_table_info('checkpoints')")
        if ("sub_sequence_number",) not in columns.fetchall():  # a file of an earlier version
            self._database.execute(_ADD_COLUMN)


def advance_to(position: Position) -> Advance:
    """Return what a position says of its shard. Raises TypeError if it lies in none."""
    if isinstance(position, KinesisPosition):
        return position.shard, position.sequence_number, position.sub_sequence_number
    if isinstance(position, DynamoDbPosition):
        return position.shard, position.sequence_number, None
    raise TypeError(f"{position} has no place in a shard")


def _explain(error: sqlite3.DatabaseError) -> str:
    if "locked" in str(error):
        return "another runner holds this file (one runner for each stream)"
    return str(error)
