"""`postgres://host:5432/database?table=orders&key=id` writes rows of a table, each record's once.

A result is a JSON object: its fields are the columns of their names. A list of objects is several
rows. With `key`, a row takes the place of the one with its key (`mode=insert`: it is left out);
without, rows are appended. `columns=id,total:amount` names the columns that are written, and the
fields that they come from. Types are the table's own.

In the transaction of the rows stands which records they belong to (`headrace.sinks.pg.ledger`).
A record that comes again, after a crash or after a commit whose answer was lost, is passed over.
Records are known by group and position: `group=…`, or else the runner's own.

`user`, `password_file`, `sslmode`, `sslrootcert`, `sslcert` and `sslkey` say how to connect; the
rest is libpq's (PGPASSWORD, PGPASSFILE). To another machine, the connection is encrypted unless
`sslmode` says otherwise; `sslmode=verify-full` makes sure of who is there.
"""

import logging
import threading
import time
from collections.abc import Sequence

import psycopg

from headrace.sinks.base import ContentRefused, Message, WriteFailed
from headrace.sinks.pg import connections
from headrace.sinks.pg.connections import Connection, Connections
from headrace.sinks.pg.errors import in_our_terms, said
from headrace.sinks.pg.escapes import without
from headrace.sinks.pg.ledger import Ledger
from headrace.sinks.pg.table import Table, check, look_up
from headrace.sinks.table import parameters
from headrace.sinks.table.done import Places, places
from headrace.sinks.table.parameters import TableOptions, options
from headrace.sinks.table.rows import rows
from headrace.sinks.table.writing import write
from headrace.sinks.url import SinkUrl

_log = logging.getLogger(__name__)

_FORGET_SECONDS = 3600.0  # how often ids that are old enough are dropped


def open_url(url: SinkUrl) -> "PostgresSink":
    """Open `postgres://host/database?table=…`. The table must exist, and the server must answer."""
    return _opened(url)


def check_url(url: SinkUrl) -> None:
    """See whether the table is there and can have its ledger. Nothing stays in the database."""
    _opened(url, dry_run=True).close()


def _opened(url: SinkUrl, *, dry_run: bool = False) -> "PostgresSink":
    url.allow((*parameters.PARAMETERS, *connections.PARAMETERS))
    asked = options(url)
    pool = Connections(url, asked.timeout)
    try:
        with pool.one(patient=True) as connection:
            table = look_up(connection, asked)
            if isinstance(table, str):
                raise url.wrong(table)
            ledger = Ledger(table.schema, f"{asked.group}:{table.name}")
            with connection.transaction(force_rollback=dry_run):
                ledger.create(connection)
                check(connection, table)
    except (psycopg.Error, WriteFailed) as error:
        raise url.wrong(" ".join(str(error).split())) from None
    return PostgresSink(pool, table, ledger, asked)


class PostgresSink:
    """Rows of a table. Each thread that writes has a connection of its own.

    Args:
        pool: connections to the server.
        table: where the rows go.
        ledger: which records have theirs.
        asked: what the URL says.
    """

    def __init__(
        self, pool: Connections, table: Table, ledger: Ledger, asked: TableOptions
    ) -> None:
        self._pool = pool
        self._table = table
        self._insert = ledger.marking(table.insert)
        self._ledger = ledger
        self._options = asked
        self._lock = threading.Lock()
        self._forget_at = time.monotonic()

    def send(self, messages: Sequence[Message]) -> list[Exception | None]:
        """Write the rows, in as few transactions as possible; none of a record that has its own."""
        fields = self._table.fields
        texts = [
            found if isinstance(found := rows(message), ContentRefused) else without(found, fields)
            for message in messages
        ]
        positions = [message.position for message in messages]

        def attempt(part: Sequence[int]) -> None:
            with self._pool.one() as connection:
                place = places(positions, part)
                begun = self._ledger.begin(connection, place, self._options.timeout)
                fresh = [
                    text
                    for i in part
                    if i not in begun.done and isinstance(text := texts[i], bytes) and text
                ]
                if fresh:
                    # Bytes that are no UTF-8 are refused with their row, as the server would.
                    value = _text(b",".join(fresh))
                    self._write(connection, (*begun.marks, f"[{value}]"))
                else:
                    self._ledger.mark(connection, begun)
            if begun.done:
                _log.info("records passed over that have their rows: %d", len(begun.done))

        failures = write(messages, texts, attempt, self._options.timeout)
        self._forget()
        return failures

    def close(self) -> None:
        """Close the connections."""
        self._pool.close()

    def _write(self, connection: Connection, parameters: tuple[object, ...]) -> None:
        """Write rows. An error that no row is known to make is theirs if there is none without.

        Types, policies and triggers have errors of their own: of syntax, of rights, of any code.
        """
        try:
            connection.execute(self._insert, parameters)
        except psycopg.Error as error:
            if in_our_terms(error) is not error:
                raise
            connection.rollback()
            self._ledger.begin(connection, Places({}, {}), self._options.timeout)
            check(connection, self._table)
            raise ContentRefused(said(error)) from error

    def _forget(self) -> None:
        """Drop ids that are old enough, now and then; whoever comes first does it."""
        with self._lock:
            if time.monotonic() < self._forget_at:
                return
            self._forget_at = time.monotonic() + _FORGET_SECONDS
        try:
            with self._pool.one() as connection:
                self._ledger.begin(connection, Places({}, {}), self._options.timeout)
                self._ledger.forget(connection, self._options.remember)
        except Exception as error:  # noqa: BLE001 - they may stay for another hour
            _log.warning("old ids could not be dropped: %s", error)


def _text(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise ContentRefused(f"not UTF-8: {error.reason}") from None
