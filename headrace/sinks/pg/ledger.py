"""The ledger: which records have their rows, read and written in the transaction of these rows.

Its two tables, `headrace_offsets` and `headrace_ids`, lie beside the table of the rows. A block of
offsets is locked before it is read. So a second writer of the same records, such as a runner that
lost its partition and does not know it, waits for the first and finds what that has done.
"""

from collections.abc import Sequence

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
_LOCK = """
SELECT source, block, bits FROM {schema}.headrace_offsets
JOIN unnest(%s::text[], %s::bigint[]) AS wanted(source, block) USING (source, block)
WHERE sink = %s ORDER BY source, block FOR UPDATE OF headrace_offsets"""
_BEGIN = """
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


class Ledger:
    """What one sink has done.

    Args:
        schema: where its tables are.
        sink: by which name it is known: the group and the table.
    """

    def __init__(self, schema: str, sink: str) -> None:
        self._sink = sink
        self._schema = sql.Identifier(schema)
        self._lock, self._begin, self._mark, self._ids, self._forget = map(
            self._of, (_LOCK, _BEGIN, _MARK, _IDS, _FORGET)
        )

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

    def take(self, connection: Connection, places: Places) -> set[int]:
        """Mark records as done. Returns the indices of those that were done before."""
        done = self._take_bits(connection, places) if places.runs else set()
        return done | self._take_ids(connection, places) if places.ids else done

    def forget(self, connection: Connection, seconds: float) -> None:
        """Drop the ids of records that were done so long ago."""
        connection.execute(self._forget, (self._sink, seconds))

    def _take_bits(self, connection: Connection, places: Places) -> set[int]:
        wanted = places.blocks
        found = self._locked(connection, wanted)
        if len(found) < len(wanted):
            new = [block for block in wanted if block not in found]
            connection.execute(self._begin, (self._sink, *_columns(new)))
            found = self._locked(connection, wanted)
        done, after = sort_out(places, found)
        if after:
            bits = list(after.values())
            connection.execute(self._mark, (*_columns(list(after)), bits, self._sink))
        return done

    def _locked(self, connection: Connection, blocks: Sequence[Block]) -> dict[Block, bytes | None]:
        rows = connection.execute(self._lock, (*_columns(blocks), self._sink)).fetchall()
        return {Block(source, number): bits for source, number, bits in rows}

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
