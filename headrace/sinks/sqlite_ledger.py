"""The ledger of the SQLite sink: which records have their rows (see `headrace.sinks.table.done`).

Whoever writes holds the lock of the whole file, so what is read here stays so.
"""

import sqlite3
import time

from headrace.sinks.table.done import Block, Places, sort_out

_TABLES = (
    "CREATE TABLE IF NOT EXISTS headrace_offsets (sink TEXT, source TEXT, block INTEGER,"
    " bits BLOB, PRIMARY KEY (sink, source, block)) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS headrace_ids (sink TEXT, id TEXT, done_at REAL NOT NULL,"
    " PRIMARY KEY (sink, id)) WITHOUT ROWID",
    "CREATE INDEX IF NOT EXISTS headrace_ids_done_at ON headrace_ids (sink, done_at)",
)


class SqliteLedger:
    """What one sink has done. Its tables are made if they are missing.

    Args:
        connection: to the file of the rows.
        sink: by which name the sink is known: the group and the table.
    """

    def __init__(self, connection: sqlite3.Connection, sink: str) -> None:
        self._connection = connection
        self._sink = sink
        for statement in _TABLES:
            connection.execute(statement)

    def take(self, places: Places) -> set[int]:
        """Mark records as done. Returns the indices of those that were done before."""
        found = {block: self._bits(block) for block in places.blocks}
        done, after = sort_out(places, found)
        self._connection.executemany(
            "INSERT OR REPLACE INTO headrace_offsets VALUES (?, ?, ?, ?)",
            [(self._sink, *block, bits) for block, bits in after.items()],
        )
        return done | {index for index, name in places.ids.items() if not self._is_new(name)}

    def forget(self, seconds: float) -> None:
        """Drop the ids of records that were done so long ago."""
        self._connection.execute(
            "DELETE FROM headrace_ids WHERE sink = ? AND done_at < ?",
            (self._sink, time.time() - seconds),
        )

    def _bits(self, block: Block) -> bytes | None:
        found: tuple[bytes | None] | None = self._connection.execute(
            "SELECT bits FROM headrace_offsets WHERE sink = ? AND source = ? AND block = ?",
            (self._sink, *block),
        ).fetchone()
        return b"" if found is None else found[0]

    def _is_new(self, name: str) -> bool:
        row = (self._sink, name, time.time())
        made = self._connection.execute("INSERT OR IGNORE INTO headrace_ids VALUES (?, ?, ?)", row)
        return made.rowcount == 1
