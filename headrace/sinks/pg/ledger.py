"""The ledger: which records have their rows, read and written in the transaction of these rows.

Its two tables, `headrace_offsets` and `headrace_ids`, lie beside the table of the rows. A block of
offsets is locked before it is read. So a second writer of the same records, such as a runner that
lost its partition and does not know it, waits for the first and finds what that has done.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import psycopg
from psycopg import sql

from headrace.sinks.pg.connections import Connection
from headrace.sinks.table.done import Block, Places, sort_out

_CREATE = """
CREATE TABLE IF NOT EXISTS {schema}.headrace_offsets (
    sink text, source text, block bigint, bits bytea, PRIMARY KEY (sink, source, block));
CREATE TABLE IF NOT EXISTS {schema}.headrace_ids (
    sink text, id text, done_at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (sink, id));
CREATE INDEX IF NOT EXISTS headrace_ids_done_at ON {schema}.headrace_ids (sink, done_at)"""
_OPEN = "BEGIN; SET LOCAL statement_timeout = {}"
_LOCK = """
SELECT source, block, bits FROM {schema}.headrace_offsets
WHERE sink = {sink} AND (source, block) IN ({blocks}) ORDER BY source, block FOR UPDATE"""
_NEW = """
INSERT INTO {schema}.headrace_offsets (sink, source, block, bits)
SELECT %s, source, block, '' FROM unnest(%s::text[], %s::bigint[]) AS wanted(source, block)
ORDER BY source, block ON CONFLICT DO NOTHING"""
_MARK = """
UPDATE {schema}.headrace_offsets AS o SET bits = n.bits
FROM unnest(%s::text[], %s::bigint[], %s::bytea[]) AS n(source, block, bits)
WHERE o.sink = %s AND o.source = n.source AND o.block = n.block"""
_IDS = """
INSERT INTO {schema}.headrace_ids (sink, id) SELECT %s, id FROM unnest(%s::text[]) AS id ORDER BY id
ON CONFLICT DO NOTHING RETURNING id"""
_FORGET = """
DELETE FROM {schema}.headrace_ids WHERE sink = %s AND done_at < now() - %s * interval '1 second'"""


class Begun(NamedTuple):
    """A transaction that has begun.

    Attributes:
        done: the indices of the messages whose records were done before.
        marks: the parameters of the statement that marks the others as done.
    """

    done: set[int]
    marks: tuple[object, ...]


class Ledger:
    """What one sink has done.

    Args:
        schema: where its tables are.
        sink: by which name it is known: the group and the table.
    """

    def __init__(self, schema: str, sink: str) -> None:
        self._sink = sink
        self._schema = sql.Identifier(schema)
        self._new, self._mark, self._ids, self._forget = map(self._of, (_NEW, _MARK, _IDS, _FORGET))

    def create(self, connection: Connection) -> None:
        """Make its tables, if they are missing. Raises psycopg.Error if that is not allowed."""
        there = sql.SQL("SELECT to_regclass({}), to_regclass({})").format(
            *(self._literal(name) for name in ("headrace_offsets", "headrace_ids"))
        )
        found = connection.execute(there).fetchone()
        if found and None not in found:
            return
        try:
            with connection.transaction():
                connection.execute(self._of(_CREATE))
        except (psycopg.errors.UniqueViolation, psycopg.errors.DuplicateTable):
            pass  # another process made them at this moment

    def begin(self, connection: Connection, places: Places, seconds: float) -> Begun:
        """Begin a transaction that the server ends if one of its statements takes too long.

        The blocks of the records are locked until it ends. Unless one is new, that is one turn to
        the server.

        Args:
            connection: without a transaction.
            places: of the records.
            seconds: that a statement may take.
        """
        opening = sql.SQL(_OPEN).format(int(seconds * 1000))
        if places.runs:
            found = self._lock(connection, places.blocks, opening)
        else:
            found = {}
            connection.execute(opening, prepare=False)
        done, after = sort_out(places, found)
        if places.ids:
            done |= self._take_ids(connection, places)
        return Begun(done, (*_columns(list(after)), list(after.values()), self._sink))

    def marking(self, statement: bytes) -> bytes:
        """Return a statement that marks records as done, too: `Begun.marks` come first."""
        return b"WITH marked AS (" + self._mark + b") " + statement

    def mark(self, connection: Connection, begun: Begun) -> None:
        """Mark records as done, if there are no rows to write."""
        connection.execute(self._mark, begun.marks)

    def forget(self, connection: Connection, seconds: float) -> None:
        """Drop the ids of records that were done so long ago."""
        connection.execute(self._forget, (self._sink, seconds))

    def _lock(
        self, connection: Connection, blocks: Sequence[Block], opening: sql.Composed
    ) -> dict[Block, bytes | None]:
        wanted = sql.SQL(", ").join(sql.SQL("({}, {})").format(*block) for block in blocks)
        lock = sql.SQL(_LOCK).format(schema=self._schema, sink=self._sink, blocks=wanted)
        found = _rows(connection.execute(opening + sql.SQL(";") + lock, prepare=False))
        new = [block for block in blocks if block not in found]
        if new:
            connection.execute(self._new, (self._sink, *_columns(new)))
            found = _rows(connection.execute(lock, prepare=False))
        return found

    def _take_ids(self, connection: Connection, places: Places) -> set[int]:
        rows = connection.execute(self._ids, (self._sink, list(places.ids.values()))).fetchall()
        fresh = {row[0] for row in rows}
        return {index for index, name in places.ids.items() if name not in fresh}

    def _of(self, text: str) -> bytes:
        return sql.SQL(text).format(schema=self._schema).as_bytes(None)

    def _literal(self, name: str) -> sql.Composed:
        full = sql.SQL(".").join([self._schema, sql.Identifier(name)])
        return sql.Composed([sql.Literal(full.as_string(None))])


def _columns(blocks: Sequence[Block]) -> tuple[list[str], list[int]]:
    return [block.source for block in blocks], [block.number for block in blocks]


def _rows(cursor: psycopg.Cursor[tuple[Any, ...]]) -> dict[Block, bytes | None]:
    while cursor.nextset():  # the last one has the rows
        pass
    return {Block(source, number): bits for source, number, bits in cursor}
